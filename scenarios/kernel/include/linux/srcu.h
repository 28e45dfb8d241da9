/* RCU whose readers may sleep: two counts of readers in turns. */
#ifndef TRAPLINE_LINUX_SRCU_H
#define TRAPLINE_LINUX_SRCU_H

#include <linux/mutex.h>
#include <linux/rcupdate.h>
struct srcu_struct {
  unsigned int idx; /* bit 0: which count a reader is counted in that begins */
  atomic_long_t readers[2];
  struct mutex mutex; /* one grace period at a time */
};
#define __SRCU_INITIALIZER(name) \
  { .mutex = __MUTEX_INITIALIZER((name).mutex) }
#define DEFINE_SRCU(name) struct srcu_struct name = __SRCU_INITIALIZER(name)
#define DEFINE_STATIC_SRCU(name) static DEFINE_SRCU(name)
int init_srcu_struct(struct srcu_struct* s);
void cleanup_srcu_struct(struct srcu_struct* s);
/* Gives what srcu_read_unlock() is to be called with. */
int srcu_read_lock(struct srcu_struct* s);
void srcu_read_unlock(struct srcu_struct* s, int idx);
void synchronize_srcu(struct srcu_struct* s);
#define synchronize_srcu_expedited(s) synchronize_srcu(s)
#define srcu_dereference(p, s) READ_ONCE(p)

#endif
