/* Completions. */
#ifndef TRAPLINE_LINUX_COMPLETION_H
#define TRAPLINE_LINUX_COMPLETION_H

#include <linux/wait.h>
struct completion {
  unsigned int done;
  wait_queue_head_t wait;
};
#define COMPLETION_INITIALIZER(name) \
  { .done = 0, .wait = __WAIT_QUEUE_HEAD_INITIALIZER((name).wait) }
#define COMPLETION_INITIALIZER_ONSTACK(name) \
  (*({                                       \
    init_completion(&name);                  \
    &name;                                   \
  }))
#define DECLARE_COMPLETION(name) struct completion name = COMPLETION_INITIALIZER(name)
#define DECLARE_COMPLETION_ONSTACK(name) DECLARE_COMPLETION(name)
static inline void init_completion(struct completion* c) {
  c->done = 0;
  init_waitqueue_head(&c->wait);
}
static inline void reinit_completion(struct completion* c) { c->done = 0; }
#define INIT_COMPLETION(c) reinit_completion(&(c))
void complete(struct completion* c);
void complete_all(struct completion* c);
void wait_for_completion(struct completion* c);
int __must_check wait_for_completion_interruptible(struct completion* c);
int __must_check wait_for_completion_killable(struct completion* c);
unsigned long wait_for_completion_timeout(struct completion* c, unsigned long jiffies);
long wait_for_completion_interruptible_timeout(struct completion* c, unsigned long jiffies);
long wait_for_completion_killable_timeout(struct completion* c, unsigned long jiffies);
bool try_wait_for_completion(struct completion* c);
bool completion_done(struct completion* c);
#define wait_for_completion_io(c) wait_for_completion(c)

#endif
