// Interrupts of devices (kernel/irq/manage.c).
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/interrupt.h>

// No device has an interrupt.
int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char* name, void* dev) {
  return -EINVAL;
}
const void* free_irq(unsigned int irq, void* dev) {
  WARN(1, "Trying to free already-free IRQ %u\n", irq);
  return NULL;
}
