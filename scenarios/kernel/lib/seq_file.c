// Files of records (fs/seq_file.c). What is made of a record does not get into the buffer by halves: one that
// does not fit is made once more, for a larger buffer if it is the first.
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

static void seq_set_overflow(struct seq_file* m) { m->count = m->size; }

int seq_open(struct file* file, const struct seq_operations* op) {
  struct seq_file* m = kzalloc(sizeof(*m), GFP_KERNEL);

  WARN_ON(file->private_data);
  if (!m) return -ENOMEM;
  mutex_init(&m->lock);
  m->op = op;
  m->file = file;
  file->private_data = m;
  file->f_mode &= ~FMODE_PWRITE;
  return 0;
}

int seq_release(struct inode* inode, struct file* file) {
  struct seq_file* m = file->private_data;

  kvfree(m->buf);
  kfree(m);
  return 0;
}

static bool seq_get_buffer(struct seq_file* m, size_t size) {
  kvfree(m->buf);
  m->count = 0;
  m->size = size;
  m->buf = kvmalloc(size, GFP_KERNEL);
  return m->buf != NULL;
}

// On to the next record; an iterator that does not move its index would never end.
static void* seq_next_record(struct seq_file* m, void* p) {
  loff_t before = m->index;

  p = m->op->next(m, p, &m->index);
  if (m->index == before) {
    pr_info_ratelimited("buggy .next function %ps did not update position index\n", m->op->next);
    m->index++;
  }
  return p;
}

// Makes records from the start again until position `offset` is in the buffer. -EAGAIN: with a larger one.
static int traverse(struct seq_file* m, loff_t offset) {
  loff_t pos = 0;
  int err = 0;
  void* p;

  m->index = 0;
  m->count = m->from = 0;
  if (!offset) return 0;
  if (!m->buf && !seq_get_buffer(m, PAGE_SIZE)) return -ENOMEM;
  p = m->op->start(m, &m->index);
  while (p && !IS_ERR(p)) {
    err = m->op->show(m, p);
    if (err < 0) break;
    if (err > 0) m->count = 0;
    err = 0;
    if (seq_has_overflowed(m)) {
      m->op->stop(m, p);
      return seq_get_buffer(m, m->size << 1) ? -EAGAIN : -ENOMEM;
    }
    p = seq_next_record(m, p);
    if (pos + (loff_t)m->count > offset) {
      m->from = (size_t)(offset - pos);
      m->count -= m->from;
      break;
    }
    pos += (loff_t)m->count;
    m->count = 0;
    if (pos == offset) break;
  }
  if (IS_ERR(p)) err = (int)PTR_ERR(p);
  m->op->stop(m, p);
  return err;
}

static int seq_go_to(struct seq_file* m, loff_t offset) {
  int err;

  do err = traverse(m, offset);
  while (err == -EAGAIN);
  m->read_pos = offset;
  if (err) {
    m->read_pos = 0;
    m->index = 0;
    m->count = 0;
  }
  return err;
}

// Gives what is in the buffer, as far as it is wanted.
static ssize_t seq_give(struct seq_file* m, char __user* buf, size_t size) {
  size_t n = min(m->count, size);

  if (copy_to_user(buf, m->buf + m->from, n)) return -EFAULT;
  m->count -= n;
  m->from += n;
  return (ssize_t)n;
}

// Fills the empty buffer with records: one at least if there is one, and no more than are wanted.
static int seq_fill(struct seq_file* m, size_t wanted) {
  int err = 0;
  void* p;

  m->from = 0;
  p = m->op->start(m, &m->index);
  while (p && !IS_ERR(p)) {
    size_t before = m->count;

    err = m->op->show(m, p);
    if (err > 0) m->count = before;
    if (err < 0) {
      m->count = before;
      break;
    }
    err = 0;
    if (seq_has_overflowed(m)) {
      if (before) {
        m->count = before;
        break;
      }
      m->op->stop(m, p);
      if (!seq_get_buffer(m, m->size << 1)) return -ENOMEM;
      p = m->op->start(m, &m->index);
      continue;
    }
    p = seq_next_record(m, p);
    if (m->count >= wanted) break;
  }
  if (IS_ERR(p)) err = (int)PTR_ERR(p);
  m->op->stop(m, p);
  return err;
}

static ssize_t seq_read_locked(struct seq_file* m, char __user* buf, size_t size, loff_t pos) {
  ssize_t copied = 0, more;
  int err;

  if (pos == 0) {
    m->index = 0;
    m->count = 0;
  }
  if (pos != m->read_pos) {
    err = seq_go_to(m, pos);
    if (err) return err;
  }
  if (!m->buf && !seq_get_buffer(m, PAGE_SIZE)) return -ENOMEM;
  // What is left of the last read.
  if (m->count) {
    copied = seq_give(m, buf, size);
    if (copied < 0 || m->count || (size_t)copied == size) return copied;
  }
  err = seq_fill(m, size - (size_t)copied);
  if (m->count) {
    more = seq_give(m, buf + copied, size - (size_t)copied);
    if (more >= 0) return copied + more;
    err = (int)more;
  }
  return copied ? copied : err;
}

ssize_t seq_read(struct file* file, char __user* buf, size_t size, loff_t* ppos) {
  struct seq_file* m = file->private_data;
  ssize_t ret;

  if (!size) return 0;
  mutex_lock(&m->lock);
  ret = seq_read_locked(m, buf, size, *ppos);
  if (ret > 0) {
    *ppos += ret;
    m->read_pos = *ppos;
  }
  mutex_unlock(&m->lock);
  return ret;
}

loff_t seq_lseek(struct file* file, loff_t offset, int whence) {
  struct seq_file* m = file->private_data;
  loff_t ret = -EINVAL;

  mutex_lock(&m->lock);
  if (whence == SEEK_CUR) offset += file->f_pos;
  if ((whence == SEEK_SET || whence == SEEK_CUR) && offset >= 0) {
    ret = offset != m->read_pos ? seq_go_to(m, offset) : 0;
    file->f_pos = ret ? 0 : offset;
    if (!ret) ret = offset;
  }
  mutex_unlock(&m->lock);
  return ret;
}

void seq_vprintf(struct seq_file* m, const char* fmt, va_list args) {
  if (m->count < m->size) {
    int n = vsnprintf(m->buf + m->count, m->size - m->count, fmt, args);

    if (m->count + (size_t)n < m->size) {
      m->count += (size_t)n;
      return;
    }
  }
  seq_set_overflow(m);
}

void seq_printf(struct seq_file* m, const char* fmt, ...) {
  va_list args;

  va_start(args, fmt);
  seq_vprintf(m, fmt, args);
  va_end(args);
}

int seq_write(struct seq_file* m, const void* data, size_t len) {
  if (m->count + len < m->size) {
    memcpy(m->buf + m->count, data, len);
    m->count += len;
    return 0;
  }
  seq_set_overflow(m);
  return -1;
}

void seq_puts(struct seq_file* m, const char* s) { seq_write(m, s, strlen(s)); }

void seq_putc(struct seq_file* m, char c) {
  if (m->count < m->size) m->buf[m->count++] = c;
}

static void* single_start(struct seq_file* m, loff_t* pos) { return *pos ? NULL : SEQ_START_TOKEN; }
static void* single_next(struct seq_file* m, void* v, loff_t* pos) {
  ++*pos;
  return NULL;
}
static void single_stop(struct seq_file* m, void* v) {}

int single_open(struct file* file, int (*show)(struct seq_file*, void*), void* data) {
  struct seq_operations* op = kzalloc(sizeof(*op), GFP_KERNEL);
  int err;

  if (!op) return -ENOMEM;
  *op = (struct seq_operations){single_start, single_stop, single_next, show};
  err = seq_open(file, op);
  if (err)
    kfree(op);
  else
    ((struct seq_file*)file->private_data)->private = data;
  return err;
}

int single_release(struct inode* inode, struct file* file) {
  const struct seq_operations* op = ((struct seq_file*)file->private_data)->op;

  seq_release(inode, file);
  kfree(op);
  return 0;
}

void* __seq_open_private(struct file* file, const struct seq_operations* op, int size) {
  void* private = kzalloc((size_t)size, GFP_KERNEL);

  if (!private) return NULL;
  if (seq_open(file, op)) {
    kfree(private);
    return NULL;
  }
  ((struct seq_file*)file->private_data)->private = private;
  return private;
}

int seq_release_private(struct inode* inode, struct file* file) {
  struct seq_file* m = file->private_data;

  kfree(m->private);
  m->private = NULL;
  return seq_release(inode, file);
}
