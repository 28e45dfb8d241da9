// Files in /proc (fs/proc/generic.c, inode.c).
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/proc_fs.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>

#include "gates.h"
#include "internal.h"

struct proc_dir_entry {
  char* path; /* the name is its end */
  struct proc_dir_entry* parent;
  struct list_head node;
  struct list_head children;
  struct inode* inode; /* null: a folder */
  struct file_operations fops;
  int (*single_show)(struct seq_file*, void*);
  const struct seq_operations* seq_ops;
  unsigned int state_size;
};
static struct proc_dir_entry proc_root = {.path = (char*)"/proc",
                                          .children = LIST_HEAD_INIT(proc_root.children)};
static DEFINE_MUTEX(proc_mutex);

static const char* name_of(const struct proc_dir_entry* de) { return kbasename(de->path); }

static struct proc_dir_entry* pde_subdir_find(struct proc_dir_entry* parent, const char* name, size_t n) {
  struct proc_dir_entry* de;

  list_for_each_entry(de, &parent->children,
                      node) if (!strncmp(name_of(de), name, n) && !name_of(de)[n]) return de;
  return NULL;
}

static struct proc_dir_entry* proc_new_entry(struct proc_dir_entry* parent, const char* name) {
  struct proc_dir_entry* de = kzalloc(sizeof(*de), GFP_KERNEL);

  if (!de) return NULL;
  de->path = kasprintf(GFP_KERNEL, "%s/%s", parent->path, name);
  if (!de->path) {
    kfree(de);
    return NULL;
  }
  de->parent = parent;
  INIT_LIST_HEAD(&de->children);
  return de;
}

static void proc_free_entry(struct proc_dir_entry* de) {
  kfree(de->inode);
  kfree(de->path);
  kfree(de);
}

// The folder that a name leads to, and the rest of it. Some are there from the start.
static struct proc_dir_entry* xlate_proc_name(struct proc_dir_entry* parent, const char** name) {
  struct proc_dir_entry* de = parent ? parent : &proc_root;
  const char *at = *name, *slash;

  for (; (slash = strchr(at, '/')); at = slash + 1) {
    struct proc_dir_entry* next = pde_subdir_find(de, at, (size_t)(slash - at));

    if (!next && de == &proc_root &&
        (!strncmp(at, "fs/", 3) || !strncmp(at, "driver/", 7) || !strncmp(at, "bus/", 4))) {
      char first[8];

      strscpy(first, at, (size_t)(slash - at) + 1);
      next = proc_new_entry(de, first);
      if (next) {
        __folder_add(next->path);
        list_add_tail(&next->node, &de->children);
      }
    }
    if (!next) {
      WARN(1, "name '%s'\n", *name);
      return NULL;
    }
    de = next;
  }
  *name = at;
  return de;
}

static struct proc_dir_entry* proc_register(const char* name, struct proc_dir_entry* parent,
                                            struct proc_dir_entry* kind, umode_t mode, void* data) {
  struct proc_dir_entry *de = NULL, *dir;
  int err = -ENOMEM;

  mutex_lock(&proc_mutex);
  dir = xlate_proc_name(parent, &name);
  if (dir && !*name) WARN(1, "name len 0\n");
  if (dir && *name && pde_subdir_find(dir, name, strlen(name))) {
    WARN(1, "proc_dir_entry '%s/%s' already registered\n", dir == &proc_root ? "/proc" : name_of(dir), name);
  } else if (dir && *name && (de = proc_new_entry(dir, name))) {
    if (kind) {
      de->fops = kind->fops;
      de->single_show = kind->single_show;
      de->seq_ops = kind->seq_ops;
      de->state_size = kind->state_size;
      if (!(mode & S_IALLUGO)) mode |= S_IRUGO;
      if (!(mode & S_IFMT)) mode |= S_IFREG;
      de->inode = __inode_new(mode, &de->fops, data);
      if (de->inode) {
        __inode_set_owner(de->inode, de);
        err = __inode_add(de->path, mode, de->inode);
      }
    } else {
      err = __folder_add(de->path);
    }
    if (err) {
      proc_free_entry(de);
      de = NULL;
    } else {
      list_add_tail(&de->node, &dir->children);
    }
  }
  mutex_unlock(&proc_mutex);
  return de;
}

struct proc_dir_entry* proc_create_data(const char* name, umode_t mode, struct proc_dir_entry* parent,
                                        const struct proc_ops* ops, void* data) {
  struct proc_dir_entry kind = {.fops = {.open = ops->proc_open,
                                         .read = ops->proc_read,
                                         .write = ops->proc_write,
                                         .llseek = ops->proc_lseek,
                                         .release = ops->proc_release,
                                         .poll = ops->proc_poll,
                                         .unlocked_ioctl = ops->proc_ioctl,
                                         .mmap = ops->proc_mmap}};

  return proc_register(name, parent, &kind, mode, data);
}

static struct proc_dir_entry* pde_of(const struct inode* inode) { return __inode_owner(inode); }

static int proc_single_open(struct inode* inode, struct file* file) {
  return single_open(file, pde_of(inode)->single_show, inode->i_private);
}

struct proc_dir_entry* proc_create_single_data(const char* name, umode_t mode, struct proc_dir_entry* parent,
                                               int (*show)(struct seq_file*, void*), void* data) {
  struct proc_dir_entry kind = {.fops = {.open = proc_single_open,
                                         .read = seq_read,
                                         .read_iter = __splices,
                                         .llseek = seq_lseek,
                                         .release = single_release},
                                .single_show = show};

  return proc_register(name, parent, &kind, mode, data);
}

static int proc_seq_open(struct inode* inode, struct file* file) {
  struct proc_dir_entry* de = pde_of(inode);

  if (de->state_size) return seq_open_private(file, de->seq_ops, (int)de->state_size);
  return seq_open(file, de->seq_ops);
}

static int proc_seq_release(struct inode* inode, struct file* file) {
  return pde_of(inode)->state_size ? seq_release_private(inode, file) : seq_release(inode, file);
}

struct proc_dir_entry* proc_create_seq_private(const char* name, umode_t mode, struct proc_dir_entry* parent,
                                               const struct seq_operations* ops, unsigned int state_size,
                                               void* data) {
  struct proc_dir_entry kind = {.fops = {.open = proc_seq_open,
                                         .read = seq_read,
                                         .read_iter = __splices,
                                         .llseek = seq_lseek,
                                         .release = proc_seq_release},
                                .seq_ops = ops,
                                .state_size = state_size};

  return proc_register(name, parent, &kind, mode, data);
}

struct proc_dir_entry* proc_mkdir(const char* name, struct proc_dir_entry* parent) {
  return proc_register(name, parent, NULL, 0, NULL);
}

void proc_set_size(struct proc_dir_entry* de, loff_t size) {
  if (de->inode) de->inode->i_size = size;
}

// Files that are open are closed as far as the module sees; the entry stays for them.
static void proc_remove_one(struct proc_dir_entry* de) {
  while (!list_empty(&de->children))
    proc_remove_one(list_first_entry(&de->children, struct proc_dir_entry, node));
  list_del(&de->node);
  __file_remove(de->path);
  if (!de->inode) {
    proc_free_entry(de);
    return;
  }
  mutex_unlock(&proc_mutex);
  __inode_kill(de->inode, -EIO);
  __inode_release_files(de->inode);
  mutex_lock(&proc_mutex);
}

void proc_remove(struct proc_dir_entry* de) {
  if (!de) return;
  mutex_lock(&proc_mutex);
  proc_remove_one(de);
  mutex_unlock(&proc_mutex);
}

static int remove_proc_named(const char* name, struct proc_dir_entry* parent, bool with_children) {
  struct proc_dir_entry *dir, *de;

  mutex_lock(&proc_mutex);
  dir = xlate_proc_name(parent, &name);
  de = dir ? pde_subdir_find(dir, name, strlen(name)) : NULL;
  if (de) {
    if (!with_children && !list_empty(&de->children))
      WARN(1, "%s: removing non-empty directory '%s/%s', leaking at least '%s'\n", "remove_proc_entry",
           name_of(dir), name, name_of(list_first_entry(&de->children, struct proc_dir_entry, node)));
    proc_remove_one(de);
  } else if (dir && !with_children) {
    WARN(1, "name '%s'\n", name);
  }
  mutex_unlock(&proc_mutex);
  return de ? 0 : -ENOENT;
}

void remove_proc_entry(const char* name, struct proc_dir_entry* parent) {
  remove_proc_named(name, parent, false);
}
int remove_proc_subtree(const char* name, struct proc_dir_entry* parent) {
  return remove_proc_named(name, parent, true);
}
