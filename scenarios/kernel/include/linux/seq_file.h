/* Files read as a sequence of records. */
#ifndef TRAPLINE_LINUX_SEQ_FILE_H
#define TRAPLINE_LINUX_SEQ_FILE_H

#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/types.h>
struct seq_operations;
struct seq_file {
  char* buf;
  size_t size;
  size_t from;
  size_t count;
  size_t pad_until;
  loff_t index;
  loff_t read_pos;
  struct mutex lock;
  const struct seq_operations* op;
  int poll_event;
  const struct file* file;
  void* private;
};
struct seq_operations {
  void* (*start)(struct seq_file* m, loff_t* pos);
  void (*stop)(struct seq_file* m, void* v);
  void* (*next)(struct seq_file* m, void* v, loff_t* pos);
  int (*show)(struct seq_file* m, void* v);
};
_Static_assert(offsetof(struct seq_file, count) == 24 && offsetof(struct seq_file, lock) == 56 &&
                   offsetof(struct seq_file, op) == 88 && offsetof(struct seq_file, private) == 112 &&
                   sizeof(struct seq_file) == 120 && sizeof(struct seq_operations) == 32,
               "the emulator keeps it");
#define SEQ_SKIP 1
#define SEQ_START_TOKEN ((void*)1)
int seq_open(struct file* file, const struct seq_operations* op);
int seq_release(struct inode* inode, struct file* file);
int seq_release_private(struct inode* inode, struct file* file);
void* __seq_open_private(struct file* file, const struct seq_operations* op, int size);
int single_open(struct file* file, int (*show)(struct seq_file*, void*), void* data);
int single_release(struct inode* inode, struct file* file);
ssize_t seq_read(struct file* file, char __user* buf, size_t size, loff_t* ppos);
loff_t seq_lseek(struct file* file, loff_t offset, int whence);
__printf(2, 3) void seq_printf(struct seq_file* m, const char* fmt, ...);
__printf(2, 0) void seq_vprintf(struct seq_file* m, const char* fmt, va_list args);
void seq_puts(struct seq_file* m, const char* s);
void seq_putc(struct seq_file* m, char c);
int seq_write(struct seq_file* m, const void* data, size_t len);
#define seq_read_iter NULL
#define single_open_size(file, show, data, size) single_open(file, show, data)
#define seq_open_private(file, op, size) (__seq_open_private(file, op, size) ? 0 : -ENOMEM)
static inline bool seq_has_overflowed(struct seq_file* m) { return m->count == m->size; }
static inline void seq_pad(struct seq_file* m, char c) {
  if (c) seq_putc(m, c);
}
#define seq_put_decimal_ull(m, delimiter, n) seq_printf(m, "%s%llu", delimiter, (unsigned long long)(n))
#define seq_put_decimal_ll(m, delimiter, n) seq_printf(m, "%s%lld", delimiter, (long long)(n))
#define seq_put_hex_ll(m, delimiter, n, width) \
  seq_printf(m, "%s%0*llx", delimiter, (int)(width), (unsigned long long)(n))
static inline struct list_head* seq_list_start(struct list_head* head, loff_t pos) {
  for (struct list_head* e = head->next; e != head; e = e->next)
    if (pos-- == 0) return e;
  return NULL;
}
static inline struct list_head* seq_list_start_head(struct list_head* head, loff_t pos) {
  return pos ? seq_list_start(head, pos - 1) : head;
}
static inline struct list_head* seq_list_next(void* v, struct list_head* head, loff_t* pos) {
  struct list_head* e = ((struct list_head*)v)->next;
  ++*pos;
  return e == head ? NULL : e;
}
#define DEFINE_SEQ_ATTRIBUTE(__name)                                                                  \
  static int __name##_open(struct inode* inode, struct file* file) {                                  \
    int ret = seq_open(file, &__name##_sops);                                                         \
    if (!ret && inode->i_private) ((struct seq_file*)file->private_data)->private = inode->i_private; \
    return ret;                                                                                       \
  }                                                                                                   \
  static const struct file_operations __name##_fops = {.owner = THIS_MODULE,                          \
                                                       .open = __name##_open,                         \
                                                       .read = seq_read,                              \
                                                       .llseek = seq_lseek,                           \
                                                       .release = seq_release}
#define DEFINE_SHOW_ATTRIBUTE(__name)                                         \
  static int __name##_open(struct inode* inode, struct file* file) {          \
    return single_open(file, __name##_show, inode->i_private);                \
  }                                                                           \
  static const struct file_operations __name##_fops = {.owner = THIS_MODULE,  \
                                                       .open = __name##_open, \
                                                       .read = seq_read,      \
                                                       .llseek = seq_lseek,   \
                                                       .release = single_release}
#define DEFINE_PROC_SHOW_ATTRIBUTE(__name)                                      \
  static int __name##_open(struct inode* inode, struct file* file) {            \
    return single_open(file, __name##_show, pde_data(inode));                   \
  }                                                                             \
  static const struct proc_ops __name##_proc_ops = {.proc_open = __name##_open, \
                                                    .proc_read = seq_read,      \
                                                    .proc_lseek = seq_lseek,    \
                                                    .proc_release = single_release}

#endif
