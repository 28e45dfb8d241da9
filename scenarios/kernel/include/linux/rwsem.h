/* Reader-writer semaphores. */
#ifndef TRAPLINE_LINUX_RWSEM_H
#define TRAPLINE_LINUX_RWSEM_H

#include <linux/list.h>
#include <linux/spinlock_types.h>
struct rw_semaphore {
  long count; /* readers, or -1 for a writer */
  unsigned long owner;
  raw_spinlock_t wait_lock;
  struct list_head wait_list;
};
#define __RWSEM_INITIALIZER(name) \
  { .count = 0, .wait_list = LIST_HEAD_INIT((name).wait_list) }
#define DECLARE_RWSEM(name) struct rw_semaphore name = __RWSEM_INITIALIZER(name)
static inline void init_rwsem(struct rw_semaphore* s) {
  *s = (struct rw_semaphore){.count = 0};
  INIT_LIST_HEAD(&s->wait_list);
}
void down_read(struct rw_semaphore* s);
int __must_check down_read_killable(struct rw_semaphore* s);
int down_read_trylock(struct rw_semaphore* s);
void up_read(struct rw_semaphore* s);
void down_write(struct rw_semaphore* s);
int __must_check down_write_killable(struct rw_semaphore* s);
int down_write_trylock(struct rw_semaphore* s);
void up_write(struct rw_semaphore* s);
void downgrade_write(struct rw_semaphore* s);
static inline int rwsem_is_locked(struct rw_semaphore* s) { return READ_ONCE(s->count) != 0; }

#endif
