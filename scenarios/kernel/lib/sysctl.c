// Settings in /proc/sys (kernel/sysctl.c, fs/proc/proc_sysctl.c).
#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
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
    err = __file_add(f->path, f->inode->i_mode, f->inode);
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

static int do_proc_dointvec(struct ctl_table* table, int write, char* buffer, size_t* lenp, loff_t* ppos,
                            const int* min, const int* max) {
  size_t n = table->maxlen / sizeof(int), done = 0;
  char *at = buffer, *end;
  int *value = table->data, err = 0;

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
  for (; n > 0 && at < end; n--, value++, done++) {
    if (write) {
      long number;

      while (at < end && isspace(*at)) at++;
      if (at >= end || !*at) break;
      if (!proc_get_long(&at, end, &number) || number != (int)number || (min && number < *min) ||
          (max && number > *max)) {
        err = -EINVAL;
        break;
      }
      WRITE_ONCE(*value, (int)number);
    } else {
      at += scnprintf(at, (size_t)(end - at) + 1, "%s%d", done ? "\t" : "", READ_ONCE(*value));
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

int proc_dointvec(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  return do_proc_dointvec(ctl, write, buffer, lenp, ppos, NULL, NULL);
}

int proc_dointvec_minmax(struct ctl_table* ctl, int write, void* buffer, size_t* lenp, loff_t* ppos) {
  return do_proc_dointvec(ctl, write, buffer, lenp, ppos, ctl->extra1, ctl->extra2);
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
