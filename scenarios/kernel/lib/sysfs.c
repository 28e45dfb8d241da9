// Attributes of kobjects as files (fs/sysfs).
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include "gates.h"
#include "internal.h"
#include "sysfs.h"

struct sysfs_file {
  struct list_head node;
  struct kobject* kobj;
  const struct attribute* attr;
  const char* folder; /* a group's name, or null */
  char* path;
  struct inode* inode;
};
static DEFINE_MUTEX(sysfs_mutex);

static const struct sysfs_ops* ops_of(const struct kobject* kobj) {
  return kobj->ktype ? kobj->ktype->sysfs_ops : NULL;
}

static int sysfs_kf_seq_show(struct seq_file* m, void* v) {
  struct sysfs_file* f = m->private;
  ssize_t count;

  // A page for what it prints: the buffer is as large from the start.
  memset(m->buf, 0, PAGE_SIZE);
  count = ops_of(f->kobj)->show(f->kobj, (struct attribute*)f->attr, m->buf);
  if (count < 0) return (int)count;
  if (count >= (ssize_t)PAGE_SIZE) {
    printk("fill_read_buffer: %pS returned bad count\n", ops_of(f->kobj)->show);
    count = (ssize_t)PAGE_SIZE - 1;
  }
  m->count = (size_t)count;
  return 0;
}

static int sysfs_open(struct inode* inode, struct file* file) {
  struct sysfs_file* f = __inode_owner(inode);
  const struct sysfs_ops* ops = ops_of(f->kobj);

  if ((file->f_mode & FMODE_READ) && (!(inode->i_mode & S_IRUGO) || !ops || !ops->show)) return -EACCES;
  if ((file->f_mode & FMODE_WRITE) && (!(inode->i_mode & S_IWUGO) || !ops || !ops->store)) return -EACCES;
  return single_open(file, sysfs_kf_seq_show, f);
}

static ssize_t sysfs_write(struct file* file, const char __user* buf, size_t count, loff_t* ppos) {
  struct sysfs_file* f = ((struct seq_file*)file->private_data)->private;
  size_t n = min_t(size_t, count, PAGE_SIZE);
  char* text = kmalloc(n + 1, GFP_KERNEL);
  ssize_t ret = -EFAULT;

  if (!text) return -ENOMEM;
  if (!copy_from_user(text, buf, n)) {
    text[n] = 0;
    ret = n ? ops_of(f->kobj)->store(f->kobj, (struct attribute*)f->attr, text, n) : 0;
  }
  if (ret > 0) *ppos += ret;
  kfree(text);
  return ret;
}

static const struct file_operations sysfs_fops = {.open = sysfs_open,
                                                  .read = seq_read,
                                                  .write = sysfs_write,
                                                  .read_iter = __splices,
                                                  .write_iter = __splices,
                                                  .llseek = seq_lseek,
                                                  .release = single_release};

static int sysfs_add_file(struct kobject* kobj, const struct attribute* attr, umode_t mode,
                          const char* folder) {
  struct sysfs_dir* dir = kobj->sd;
  struct sysfs_file *f = kzalloc(sizeof(*f), GFP_KERNEL), *other;
  int err = -ENOMEM;

  if (!f) return err;
  f->kobj = kobj;
  f->attr = attr;
  f->folder = folder;
  f->path =
      kasprintf(GFP_KERNEL, "%s/%s%s%s", dir->path, folder ? folder : "", folder ? "/" : "", attr->name);
  f->inode = __inode_new(S_IFREG | (mode & S_IALLUGO), &sysfs_fops, NULL);
  if (f->path && f->inode) {
    __inode_set_owner(f->inode, f);
    err = 0;
    mutex_lock(&sysfs_mutex);
    list_for_each_entry(other, &dir->files, node) if (!strcmp(other->path, f->path)) err = -EEXIST;
    if (!err) err = __inode_add(f->path, f->inode->i_mode, f->inode);
    if (!err) list_add_tail(&f->node, &dir->files);
    mutex_unlock(&sysfs_mutex);
    if (err == -EEXIST) {
      pr_warn("sysfs: cannot create duplicate filename '%s'\n", f->path + strlen("/sys"));
      dump_stack();
    }
  }
  if (err) {
    kfree(f->inode);
    kfree(f->path);
    kfree(f);
  }
  return err;
}

// A file that is open keeps it, and gives errors.
static void sysfs_remove_one(struct sysfs_file* f) {
  list_del(&f->node);
  __file_remove(f->path);
  mutex_unlock(&sysfs_mutex);
  __inode_kill(f->inode, -ENODEV);
  mutex_lock(&sysfs_mutex);
}

static void sysfs_remove_files(struct sysfs_dir* dir, const struct attribute* attr, const char* folder,
                               bool all) {
  struct sysfs_file* f;

  mutex_lock(&sysfs_mutex);
again:
  list_for_each_entry(f, &dir->files, node) {
    bool same_folder = folder && f->folder ? !strcmp(folder, f->folder) : folder == f->folder;

    if (!all && (f->attr != attr || !same_folder)) continue;
    // The lock is given back meanwhile.
    sysfs_remove_one(f);
    goto again;
  }
  mutex_unlock(&sysfs_mutex);
}

int sysfs_create_file(struct kobject* kobj, const struct attribute* attr) {
  if (WARN_ON(!kobj || !kobj->sd || !attr)) return -EINVAL;
  return sysfs_add_file(kobj, attr, attr->mode, NULL);
}

void sysfs_remove_file(struct kobject* kobj, const struct attribute* attr) {
  if (kobj->sd) sysfs_remove_files(kobj->sd, attr, NULL, false);
}

void sysfs_remove_group(struct kobject* kobj, const struct attribute_group* grp) {
  struct sysfs_dir* dir = kobj->sd;

  if (!dir) return;
  for (struct attribute* const* attr = grp->attrs; attr && *attr; attr++)
    sysfs_remove_files(dir, *attr, grp->name, false);
  if (grp->name) {
    char* path = kasprintf(GFP_KERNEL, "%s/%s", dir->path, grp->name);

    if (path) __file_remove(path);
    kfree(path);
  }
}

int sysfs_create_group(struct kobject* kobj, const struct attribute_group* grp) {
  struct sysfs_dir* dir = kobj ? kobj->sd : NULL;
  int err = 0;

  if (WARN_ON(!dir)) return -EINVAL;
  if (grp->name) {
    char* path = kasprintf(GFP_KERNEL, "%s/%s", dir->path, grp->name);

    err = path ? __folder_add(path) : -ENOMEM;
    kfree(path);
    if (err) return err;
  }
  for (int i = 0; grp->attrs && grp->attrs[i] && !err; i++) {
    umode_t mode = grp->attrs[i]->mode;

    if (grp->is_visible) {
      mode = grp->is_visible(kobj, grp->attrs[i], i);
      if (!mode) continue;
    }
    err = sysfs_add_file(kobj, grp->attrs[i], mode & 0664, grp->name);
  }
  if (err) sysfs_remove_group(kobj, grp);
  return err;
}

void sysfs_notify(struct kobject* kobj, const char* dir, const char* attr) {}

int __sysfs_create_dir(struct kobject* kobj) {
  const struct sysfs_dir* above = kobj->parent ? kobj->parent->sd : NULL;
  struct sysfs_dir* dir = kzalloc(sizeof(*dir), GFP_KERNEL);
  const struct attribute_group** groups = kobj->ktype ? kobj->ktype->default_groups : NULL;
  int err = -ENOMEM;

  if (!dir) return err;
  INIT_LIST_HEAD(&dir->files);
  dir->path = kasprintf(GFP_KERNEL, "%s/%s", above ? above->path : "/sys", kobj->name);
  if (dir->path) {
    __folders_to(dir->path);
    err = __folder_add(dir->path);
  }
  if (err) {
    if (err == -EEXIST) {
      pr_warn("sysfs: cannot create duplicate filename '%s'\n", dir->path + strlen("/sys"));
      dump_stack();
    }
    kfree(dir->path);
    kfree(dir);
    return err;
  }
  kobj->sd = dir;
  for (; groups && *groups && !err; groups++) err = sysfs_create_group(kobj, *groups);
  if (err) __sysfs_remove_dir(kobj);
  return err;
}

void __sysfs_remove_dir(struct kobject* kobj) {
  struct sysfs_dir* dir = kobj->sd;

  if (!dir) return;
  sysfs_remove_files(dir, NULL, NULL, true);
  __file_remove(dir->path);
  kobj->sd = NULL;
  kfree(dir->path);
  kfree(dir);
}
