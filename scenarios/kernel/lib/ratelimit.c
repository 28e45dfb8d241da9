// Not too many messages (lib/ratelimit.c).
#include <linux/bitops.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>

#define RATELIMIT_BUSY 31  // of flags: somebody counts

int ___ratelimit(struct ratelimit_state* rs, const char* func) {
  unsigned long flags;
  int may = 0;

  if (!rs->interval) return 1;
  flags = __local_irq_save();
  // Whoever finds somebody else counting is one too many.
  if (!test_and_set_bit_lock(RATELIMIT_BUSY, &rs->flags)) {
    if (!rs->begin) rs->begin = jiffies;
    if (time_is_before_jiffies(rs->begin + (unsigned long)rs->interval)) {
      if (rs->missed) printk(KERN_WARNING "%s: %d callbacks suppressed\n", func, rs->missed);
      rs->missed = 0;
      rs->begin = jiffies;
      rs->printed = 0;
    }
    may = rs->burst && rs->burst > rs->printed;
    if (may)
      rs->printed++;
    else
      rs->missed++;
    clear_bit_unlock(RATELIMIT_BUSY, &rs->flags);
  }
  __local_irq_restore(flags);
  return may;
}
