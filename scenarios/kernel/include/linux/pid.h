/* Numbers of tasks. */
#ifndef TRAPLINE_LINUX_PID_H
#define TRAPLINE_LINUX_PID_H

#include <linux/rculist.h>
#include <linux/types.h>
enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };
struct pid;
struct task_struct;
struct pid* find_get_pid(pid_t nr);
struct pid* find_vpid(int nr);
struct pid* get_pid(struct pid* pid);
void put_pid(struct pid* pid);
struct task_struct* pid_task(struct pid* pid, enum pid_type type);
struct task_struct* get_pid_task(struct pid* pid, enum pid_type type);
struct pid* get_task_pid(struct task_struct* task, enum pid_type type);
struct pid* task_pid(struct task_struct* task);
pid_t pid_nr(struct pid* pid);
#define pid_vnr(pid) pid_nr(pid)
#define find_pid(nr) find_vpid(nr)
#define find_pid_ns(nr, ns) find_vpid(nr)
#define task_tgid(task) task_pid((task)->group_leader)

#endif
