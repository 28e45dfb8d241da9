/* Handlers of interrupts and tasklets. */
#ifndef TRAPLINE_LINUX_INTERRUPT_H
#define TRAPLINE_LINUX_INTERRUPT_H

#include <linux/cpumask.h>
#include <linux/hardirq.h>
#include <linux/irqflags.h>
#include <linux/irqreturn.h>
#include <linux/ptrace.h>
#define IRQF_SHARED 0x80
#define IRQF_ONESHOT 0x2000
#define IRQF_TRIGGER_NONE 0
#define IRQF_TRIGGER_RISING 1
#define IRQF_TRIGGER_FALLING 2
typedef irqreturn_t (*irq_handler_t)(int irq, void* dev_id);
int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char* name, void* dev);
const void* free_irq(unsigned int irq, void* dev);
/* A function run in softirq context; state: bit 0 scheduled, bit 1 running. */
struct tasklet_struct {
  struct tasklet_struct* next;
  unsigned long state;
  atomic_t count; /* nonzero: disabled */
  bool use_callback;
  union {
    void (*func)(unsigned long data);
    void (*callback)(struct tasklet_struct* t);
  };
  unsigned long data;
};
#define DECLARE_TASKLET(name, function) \
  struct tasklet_struct name = {.count = ATOMIC_INIT(0), .use_callback = true, .callback = function}
#define DECLARE_TASKLET_OLD(name, function) \
  struct tasklet_struct name = {.count = ATOMIC_INIT(0), .func = function}
static inline void tasklet_setup(struct tasklet_struct* t, void (*callback)(struct tasklet_struct*)) {
  *t = (struct tasklet_struct){.use_callback = true, .callback = callback};
}
static inline void tasklet_init(struct tasklet_struct* t, void (*func)(unsigned long), unsigned long data) {
  *t = (struct tasklet_struct){.func = func, .data = data};
}
void tasklet_schedule(struct tasklet_struct* t);
void tasklet_kill(struct tasklet_struct* t);
void tasklet_hi_schedule(struct tasklet_struct* t);
/* With a wait for the end of its function where that runs. */
void tasklet_disable(struct tasklet_struct* t);
#define tasklet_disable_in_atomic(t) tasklet_disable(t)
#define tasklet_disable_nosync(t) atomic_inc(&(t)->count)
#define tasklet_enable(t)    \
  do {                       \
    smp_mb();                \
    atomic_dec(&(t)->count); \
  } while (0)
#define from_tasklet(var, callback_tasklet, field) container_of(callback_tasklet, typeof(*var), field)

#endif
