/* Sequence locks: readers that retry when a writer was there. */
#ifndef TRAPLINE_LINUX_SEQLOCK_H
#define TRAPLINE_LINUX_SEQLOCK_H

#include <linux/spinlock.h>
typedef struct seqcount {
  unsigned int sequence;
} seqcount_t;
typedef struct {
  seqcount_t seqcount;
  spinlock_t lock;
} seqlock_t;
#define SEQCNT_ZERO(name) \
  { .sequence = 0 }
#define __SEQLOCK_UNLOCKED(name) \
  { .seqcount = SEQCNT_ZERO(name), .lock = SPIN_LOCK_UNLOCKED }
#define DEFINE_SEQLOCK(name) seqlock_t name = __SEQLOCK_UNLOCKED(name)
#define seqcount_init(s) \
  do {                   \
    (s)->sequence = 0;   \
  } while (0)
#define seqlock_init(s)            \
  do {                             \
    seqcount_init(&(s)->seqcount); \
    spin_lock_init(&(s)->lock);    \
  } while (0)
static inline unsigned int read_seqcount_begin(const seqcount_t* s) {
  unsigned int n;
  while ((n = READ_ONCE(s->sequence)) & 1) cpu_relax();
  smp_rmb();
  return n;
}
static inline int read_seqcount_retry(const seqcount_t* s, unsigned int start) {
  smp_rmb();
  return READ_ONCE(s->sequence) != start;
}
static inline void write_seqcount_begin(seqcount_t* s) {
  s->sequence++;
  smp_wmb();
}
static inline void write_seqcount_end(seqcount_t* s) {
  smp_wmb();
  s->sequence++;
}
static inline unsigned int read_seqbegin(const seqlock_t* s) { return read_seqcount_begin(&s->seqcount); }
static inline unsigned int read_seqretry(const seqlock_t* s, unsigned int start) {
  return read_seqcount_retry(&s->seqcount, start);
}
static inline void write_seqlock(seqlock_t* s) {
  spin_lock(&s->lock);
  write_seqcount_begin(&s->seqcount);
}
static inline void write_sequnlock(seqlock_t* s) {
  write_seqcount_end(&s->seqcount);
  spin_unlock(&s->lock);
}
#define write_seqlock_irqsave(s, flags) \
  do {                                  \
    (flags) = __local_irq_save();       \
    write_seqlock(s);                   \
  } while (0)
#define write_sequnlock_irqrestore(s, flags) \
  do {                                       \
    write_sequnlock(s);                      \
    __local_irq_restore(flags);              \
  } while (0)

#endif
