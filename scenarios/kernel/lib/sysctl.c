// Settings in /proc/sys (kernel/sysctl.c, fs/proc/proc_sysctl.c).
#include <linux/bitmap.h>
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/sysctl.h>
#include <linux/uaccess.h>

#include "gates.h"
#include "internal.h"

struct sysctl_file {
  struct list_head node;
  struct ctl_table* table;
  char* path;
  struct inode* inode;
};
struct ctl_table_header {
  struct list_head files;
};

static ssize_t proc_sys_call_handler(struct file* file, char __user* buf, size_t count, loff_t* ppos,
                                     int write) {
  struct ctl_table* table = ((struct sysctl_file*)__inode_owner(file->f_inode))->table;
  size_t n = count;
  ssize_t ret;
  char* text;

  if (!table->proc_handler) return -EINVAL;
  if (count >= KMALLOC_MAX_SIZE) return -ENOMEM;
  text = kvzalloc(count + 1, GFP_KERNEL);
  if (!text) return -ENOMEM;
  ret = write && copy_from_user(text, buf, count) ? -EFAULT : 0;
  if (!ret) ret = table->proc_handler(table, write, text, &n, ppos);
  if (!ret && !write && copy_to_user(buf, text, n)) ret = -EFAULT;
  kvfree(text);
  return ret ? ret : (ssize_t)n;
}

static ssize_t proc_sys_read(struct file* file, char __user* buf, size_t count, loff_t* ppos) {
  return proc_sys_call_handler(file, buf, count, ppos, 0);
}
static ssize_t proc_sys_write(struct file* file, const char __user* buf, size_t count, loff_t* ppos) {
  return proc_sys_call_handler(file, (char __user*)buf, count, ppos, 1);
}
static const struct file_operations proc_sys_file_operations = {.read = proc_sys_read,
                                                                .write = proc_sys_write,
                                                                .read_iter = __splices,
                                                                .write_iter = __splices,
                                                                .llseek = default_llseek};

static int sysctl_add_file(struct ctl_table_header* header, const char* path, struct ctl_table* table) {
  struct sysctl_file* f = kzalloc(sizeof(*f), GFP_KERNEL);
  int err = -ENOMEM;

  if (!f) return err;
  f->table = table;
  f->path = kasprintf(GFP_KERNEL, "/proc/sys/%s/%s", path, table->procname);
  f->inode = __inode_new(S_IFREG | table->mode, &proc_sys_file_operations, NULL);
  if (f->path && f->inode) {
    __inode_set_owner(f->inode, f);
    __folders_to(f->path);
    err = __inode_add(f->path, f->inode->i_mode, f->inode);
    if (err == -EEXIST) pr_err("sysctl duplicate entry: %s/%s\n", path, table->procname);
  }
  if (err) {
    kfree(f->inode);
    kfree(f->path);
    kfree(f);
    return err;
  }
  list_add_tail(&f->node, &header->files);
  return 0;
}

struct ctl_table_header* register_sysctl(const char* path, struct ctl_table* table) {
  struct ctl_table_header* header = kzalloc(sizeof(*header), GFP_KERNEL);

  if (!header) return NULL;
  INIT_LIST_HEAD(&header->files);
  for (; table->procname; table++) {
    if (!sysctl_add_file(header, path, table)) continue;
    unregister_sysctl_table(header);
    return NULL;
  }
  return header;
}

void unregister_sysctl_table(struct ctl_table_header* header) {
  if (!header) return;
  while (!list_empty(&header->files)) {
    // It stays, for a file that is open.
    struct sysctl_file* f = list_first_entry(&header->files, struct sysctl_file, node);

    list_del(&f->node);
    __file_remove(f->path);
    __inode_kill(f->inode, -ENOENT);
    kfree(f->path);
  }
  kfree(header);
}

// One number of a text, which spaces end; false: there is none.
static bool proc_get_long(char** at, char* end, long* value) {
  bool negative = *at < end && **at == '-';
  char* after;

  if (negative) ++*at;
  if (*at >= end || !isdigit(**at)) return false;
  *value = (long)simple_strtoull(*at, &after, 0);
  if (negative) *value = -*value;
  if (after < end && *after && !isspace(*after)) return false;
  *at = after;
  return true;
}

// How the numbers of a file are kept.
struct kind {
  size_t size;
  bool is_signed;
  long unit; /* what is kept is the number in the file, times that */
  const void *min, *max;
};
static long get_kept(const struct kind* kind, const void* at) {
  if (kind->size == sizeof(long)) return READ_ONCE(*(const long*)at);
  if (kind->size == 1) return READ_ONCE(*(const bool*)at);
  return kind->is_signed ? READ_ONCE(*(const int*)at) : (long)READ_ONCE(*(const unsigned int*)at);
}
static bool fits(const struct kind* kind, long number, bool negative) {
  if (kind->size == sizeof(long)) {
    // The bounds are of unsigned numbers.
    return !negative && !(kind->min && (unsigned long)number < *(const unsigned long*)kind->min) &&
           !(kind->max && (unsigned long)number > *(const unsigned long*)kind->max);
  }
  if (kind->is_signed ? number != (int)number : negative || number != (long)(unsigned int)number)
    return false;
  return !(kind->min && number < get_kept(kind, kind->min)) &&
         !(kind->max && number > get_kept(kind, kind->max));
}
static void keep(const struct kind* kind, void* at, long number) {
  if (kind->size == sizeof(long))
    WRITE_ONCE(*(long*)at, number);
  else if (kind->size == 1)
    WRITE_ONCE(*(bool*)at, number != 0);
  else
    WRITE_ONCE(*(int*)at, (int)number);
}

static int do_proc_vec(struct ctl_table* table, int write, char* buffer, size_t* lenp, loff_t* ppos,
                       const struct kind* kind) {
  size_t n = (size_t)table->maxlen / kind->size, done = 0;
  char *at = buffer, *value = table->data, *end;
  int err = 0;

  if (!value || !n || !*lenp || (*ppos && !write)) {
    *lenp = 0;
    return 0;
  }
  end = buffer + *lenp;
  if (write) {
    // What is not written at the start is ignored (sysctl_writes_strict).
    if (*ppos) {
      *ppos += (loff_t)*lenp;
      return 0;
    }
    if (*lenp > PAGE_SIZE - 1) end = buffer + PAGE_SIZE - 1;
  }
  for (; n > 0 && at < end; n--, value += kind->size, done++) {
    if (write) {
      long number;
      bool negative;

      while (at < end && isspace(*at)) at++;
      if (at >= end || !*at) break;
      negative = *at == '-';
      if (!proc_get_long(&at, end, &number) || __builtin_mul_overflow(number, kind->unit, &number) ||
          !fits(kind, number, negative)) {
        err = -EINVAL;
        break;
      }
      keep(kind, value, number);
    } else {
      long number = get_kept(kind, value) / kind->unit;
      const char* tab = done ? "\t" : "";

      at += scnprintf(at, (size_t)(end - at) + 1, kind->is_signed ? "%s%ld" : "%s%lu", tab, number);
    }
  }
  if (write) {
    if (!done) return err ? err : -EINVAL;
    while (!err && at < end && isspace(*at)) at++;
  } else if (at < end) {
    *at++ = '\n';
  }
  if (err) return err;
  *lenp = (size_t)(at - buffer);
  *ppos += (loff_t)*lenp;
  return 0;
}

const int sysctl_vals[] = {0, 1, 2, 3, 4, 100, 200, 1000, 3000, INT_MAX, 65535, -1};

int proc_dointvec(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  return do_proc_vec(ctl, write, buffer, lenp, ppos, &(struct kind){sizeof(int), true, 1, NULL, NULL});
}
int proc_dointvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  return do_proc_vec(ctl, write, buffer, lenp, ppos,
                     &(struct kind){sizeof(int), true, 1, ctl->extra1, ctl->extra2});
}
int proc_dointvec_jiffies(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  return do_proc_vec(ctl, write, buffer, lenp, ppos, &(struct kind){sizeof(int), true, HZ, NULL, NULL});
}
int proc_douintvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  // There are no arrays of these.
  if (ctl->maxlen != sizeof(unsigned int)) return -EINVAL;
  return do_proc_vec(ctl, write, buffer, lenp, ppos,
                     &(struct kind){sizeof(int), false, 1, ctl->extra1, ctl->extra2});
}
int proc_douintvec(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  if (ctl->maxlen != sizeof(unsigned int)) return -EINVAL;
  return do_proc_vec(ctl, write, buffer, lenp, ppos, &(struct kind){sizeof(int), false, 1, NULL, NULL});
}
int proc_dobool(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  return do_proc_vec(ctl, write, buffer, lenp, ppos, &(struct kind){sizeof(bool), true, 1, NULL, NULL});
}
int proc_doulongvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  return do_proc_vec(ctl, write, buffer, lenp, ppos,
                     &(struct kind){sizeof(long), false, 1, ctl->extra1, ctl->extra2});
}

// Ranges of bits; data is a pointer to the bitmap's, and maxlen its bits.
int proc_do_large_bitmap(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  unsigned long *bits = *(unsigned long**)ctl->data, *parsed;
  char* text;
  int err = 0;

  if (!bits || !ctl->maxlen || !*lenp || (*ppos && !write)) {
    *lenp = 0;
    return 0;
  }
  if (!write) {
    text = kasprintf(GFP_KERNEL, "%*pbl\n", ctl->maxlen, bits);
    if (!text) return -ENOMEM;
    *lenp = min(*lenp, strlen(text));
    memcpy(buffer, text, *lenp);
    kfree(text);
  } else {
    parsed = bitmap_zalloc((unsigned int)ctl->maxlen, GFP_KERNEL);
    text = kstrndup(buffer, *lenp, GFP_KERNEL);
    if (!parsed || !text)
      err = -ENOMEM;
    else if (bitmap_parselist(text, parsed, ctl->maxlen))
      err = -EINVAL;
    // What is not written at the start is added.
    else if (*ppos)
      bitmap_or(bits, bits, parsed, (unsigned int)ctl->maxlen);
    else
      bitmap_copy(bits, parsed, (unsigned int)ctl->maxlen);
    kfree(text);
    bitmap_free(parsed);
  }
  if (!err) *ppos += (loff_t)*lenp;
  return err;
}

int proc_dostring(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  char *text = ctl->data, *from = buffer;
  size_t n, most = (size_t)ctl->maxlen;

  if (!text || !most || !*lenp || (*ppos && !write)) {
    *lenp = 0;
    return 0;
  }
  if (write) {
    if (!*ppos) {
      // A line.
      for (n = 0; n < most - 1 && n < *lenp && from[n] && from[n] != '\n'; n++) text[n] = from[n];
      text[n] = 0;
    }
    *ppos += (loff_t)*lenp;
    return 0;
  }
  n = min(strnlen(text, most), *lenp);
  memcpy(buffer, text, n);
  if (n < *lenp) from[n++] = '\n';
  *lenp = n;
  *ppos += (loff_t)n;
  return 0;
}
