/* Waits for a bit: a turn of the scheduler at a time. */
#ifndef TRAPLINE_LINUX_WAIT_BIT_H
#define TRAPLINE_LINUX_WAIT_BIT_H

#include <linux/bitops.h>
#include <linux/sched.h>
#include <linux/wait.h>
#define wait_on_bit(word, bit, mode)                                 \
  ({                                                                 \
    while (test_bit(bit, word)) schedule_timeout_uninterruptible(1); \
    0;                                                               \
  })
#define wake_up_bit(word, bit) \
  do {                         \
  } while (0)

#endif
