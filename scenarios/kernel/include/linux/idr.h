/* Numbers given out: a bitmap of the first 1024. */
#ifndef TRAPLINE_LINUX_IDR_H
#define TRAPLINE_LINUX_IDR_H

#include <linux/bitmap.h>
#include <linux/spinlock.h>
struct ida {
  spinlock_t lock;
  DECLARE_BITMAP(used, 1024);
};
#define DEFINE_IDA(name) struct ida name = {.lock = SPIN_LOCK_UNLOCKED}
#define ida_init(ida)                                  \
  do {                                                 \
    *(ida) = (struct ida){.lock = SPIN_LOCK_UNLOCKED}; \
  } while (0)
#define ida_destroy(ida) \
  do {                   \
    (void)(ida);         \
  } while (0)
static inline int ida_alloc_range(struct ida* ida, unsigned int min, unsigned int max, gfp_t gfp) {
  unsigned long flags, id;
  spin_lock_irqsave(&ida->lock, flags);
  id = find_next_zero_bit(ida->used, 1024, min);
  if (id < 1024 && id <= max) __set_bit((long)id, ida->used);
  spin_unlock_irqrestore(&ida->lock, flags);
  return id < 1024 && id <= max ? (int)id : -ENOSPC;
}
static inline void ida_free(struct ida* ida, unsigned int id) {
  if (id < 1024) clear_bit(id, ida->used);
}
#define ida_alloc(ida, gfp) ida_alloc_range(ida, 0, ~0u, gfp)
#define ida_alloc_min(ida, min, gfp) ida_alloc_range(ida, min, ~0u, gfp)
#define ida_alloc_max(ida, max, gfp) ida_alloc_range(ida, 0, max, gfp)
#define ida_simple_get(ida, start, end, gfp) ida_alloc_range(ida, start, (end) ? (end)-1 : ~0u, gfp)
#define ida_simple_remove(ida, id) ida_free(ida, id)

#endif
