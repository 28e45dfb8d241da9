/* Simple wait queues: the usual ones. */
#ifndef TRAPLINE_LINUX_SWAIT_H
#define TRAPLINE_LINUX_SWAIT_H

#include <linux/wait.h>
#define swait_queue_head wait_queue_head
#define DECLARE_SWAIT_QUEUE_HEAD(name) DECLARE_WAIT_QUEUE_HEAD(name)
#define init_swait_queue_head(q) init_waitqueue_head(q)
#define swake_up_one(q) wake_up(q)
#define swake_up_all(q) wake_up_all(q)
#define swait_event_exclusive(wq, condition) wait_event(wq, condition)
#define swait_event_interruptible_exclusive(wq, condition) wait_event_interruptible(wq, condition)

#endif
