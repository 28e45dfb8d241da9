/* Interrupts of this CPU, off and on. */
#ifndef TRAPLINE_LINUX_IRQFLAGS_H
#define TRAPLINE_LINUX_IRQFLAGS_H

#include <linux/typecheck.h>
#include <linux/types.h>
unsigned long __local_irq_save(void);
void __local_irq_restore(unsigned long flags);
void local_irq_disable(void);
void local_irq_enable(void);
bool irqs_disabled(void);
#define local_irq_save(flags)     \
  do {                            \
    (flags) = __local_irq_save(); \
  } while (0)
#define local_irq_restore(flags) __local_irq_restore(flags)
#define local_save_flags(flags)   \
  do {                            \
    (flags) = __local_irq_save(); \
    __local_irq_restore(flags);   \
  } while (0)
#define raw_local_irq_save(flags) local_irq_save(flags)
#define raw_local_irq_restore(flags) local_irq_restore(flags)
#define raw_local_irq_disable() local_irq_disable()
#define raw_local_irq_enable() local_irq_enable()

#endif
