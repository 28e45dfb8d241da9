/* Timers: functions called in softirq context at a tick. */
#ifndef TRAPLINE_LINUX_TIMER_H
#define TRAPLINE_LINUX_TIMER_H

#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/list.h>
struct timer_list {
  struct hlist_node entry; /* pprev is nonzero while the timer is pending */
  unsigned long expires;
  void (*function)(struct timer_list*);
  u32 flags; /* the CPU in TIMER_CPUMASK, the level of the wheel from TIMER_ARRAYSHIFT on */
  u32 tick;  /* of jiffies, when it goes off */
};
#define TIMER_CPUMASK 0x0003ffff
#define TIMER_ARRAYSHIFT 22
#define TIMER_DEFERRABLE 0x00080000
#define TIMER_PINNED 0x00100000
#define TIMER_IRQSAFE 0x00200000
#define __TIMER_INITIALIZER(f, fl) \
  { .entry = {NULL, NULL}, .function = (f), .flags = (fl) }
#define DEFINE_TIMER(name, f) struct timer_list name = __TIMER_INITIALIZER(f, 0)
static inline void __timer_init(struct timer_list* t, void (*f)(struct timer_list*), u32 flags) {
  *t = (struct timer_list)__TIMER_INITIALIZER(f, flags);
}
#define timer_setup(t, f, flags) __timer_init(t, f, flags)
#define timer_setup_on_stack(t, f, flags) __timer_init(t, f, flags)
#define destroy_timer_on_stack(t) \
  do {                            \
    (void)(t);                    \
  } while (0)
#define from_timer(var, callback_timer, field) container_of(callback_timer, typeof(*var), field)
static inline int timer_pending(const struct timer_list* t) { return t->entry.pprev != NULL; }
void add_timer(struct timer_list* t);
void add_timer_on(struct timer_list* t, int cpu);
int mod_timer(struct timer_list* t, unsigned long expires);
int mod_timer_pending(struct timer_list* t, unsigned long expires);
int del_timer(struct timer_list* t);
int del_timer_sync(struct timer_list* t);
/* Only to an earlier time. */
int timer_reduce(struct timer_list* t, unsigned long expires);
/* -1: its function runs. */
int try_to_del_timer_sync(struct timer_list* t);
#define timer_delete(t) del_timer(t)
#define timer_delete_sync(t) del_timer_sync(t)
#define timer_shutdown(t) del_timer(t)
#define timer_shutdown_sync(t) del_timer_sync(t)
#define round_jiffies(j) (((j) + HZ - 1) / HZ * HZ)
#define round_jiffies_relative(j) (j)

#endif
