/* Semaphores. */
#ifndef TRAPLINE_LINUX_SEMAPHORE_H
#define TRAPLINE_LINUX_SEMAPHORE_H

#include <linux/list.h>
#include <linux/spinlock_types.h>
struct semaphore {
  raw_spinlock_t lock;
  unsigned int count;
  struct list_head wait_list;
};
#define __SEMAPHORE_INITIALIZER(name, n) \
  { .count = (n), .wait_list = LIST_HEAD_INIT((name).wait_list) }
#define DEFINE_SEMAPHORE(name) struct semaphore name = __SEMAPHORE_INITIALIZER(name, 1)
static inline void sema_init(struct semaphore* s, int n) {
  *s = (struct semaphore){.count = (unsigned int)n};
  INIT_LIST_HEAD(&s->wait_list);
}
void down(struct semaphore* s);
int __must_check down_interruptible(struct semaphore* s);
int __must_check down_killable(struct semaphore* s);
int __must_check down_trylock(struct semaphore* s); /* 0: taken */
int __must_check down_timeout(struct semaphore* s, long jiffies);
void up(struct semaphore* s);

#endif
