// What the files of this library have of each other.
#ifndef TRAPLINE_LIB_INTERNAL_H
#define TRAPLINE_LIB_INTERNAL_H

#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/stdarg.h>
#include <linux/types.h>

// timer.c: when jiffies becomes that, and at which of its values the timer wheel lets a timer go off.
u64 __tick_ns(unsigned long tick);
unsigned long __wheel_tick(unsigned long expires, unsigned int* level);

// kthread.c: bound to a CPU from the start (-1: none).
struct task_struct* __kthread_create(int (*fn)(void*), void* data, int cpu, const char* fmt, va_list args);
// Runs fn(arg) in a kernel thread of that name on that CPU, and gives its result.
int __run_in_thread(const char* name, int cpu, int (*fn)(void*), void* arg);

// Whether the kernel thread that runs is to do so.
bool kthread_should_stop_or_park(void);

// notifier.c: tells of SYS_RESTART, SYS_HALT or SYS_POWER_OFF.
void __reboot_notify(unsigned long code, char* command);

// workqueue.c: a kworker goes to sleep inside of a work, or is back.
void wq_worker_sleeping(struct task_struct* p);
void wq_worker_running(struct task_struct* p);

// vfs.c: inodes of files that the kernel makes. They stay for ever, since a program may be about to open one.
struct inode* __inode_new(umode_t mode, const struct file_operations* fops, void* data);
// The file of an inode: __file_add(), and its name.
int __inode_add(const char* path, umode_t mode, struct inode* inode);
// What the inode belongs to.
void __inode_set_owner(struct inode* inode, void* owner);
void* __inode_owner(const struct inode* inode);
// From now on files that are open give that error; waits for operations that are under way.
void __inode_kill(struct inode* inode, int error);
// Calls release of files that are open, which is then not called any more.
void __inode_release_files(struct inode* inode);
// For read_iter and write_iter, where Linux's file has them: never called, but splice(2) goes by them.
ssize_t __splices(struct kiocb* iocb, struct iov_iter* iter);
void replace_fops(struct file* file, const struct file_operations* fops);
// Adds the folders that lead to a path and are not there.
void __folders_to(const char* path);

#endif
