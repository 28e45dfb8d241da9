/* Flags of the task that runs. */
#ifndef TRAPLINE_LINUX_THREAD_INFO_H
#define TRAPLINE_LINUX_THREAD_INFO_H

#include <linux/sched.h>
#define test_thread_flag(flag) ((void)(flag), 0)
#define TIF_SIGPENDING 2
#define TIF_NEED_RESCHED 3

#endif
