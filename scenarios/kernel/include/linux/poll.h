/* Polling of files. */
#ifndef TRAPLINE_LINUX_POLL_H
#define TRAPLINE_LINUX_POLL_H

#include <linux/fs.h>
#include_next <linux/poll.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#ifndef EPOLLIN
#define EPOLLIN 0x001
#define EPOLLPRI 0x002
#define EPOLLOUT 0x004
#define EPOLLERR 0x008
#define EPOLLHUP 0x010
#define EPOLLRDNORM 0x040
#define EPOLLWRNORM 0x100
#endif
struct poll_table_struct;
typedef void (*poll_queue_proc)(struct file* file, wait_queue_head_t* wq, struct poll_table_struct* p);
typedef struct poll_table_struct {
  poll_queue_proc _qproc; /* null: the caller does not wait */
  __poll_t _key;
} poll_table;
void poll_wait(struct file* file, wait_queue_head_t* wq, poll_table* p);

#endif
