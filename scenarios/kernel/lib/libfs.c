// What simple files are made of (fs/libfs.c).
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>

int simple_open(struct inode* inode, struct file* file) {
  if (inode->i_private) file->private_data = inode->i_private;
  return 0;
}

// With no end that is known: SEEK_END is of i_size.
loff_t default_llseek(struct file* file, loff_t offset, int whence) {
  switch (whence) {
    case SEEK_SET:
      break;
    case SEEK_CUR:
      offset += file->f_pos;
      break;
    case SEEK_END:
      offset += file->f_inode->i_size;
      break;
    default:
      return -EINVAL;
  }
  if (offset < 0) return -EINVAL;
  file->f_pos = offset;
  return offset;
}

loff_t fixed_size_llseek(struct file* file, loff_t offset, int whence, loff_t size) {
  if (whence == SEEK_CUR) offset += file->f_pos;
  if (whence == SEEK_END) offset += size;
  if (whence > SEEK_END || offset < 0 || offset > size) return -EINVAL;
  file->f_pos = offset;
  return offset;
}

loff_t noop_llseek(struct file* file, loff_t offset, int whence) { return file->f_pos; }
loff_t no_llseek(struct file* file, loff_t offset, int whence) { return -ESPIPE; }

// How much of a buffer is left at a position.
static size_t part(size_t count, loff_t pos, size_t available) {
  if ((u64)pos >= available) return 0;
  return min_t(size_t, count, available - (size_t)pos);
}

ssize_t simple_read_from_buffer(void __user* to, size_t count, loff_t* ppos, const void* from,
                                size_t available) {
  size_t left;

  if (*ppos < 0) return -EINVAL;
  count = part(count, *ppos, available);
  if (!count) return 0;
  left = copy_to_user(to, (const char*)from + *ppos, count);
  if (left == count) return -EFAULT;
  *ppos += (loff_t)(count - left);
  return (ssize_t)(count - left);
}

ssize_t simple_write_to_buffer(void* to, size_t available, loff_t* ppos, const void __user* from,
                               size_t count) {
  size_t left;

  if (*ppos < 0) return -EINVAL;
  count = part(count, *ppos, available);
  if (!count) return 0;
  left = copy_from_user((char*)to + *ppos, from, count);
  if (left == count) return -EFAULT;
  *ppos += (loff_t)(count - left);
  return (ssize_t)(count - left);
}

// A number: read as of the first read() from position 0 on.
struct simple_attr {
  int (*get)(void*, u64*);
  int (*set)(void*, u64);
  char get_buf[24];
  char set_buf[24];
  void* data;
  const char* fmt;
  struct mutex mutex;
};

int simple_attr_open(struct inode* inode, struct file* file, int (*get)(void*, u64*), int (*set)(void*, u64),
                     const char* fmt) {
  struct simple_attr* attr = kzalloc(sizeof(*attr), GFP_KERNEL);

  if (!attr) return -ENOMEM;
  attr->get = get;
  attr->set = set;
  attr->data = inode->i_private;
  attr->fmt = fmt;
  mutex_init(&attr->mutex);
  file->private_data = attr;
  return nonseekable_open(inode, file);
}

int simple_attr_release(struct inode* inode, struct file* file) {
  kfree(file->private_data);
  return 0;
}

ssize_t simple_attr_read(struct file* file, char __user* buf, size_t len, loff_t* ppos) {
  struct simple_attr* attr = file->private_data;
  ssize_t ret;

  if (!attr->get) return -EACCES;
  ret = mutex_lock_interruptible(&attr->mutex);
  if (ret) return ret;
  if (!*ppos || !attr->get_buf[0]) {
    u64 value;

    ret = attr->get(attr->data, &value);
    if (!ret) scnprintf(attr->get_buf, sizeof(attr->get_buf), attr->fmt, (unsigned long long)value);
  }
  if (!ret) ret = simple_read_from_buffer(buf, len, ppos, attr->get_buf, strlen(attr->get_buf));
  mutex_unlock(&attr->mutex);
  return ret;
}

static ssize_t __simple_attr_write(struct file* file, const char __user* buf, size_t len, bool is_signed) {
  struct simple_attr* attr = file->private_data;
  size_t size = min(len, sizeof(attr->set_buf) - 1);
  unsigned long long value = 0;
  ssize_t ret;

  if (!attr->set) return -EACCES;
  ret = mutex_lock_interruptible(&attr->mutex);
  if (ret) return ret;
  ret = -EFAULT;
  if (!copy_from_user(attr->set_buf, buf, size)) {
    attr->set_buf[size] = 0;
    ret = is_signed ? kstrtoll(attr->set_buf, 0, (long long*)&value) : kstrtoull(attr->set_buf, 0, &value);
    if (!ret) ret = attr->set(attr->data, value);
    if (!ret) ret = (ssize_t)len;
  }
  mutex_unlock(&attr->mutex);
  return ret;
}

ssize_t simple_attr_write(struct file* file, const char __user* buf, size_t len, loff_t* ppos) {
  return __simple_attr_write(file, buf, len, false);
}
ssize_t simple_attr_write_signed(struct file* file, const char __user* buf, size_t len, loff_t* ppos) {
  return __simple_attr_write(file, buf, len, true);
}
