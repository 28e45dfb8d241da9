/* Tasks. */
#ifndef TRAPLINE_LINUX_SCHED_H
#define TRAPLINE_LINUX_SCHED_H

#include <asm/current.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/time.h>
#include <linux/types.h>

#define TASK_COMM_LEN 16
struct task_struct {
  union {
    unsigned int __state;
    unsigned int state; /* Linux before 5.14 calls it so */
  };
  unsigned int flags;
  pid_t pid;
  pid_t tgid;
  int prio;
  int static_prio;
  unsigned int on_cpu_nr; /* task_cpu() gives it */
  int exit_code;
  char comm[TASK_COMM_LEN];
  struct mm_struct* mm;
  struct task_struct* real_parent;
  struct task_struct* parent;
  struct task_struct* group_leader;
  struct list_head tasks;
  u64 start_time;
  unsigned long nvcsw;
  unsigned long nivcsw;
  void* stack;
  void* worker_private;       /* of a kernel thread: its struct kthread */
  unsigned int notify_signal; /* TIF_NOTIFY_SIGNAL: kthread_stop() ends every interruptible sleep */
  unsigned int pad_;
  void* wq_worker; /* of a kworker: its struct worker */
  unsigned long reserved_[5];
};
_Static_assert(offsetof(struct task_struct, pid) == 8 && offsetof(struct task_struct, comm) == 32 &&
                   offsetof(struct task_struct, mm) == 48 && offsetof(struct task_struct, tasks) == 80 &&
                   offsetof(struct task_struct, start_time) == 96 &&
                   offsetof(struct task_struct, stack) == 120 &&
                   offsetof(struct task_struct, worker_private) == 128 && sizeof(struct task_struct) == 192,
               "the emulator writes it");

#define TASK_RUNNING 0x0000
#define TASK_INTERRUPTIBLE 0x0001
#define TASK_UNINTERRUPTIBLE 0x0002
#define __TASK_STOPPED 0x0004
#define __TASK_TRACED 0x0008
#define EXIT_DEAD 0x0010
#define EXIT_ZOMBIE 0x0020
#define TASK_PARKED 0x0040
#define TASK_DEAD 0x0080
#define TASK_WAKEKILL 0x0100
#define TASK_NOLOAD 0x0400
#define TASK_NEW 0x0800
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)
#define TASK_STOPPED (TASK_WAKEKILL | __TASK_STOPPED)
#define TASK_TRACED __TASK_TRACED
#define TASK_IDLE (TASK_UNINTERRUPTIBLE | TASK_NOLOAD)
#define TASK_NORMAL (TASK_INTERRUPTIBLE | TASK_UNINTERRUPTIBLE)
#define PF_EXITING 0x00000004
#define PF_WQ_WORKER 0x00000020
#define PF_FORKNOEXEC 0x00000040
#define PF_SUPERPRIV 0x00000100
#define PF_SIGNALED 0x00000400
#define PF_KTHREAD 0x00200000
#define MAX_RT_PRIO 100
#define DEFAULT_PRIO 120
#define MAX_SCHEDULE_TIMEOUT ((long)(~0UL >> 1))
#define SCHED_NORMAL 0
#define SCHED_FIFO 1
#define SCHED_RR 2

extern struct task_struct init_task;
void schedule(void);
signed long schedule_timeout(signed long timeout);
int wake_up_process(struct task_struct* p);
void yield(void);
bool signal_pending(struct task_struct* p);
static inline bool __signal_pending(struct task_struct* p) {
  return READ_ONCE(p->notify_signal) || signal_pending(p);
}
#define signal_pending(p) __signal_pending(p)
int set_cpus_allowed_ptr(struct task_struct* p, const struct cpumask* mask);
void set_user_nice(struct task_struct* p, long nice);
void sched_set_fifo(struct task_struct* p);
int send_sig(int sig, struct task_struct* p, int priv);
struct task_struct* get_task_struct(struct task_struct* p);
void put_task_struct(struct task_struct* p);
struct task_struct* next_thread(const struct task_struct* p); /* round the thread group */
struct task_struct* find_task_by_vpid(pid_t nr);
void __set_task_state(struct task_struct* p, unsigned int state);
void send_sig_fault(int sig, int code, void __user* addr, struct task_struct* p);
int kill_pid_nr(pid_t pid, int sig);

/* The state of the task that runs, with a barrier between it and what is read next. */
#define __set_current_state(state) __set_task_state(current, state)
#define set_current_state(state)      \
  do {                                \
    __set_task_state(current, state); \
    smp_mb();                         \
  } while (0)
#define get_current_state() READ_ONCE(current->__state)
#define task_is_running(p) (READ_ONCE((p)->__state) == TASK_RUNNING)
static inline signed long schedule_timeout_interruptible(signed long timeout) {
  __set_current_state(TASK_INTERRUPTIBLE);
  return schedule_timeout(timeout);
}
static inline signed long schedule_timeout_uninterruptible(signed long timeout) {
  __set_current_state(TASK_UNINTERRUPTIBLE);
  return schedule_timeout(timeout);
}
static inline signed long schedule_timeout_killable(signed long timeout) {
  __set_current_state(TASK_KILLABLE);
  return schedule_timeout(timeout);
}
#define schedule_timeout_idle(timeout) schedule_timeout_uninterruptible(timeout)
void __cond_resched(void);
#define cond_resched() \
  ({                   \
    __cond_resched();  \
    0;                 \
  })
#define need_resched() (false)
#define io_schedule() schedule()
bool fatal_signal_pending(struct task_struct* p);
static inline bool signal_pending_state(unsigned int state, struct task_struct* p) {
  if (state & TASK_INTERRUPTIBLE) return signal_pending(p);
  return (state & TASK_WAKEKILL) && fatal_signal_pending(p);
}
#define sched_set_normal(p, nice) set_user_nice(p, nice)
#define sched_set_fifo_low(p) sched_set_fifo(p)

static inline unsigned int task_cpu(const struct task_struct* p) { return p->on_cpu_nr; }
static inline pid_t task_pid_nr(struct task_struct* p) { return p->pid; }
static inline pid_t task_tgid_nr(struct task_struct* p) { return p->tgid; }
static inline pid_t task_pid_vnr(struct task_struct* p) { return p->pid; }
static inline pid_t task_tgid_vnr(struct task_struct* p) { return p->tgid; }
static inline pid_t task_ppid_nr(const struct task_struct* p) {
  return p->real_parent ? p->real_parent->tgid : 0;
}
static inline int task_nice(const struct task_struct* p) { return p->static_prio - DEFAULT_PRIO; }
static inline int task_prio(const struct task_struct* p) { return p->prio - MAX_RT_PRIO; }
static inline bool is_idle_task(const struct task_struct* p) { return p->pid == 0; }
static inline int is_global_init(struct task_struct* p) { return p->tgid == 1; }
static inline int pid_alive(const struct task_struct* p) { return !(p->__state & TASK_DEAD); }
static inline bool thread_group_leader(struct task_struct* p) { return p->group_leader == p; }
static inline bool same_thread_group(struct task_struct* a, struct task_struct* b) {
  return a->tgid == b->tgid;
}
static inline char task_state_to_char(struct task_struct* p) {
  unsigned int state = READ_ONCE(p->__state);
  return state == TASK_RUNNING          ? 'R'
         : state & EXIT_ZOMBIE          ? 'Z'
         : state & TASK_INTERRUPTIBLE   ? 'S'
         : state & TASK_UNINTERRUPTIBLE ? 'D'
                                        : 'T';
}
#define get_task_comm(buf, p)               \
  ({                                        \
    strscpy((buf), (p)->comm, sizeof(buf)); \
    (buf);                                  \
  })
#define set_task_comm(p, name) strscpy((p)->comm, name, TASK_COMM_LEN)
#define current_thread_info() ((void*)current)
#define task_thread_info(p) ((void*)(p))
/* These live in sched/signal.h and sched/task.h; older sources look for them here. */
#define next_task(p) list_entry(READ_ONCE((p)->tasks.next), struct task_struct, tasks)
#define for_each_process(p) for (p = &init_task; (p = next_task(p)) != &init_task;)
#define __next_thread_or_null(leader, t) \
  ({                                     \
    typeof(t) __nt = next_thread(t);     \
    __nt == (leader) ? NULL : __nt;      \
  })
#define for_each_thread(p, t) \
  for (struct task_struct* __tl = ((t) = (p)->group_leader); (t); (t) = __next_thread_or_null(__tl, t))
#define for_each_process_thread(p, t) for_each_process(p) for_each_thread(p, t)
#define do_each_thread(g, t) \
  for_each_process(g) for (struct task_struct* __tl = ((t) = (g)); (t); (t) = __next_thread_or_null(__tl, t))
#define while_each_thread(g, t)

#endif
