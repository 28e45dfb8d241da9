// RCU whose readers may sleep (kernel/rcu/srcutree.c), as the first of its kind was: two counts of readers.
#include <linux/sched.h>
#include <linux/srcu.h>

int init_srcu_struct(struct srcu_struct* s) {
  *s = (struct srcu_struct){.idx = 0};
  mutex_init(&s->mutex);
  return 0;
}

void cleanup_srcu_struct(struct srcu_struct* s) {}

int srcu_read_lock(struct srcu_struct* s) {
  int idx = READ_ONCE(s->idx) & 1;

  atomic_long_inc(&s->readers[idx]);
  smp_mb();
  return idx;
}

void srcu_read_unlock(struct srcu_struct* s, int idx) {
  smp_mb();
  atomic_long_dec(&s->readers[idx]);
}

// Twice: a reader may have read idx before it changed, and be counted after the count was seen to be 0.
void synchronize_srcu(struct srcu_struct* s) {
  mutex_lock(&s->mutex);
  for (int turn = 0; turn < 2; turn++) {
    unsigned int idx = s->idx & 1;

    smp_mb();
    WRITE_ONCE(s->idx, s->idx + 1);
    smp_mb();
    while (atomic_long_read(&s->readers[idx])) schedule_timeout_uninterruptible(1);
    smp_mb();
  }
  mutex_unlock(&s->mutex);
}
