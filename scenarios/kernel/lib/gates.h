// What the model does for the kernel's guest code: functions that it has entries of, and no code.
#ifndef TRAPLINE_LIB_GATES_H
#define TRAPLINE_LIB_GATES_H

#include <linux/sched.h>
#include <linux/timekeeping.h>
#include <linux/types.h>

struct inode;

// Yields where current->__state is TASK_RUNNING. Else sleeps until it is woken, or until ktime_get_ns() is
// that
// (~0: never); not where a signal is pending that ends the sleep. The state is TASK_RUNNING when it returns.
void __schedule_until(u64 ns);
// try_to_wake_up(): sets a task running whose state is one of these. 1: it did.
int wake_up_state(struct task_struct* p, unsigned int state);
// A kernel task that runs fn(arg) once it is woken; cpu -1: on any. Or an ERR_PTR(). Any context.
struct task_struct* __kernel_thread(int (*fn)(void*), void* arg, const char* name, int cpu);
// Ends the task that runs.
void __exit_task(long code) __noreturn;
// Calls func(arg) on that CPU in interrupt context, hard or soft, at that time or as soon as it may (0: at
// once). One pair of function and argument is queued once at a time; callers see to it. Any context.
void __kernel_call_at(u64 ns, int cpu, int soft, void (*func)(unsigned long), unsigned long arg);
// 1: it was still queued, and is no more; 0: it was not; it may be running.
int __kernel_call_cancel(void (*func)(unsigned long), unsigned long arg);
// CPU hotplug: whether the CPU can go away; its perf events go or may come; all that runs there goes on
// elsewhere; tasks may run there again.
bool __cpu_hotpluggable(unsigned int cpu);
void __perf_event_cpu(unsigned int cpu, bool online);
void __take_cpu_down(unsigned int cpu);
void __bringup_cpu(unsigned int cpu);
// The end: the machine stops; whether kexec_load(2) gave another kernel; that goes on in this one's place, or an
// error.
void __machine_stop(void) __noreturn;
bool __kexec_loaded(void);
long __machine_kexec(void);
// Files in the folders that programs see, by absolute paths; the folder of each is there. 0, or an error:
// EEXIST where there is one (which stays as it is).
int __file_add(const char* path, umode_t mode, struct inode* inode);
int __folder_add(const char* path);
int __symlink_add(const char* path, const char* target);
// With all that is in it.
void __file_remove(const char* path);
// A poll(2) of the task's asks again: what it waits for may be the case.
void __poll_wake(struct task_struct* p);

#endif
