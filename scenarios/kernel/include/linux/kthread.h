/* Tasks of the kernel. */
#ifndef TRAPLINE_LINUX_KTHREAD_H
#define TRAPLINE_LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>
/* node is ignored; the task starts at wake_up_process(). */
__printf(4, 5) struct task_struct* kthread_create_on_node(int (*threadfn)(void* data), void* data, int node,
                                                          const char* namefmt, ...);
/* namefmt may have one %u, for the CPU. */
struct task_struct* kthread_create_on_cpu(int (*threadfn)(void* data), void* data, unsigned int cpu,
                                          const char* namefmt);
void kthread_bind(struct task_struct* k, unsigned int cpu);
void kthread_bind_mask(struct task_struct* k, const struct cpumask* mask);
int kthread_stop(struct task_struct* k);
bool kthread_should_stop(void);
bool kthread_should_park(void);
int kthread_park(struct task_struct* k);
void kthread_unpark(struct task_struct* k);
void kthread_parkme(void);
void* kthread_data(struct task_struct* k);
void kthread_exit(long result) __noreturn;
void kthread_complete_and_exit(struct completion* c, long code) __noreturn;
#define kthread_create(threadfn, data, namefmt, arg...) \
  kthread_create_on_node(threadfn, data, -1, namefmt, ##arg)
#define kthread_run(threadfn, data, namefmt, ...)                                     \
  ({                                                                                  \
    struct task_struct* __k = kthread_create(threadfn, data, namefmt, ##__VA_ARGS__); \
    if (!IS_ERR(__k)) wake_up_process(__k);                                           \
    __k;                                                                              \
  })
static inline struct task_struct* kthread_run_on_cpu(int (*threadfn)(void* data), void* data,
                                                     unsigned int cpu, const char* namefmt) {
  struct task_struct* p = kthread_create_on_cpu(threadfn, data, cpu, namefmt);
  if (!IS_ERR(p)) wake_up_process(p);
  return p;
}
#define kthread_freezable_should_stop(frozen) kthread_should_stop()
#define kthread_stop_put(k)    \
  ({                           \
    int __r = kthread_stop(k); \
    put_task_struct(k);        \
    __r;                       \
  })
#define do_exit(code) kthread_exit(code)
#define complete_and_exit(c, code) kthread_complete_and_exit(c, code)

#endif
