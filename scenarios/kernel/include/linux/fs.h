/* Files. */
#ifndef TRAPLINE_LINUX_FS_H
#define TRAPLINE_LINUX_FS_H

#include <linux/err.h>
#include <linux/export.h>
#include <linux/fcntl.h>
#include_next <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/wait.h>
struct dentry;
struct vfsmount;
struct super_block;
struct module;
struct vm_area_struct;
struct kiocb;
struct iov_iter;
struct file_lock;
struct cdev;
struct file_operations;
struct poll_table_struct;
typedef void* fl_owner_t;
struct path {
  struct vfsmount* mnt;
  struct dentry* dentry;
};
struct inode {
  umode_t i_mode;
  unsigned short i_flags; /* S_DEAD: it is removed */
  dev_t i_rdev;
  unsigned long i_ino;
  loff_t i_size;
  void* i_private; /* the data of debugfs_create_file() and proc_create_data() */
  struct cdev* i_cdev;
  struct super_block* i_sb;
  const struct file_operations* i_fop;
};
#define S_DEAD 16
_Static_assert(offsetof(struct inode, i_rdev) == 4 && offsetof(struct inode, i_ino) == 8 &&
                   offsetof(struct inode, i_private) == 24 && offsetof(struct inode, i_cdev) == 32 &&
                   offsetof(struct inode, i_fop) == 48 && sizeof(struct inode) == 56,
               "the emulator makes it");
struct qstr {
  const unsigned char* name;
  unsigned int len;
};
struct dentry {
  struct dentry* d_parent;
  struct qstr d_name;
  struct inode* d_inode;
};
struct file {
  struct inode* f_inode;
  const struct file_operations* f_op;
  void* private_data;
  loff_t f_pos;
  unsigned int f_flags;
  fmode_t f_mode;
  struct path f_path;
};
_Static_assert(offsetof(struct file, private_data) == 16 && offsetof(struct file, f_pos) == 24 &&
                   offsetof(struct file, f_flags) == 32 && sizeof(struct file) == 56,
               "the emulator makes it");
#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_LSEEK 0x4
#define FMODE_PREAD 0x8
#define FMODE_PWRITE 0x10
static inline struct inode* file_inode(const struct file* f) { return f->f_inode; }
static inline struct dentry* file_dentry(const struct file* f) { return f->f_path.dentry; }
static inline unsigned int iminor(const struct inode* inode) { return MINOR(inode->i_rdev); }
static inline unsigned int imajor(const struct inode* inode) { return MAJOR(inode->i_rdev); }

struct file_operations {
  struct module* owner;
  loff_t (*llseek)(struct file*, loff_t, int);
  ssize_t (*read)(struct file*, char __user*, size_t, loff_t*);
  ssize_t (*write)(struct file*, const char __user*, size_t, loff_t*);
  ssize_t (*read_iter)(struct kiocb*, struct iov_iter*);
  ssize_t (*write_iter)(struct kiocb*, struct iov_iter*);
  __poll_t (*poll)(struct file*, struct poll_table_struct*);
  long (*unlocked_ioctl)(struct file*, unsigned int, unsigned long);
  long (*compat_ioctl)(struct file*, unsigned int, unsigned long);
  int (*mmap)(struct file*, struct vm_area_struct*);
  int (*open)(struct inode*, struct file*);
  int (*flush)(struct file*, fl_owner_t);
  int (*release)(struct inode*, struct file*);
  int (*fsync)(struct file*, loff_t, loff_t, int);
  int (*fasync)(int, struct file*, int);
};
_Static_assert(offsetof(struct file_operations, read) == 16 &&
                   offsetof(struct file_operations, write) == 24 &&
                   offsetof(struct file_operations, read_iter) == 32 &&
                   offsetof(struct file_operations, write_iter) == 40 &&
                   offsetof(struct file_operations, poll) == 48 &&
                   offsetof(struct file_operations, unlocked_ioctl) == 56 &&
                   offsetof(struct file_operations, open) == 80 &&
                   offsetof(struct file_operations, flush) == 88 &&
                   offsetof(struct file_operations, release) == 96 && sizeof(struct file_operations) == 120,
               "the emulator reads it");

int simple_open(struct inode* inode, struct file* file);
static inline int nonseekable_open(struct inode* inode, struct file* file) {
  file->f_mode &= ~(FMODE_LSEEK | FMODE_PREAD | FMODE_PWRITE);
  return 0;
}
static inline int stream_open(struct inode* inode, struct file* file) {
  return nonseekable_open(inode, file);
}
loff_t default_llseek(struct file* file, loff_t offset, int whence);
loff_t noop_llseek(struct file* file, loff_t offset, int whence);
loff_t no_llseek(struct file* file, loff_t offset, int whence);
loff_t fixed_size_llseek(struct file* file, loff_t offset, int whence, loff_t size);
#define generic_file_llseek default_llseek
unsigned long copy_to_user(void __user* to, const void* from, unsigned long n);
unsigned long copy_from_user(void* to, const void __user* from, unsigned long n);
ssize_t simple_read_from_buffer(void __user* to, size_t count, loff_t* ppos, const void* from,
                                size_t available);
ssize_t simple_write_to_buffer(void* to, size_t available, loff_t* ppos, const void __user* from,
                               size_t count);

/* Files that hold one number: fmt prints it, get and set are the module's. */
int simple_attr_open(struct inode* inode, struct file* file, int (*get)(void*, u64*), int (*set)(void*, u64),
                     const char* fmt);
int simple_attr_release(struct inode* inode, struct file* file);
ssize_t simple_attr_read(struct file* file, char __user* buf, size_t len, loff_t* ppos);
ssize_t simple_attr_write(struct file* file, const char __user* buf, size_t len, loff_t* ppos);
ssize_t simple_attr_write_signed(struct file* file, const char __user* buf, size_t len, loff_t* ppos);
#define __DEFINE_SIMPLE_ATTRIBUTE(__fops, __get, __set, __fmt, __write)         \
  static int __fops##_open(struct inode* inode, struct file* file) {            \
    return simple_attr_open(inode, file, __get, __set, __fmt);                  \
  }                                                                             \
  static const struct file_operations __fops = {.owner = THIS_MODULE,           \
                                                .open = __fops##_open,          \
                                                .release = simple_attr_release, \
                                                .read = simple_attr_read,       \
                                                .write = __write,               \
                                                .llseek = default_llseek}
#define DEFINE_SIMPLE_ATTRIBUTE(fops, get, set, fmt) \
  __DEFINE_SIMPLE_ATTRIBUTE(fops, get, set, fmt, simple_attr_write)
#define DEFINE_SIMPLE_ATTRIBUTE_SIGNED(fops, get, set, fmt) \
  __DEFINE_SIMPLE_ATTRIBUTE(fops, get, set, fmt, simple_attr_write_signed)

int __register_chrdev(unsigned int major, unsigned int first, unsigned int count, const char* name,
                      const struct file_operations* fops);
void __unregister_chrdev(unsigned int major, unsigned int first, unsigned int count, const char* name);
#define register_chrdev(major, name, fops) __register_chrdev(major, 0, 256, name, fops)
#define unregister_chrdev(major, name) __unregister_chrdev(major, 0, 256, name)
int alloc_chrdev_region(dev_t* dev, unsigned int first, unsigned int count, const char* name);
int register_chrdev_region(dev_t from, unsigned int count, const char* name);
void unregister_chrdev_region(dev_t from, unsigned int count);

/* Signals at a change of a file: no program gets to ask a module's file for them, so that there are none to
 * send. */
struct fasync_struct;
static inline int fasync_helper(int fd, struct file* file, int on, struct fasync_struct** queue) { return 0; }
static inline void kill_fasync(struct fasync_struct** queue, int sig, int band) {}

#endif
