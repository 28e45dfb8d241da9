/* Work done in interrupt context, soon. */
#ifndef TRAPLINE_LINUX_IRQ_WORK_H
#define TRAPLINE_LINUX_IRQ_WORK_H

#include <linux/types.h>
struct irq_work {
  unsigned long state; /* bit 0: pending; bit 1: busy */
  struct irq_work* next;
  void (*func)(struct irq_work* work);
};
bool irq_work_queue(struct irq_work* work);
bool irq_work_queue_on(struct irq_work* work, int cpu);
void irq_work_sync(struct irq_work* work);
#define IRQ_WORK_INIT(f) \
  { .state = 0, .next = NULL, .func = f }
#define DEFINE_IRQ_WORK(name, f) struct irq_work name = IRQ_WORK_INIT(f)
static inline void init_irq_work(struct irq_work* work, void (*func)(struct irq_work*)) {
  *work = (struct irq_work)IRQ_WORK_INIT(func);
}
static inline bool irq_work_is_pending(struct irq_work* work) { return work->state & 1; }

#endif
