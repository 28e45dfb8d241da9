/* RCU whose readers may sleep: a reader-writer semaphore. */
#ifndef TRAPLINE_LINUX_SRCU_H
#define TRAPLINE_LINUX_SRCU_H

#include <linux/rcupdate.h>
#include <linux/rwsem.h>
struct srcu_struct {
  struct rw_semaphore sem;
};
#define DEFINE_SRCU(name) struct srcu_struct name = {.sem = __RWSEM_INITIALIZER((name).sem)}
#define DEFINE_STATIC_SRCU(name) static DEFINE_SRCU(name)
static inline int init_srcu_struct(struct srcu_struct* s) {
  init_rwsem(&s->sem);
  return 0;
}
static inline void cleanup_srcu_struct(struct srcu_struct* s) {}
static inline int srcu_read_lock(struct srcu_struct* s) {
  down_read(&s->sem);
  return 0;
}
static inline void srcu_read_unlock(struct srcu_struct* s, int index) { up_read(&s->sem); }
static inline void synchronize_srcu(struct srcu_struct* s) {
  down_write(&s->sem);
  up_write(&s->sem);
}
#define srcu_dereference(p, s) READ_ONCE(p)

#endif
