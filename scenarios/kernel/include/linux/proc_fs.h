/* Files of /proc. */
#ifndef TRAPLINE_LINUX_PROC_FS_H
#define TRAPLINE_LINUX_PROC_FS_H

#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/types.h>
#include <linux/uidgid.h>
struct proc_dir_entry;
struct proc_ops {
  unsigned int proc_flags;
  int (*proc_open)(struct inode*, struct file*);
  ssize_t (*proc_read)(struct file*, char __user*, size_t, loff_t*);
  ssize_t (*proc_read_iter)(struct kiocb*, struct iov_iter*);
  ssize_t (*proc_write)(struct file*, const char __user*, size_t, loff_t*);
  loff_t (*proc_lseek)(struct file*, loff_t, int);
  int (*proc_release)(struct inode*, struct file*);
  __poll_t (*proc_poll)(struct file*, struct poll_table_struct*);
  long (*proc_ioctl)(struct file*, unsigned int, unsigned long);
  int (*proc_mmap)(struct file*, struct vm_area_struct*);
};
_Static_assert(offsetof(struct proc_ops, proc_open) == 8 && offsetof(struct proc_ops, proc_read) == 16 &&
                   offsetof(struct proc_ops, proc_write) == 32 &&
                   offsetof(struct proc_ops, proc_release) == 48 && sizeof(struct proc_ops) == 80,
               "the emulator reads it");
struct proc_dir_entry* proc_create_data(const char* name, umode_t mode, struct proc_dir_entry* parent,
                                        const struct proc_ops* ops, void* data);
struct proc_dir_entry* proc_create_single_data(const char* name, umode_t mode, struct proc_dir_entry* parent,
                                               int (*show)(struct seq_file*, void*), void* data);
struct proc_dir_entry* proc_create_seq_private(const char* name, umode_t mode, struct proc_dir_entry* parent,
                                               const struct seq_operations* ops, unsigned int state_size,
                                               void* data);
struct proc_dir_entry* proc_mkdir(const char* name, struct proc_dir_entry* parent);
void proc_remove(struct proc_dir_entry* entry);
void remove_proc_entry(const char* name, struct proc_dir_entry* parent);
int remove_proc_subtree(const char* name, struct proc_dir_entry* parent);
void proc_set_size(struct proc_dir_entry* entry, loff_t size);
#define proc_create(name, mode, parent, ops) proc_create_data(name, mode, parent, ops, NULL)
#define proc_create_single(name, mode, parent, show) proc_create_single_data(name, mode, parent, show, NULL)
#define proc_create_seq_data(name, mode, parent, ops, data) \
  proc_create_seq_private(name, mode, parent, ops, 0, data)
#define proc_create_seq(name, mode, parent, ops) proc_create_seq_private(name, mode, parent, ops, 0, NULL)
static inline void* pde_data(const struct inode* inode) { return inode->i_private; }
#define PDE_DATA(inode) pde_data(inode)

/* All are root's. */
static inline void proc_set_user(struct proc_dir_entry* entry, kuid_t uid, kgid_t gid) {}

#endif
