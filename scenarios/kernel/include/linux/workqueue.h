/* Work done in worker tasks. */
#ifndef TRAPLINE_LINUX_WORKQUEUE_H
#define TRAPLINE_LINUX_WORKQUEUE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/timer.h>
struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct* work);
struct work_struct {
  unsigned long data; /* bit 0: pending */
  struct list_head entry;
  work_func_t func;
};
struct delayed_work {
  struct work_struct work;
  struct timer_list timer;
  struct workqueue_struct* wq;
  int cpu;
};
void delayed_work_timer_fn(struct timer_list* t);
#define __WORK_INITIALIZER(n, f) \
  { .data = 0, .entry = LIST_HEAD_INIT((n).entry), .func = (f) }
#define __DELAYED_WORK_INITIALIZER(n, f, flags)                                  \
  {                                                                              \
    .work = __WORK_INITIALIZER((n).work, f),                                     \
    .timer = __TIMER_INITIALIZER(delayed_work_timer_fn, (flags) | TIMER_IRQSAFE) \
  }
#define DECLARE_WORK(n, f) struct work_struct n = __WORK_INITIALIZER(n, f)
#define DECLARE_DELAYED_WORK(n, f) struct delayed_work n = __DELAYED_WORK_INITIALIZER(n, f, 0)
#define DECLARE_DEFERRABLE_WORK(n, f) DECLARE_DELAYED_WORK(n, f)
#define INIT_WORK(w, f)          \
  do {                           \
    (w)->data = 0;               \
    INIT_LIST_HEAD(&(w)->entry); \
    (w)->func = (f);             \
  } while (0)
#define INIT_WORK_ONSTACK(w, f) INIT_WORK(w, f)
#define destroy_work_on_stack(w) \
  do {                           \
    (void)(w);                   \
  } while (0)
#define INIT_DELAYED_WORK(w, f)                                     \
  do {                                                              \
    INIT_WORK(&(w)->work, f);                                       \
    timer_setup(&(w)->timer, delayed_work_timer_fn, TIMER_IRQSAFE); \
  } while (0)
#define INIT_DELAYED_WORK_ONSTACK(w, f) INIT_DELAYED_WORK(w, f)
#define INIT_DEFERRABLE_WORK(w, f) INIT_DELAYED_WORK(w, f)
static inline struct delayed_work* to_delayed_work(struct work_struct* work) {
  return container_of(work, struct delayed_work, work);
}
#define work_pending(w) (READ_ONCE((w)->data) & 1)
#define delayed_work_pending(w) work_pending(&(w)->work)
extern struct workqueue_struct *system_wq, *system_highpri_wq, *system_long_wq, *system_unbound_wq;
#define WORK_CPU_UNBOUND 64
#define WQ_UNBOUND 2u
#define WQ_FREEZABLE 4u
#define WQ_MEM_RECLAIM 8u
#define WQ_HIGHPRI 16u
#define WQ_CPU_INTENSIVE 32u
#define WQ_SYSFS 64u
__printf(1, 4) struct workqueue_struct* alloc_workqueue(const char* fmt, unsigned int flags, int max_active,
                                                        ...);
#define alloc_ordered_workqueue(fmt, flags, args...) alloc_workqueue(fmt, WQ_UNBOUND | (flags), 1, ##args)
#define create_workqueue(name) alloc_workqueue("%s", WQ_MEM_RECLAIM, 1, (name))
#define create_singlethread_workqueue(name) alloc_ordered_workqueue("%s", WQ_MEM_RECLAIM, name)
#define create_freezable_workqueue(name) create_workqueue(name)
void destroy_workqueue(struct workqueue_struct* wq);
bool queue_work_on(int cpu, struct workqueue_struct* wq, struct work_struct* work);
bool queue_delayed_work_on(int cpu, struct workqueue_struct* wq, struct delayed_work* work,
                           unsigned long delay);
bool mod_delayed_work_on(int cpu, struct workqueue_struct* wq, struct delayed_work* work,
                         unsigned long delay);
void __flush_workqueue(struct workqueue_struct* wq);
bool flush_work(struct work_struct* work);
bool flush_delayed_work(struct delayed_work* work);
bool cancel_work(struct work_struct* work);
bool cancel_work_sync(struct work_struct* work);
bool cancel_delayed_work(struct delayed_work* work);
bool cancel_delayed_work_sync(struct delayed_work* work);
#define queue_work(wq, work) queue_work_on(WORK_CPU_UNBOUND, wq, work)
#define queue_delayed_work(wq, work, delay) queue_delayed_work_on(WORK_CPU_UNBOUND, wq, work, delay)
#define mod_delayed_work(wq, work, delay) mod_delayed_work_on(WORK_CPU_UNBOUND, wq, work, delay)
#define schedule_work(work) queue_work(system_wq, work)
#define schedule_work_on(cpu, work) queue_work_on(cpu, system_wq, work)
#define schedule_delayed_work(work, delay) queue_delayed_work(system_wq, work, delay)
#define schedule_delayed_work_on(cpu, work, delay) queue_delayed_work_on(cpu, system_wq, work, delay)
#define flush_workqueue(wq) __flush_workqueue(wq)
void drain_workqueue(struct workqueue_struct* wq);
#define flush_scheduled_work() __flush_workqueue(system_wq)
long work_on_cpu(int cpu, long (*fn)(void*), void* arg);
#define work_on_cpu_safe(cpu, fn, arg) work_on_cpu(cpu, fn, arg)
int schedule_on_each_cpu(work_func_t func);
struct work_struct* current_work(void);

#endif
