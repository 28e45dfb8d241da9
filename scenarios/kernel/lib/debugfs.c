// debugfs (fs/debugfs): files and folders below /sys/kernel/debug, and files that hold one value.
#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "gates.h"
#include "internal.h"

struct debugfs_entry {
  struct dentry dentry; /* what modules have */
  char* path;
  struct list_head node;
  struct list_head children;
};
static struct debugfs_entry debugfs_root = {
    .dentry = {.d_name = {.name = (const unsigned char*)"/", .len = 1}},
    .path = (char*)"/sys/kernel/debug",
    .children = LIST_HEAD_INIT(debugfs_root.children),
};
static DEFINE_MUTEX(debugfs_mutex);

static struct debugfs_entry* entry_of(struct dentry* dentry) {
  return dentry ? container_of(dentry, struct debugfs_entry, dentry) : &debugfs_root;
}
static const char* name_of(const struct debugfs_entry* entry) {
  return (const char*)entry->dentry.d_name.name;
}

static struct debugfs_entry* debugfs_find(struct debugfs_entry* parent, const char* name) {
  struct debugfs_entry* entry;

  list_for_each_entry(entry, &parent->children, node) if (!strcmp(name_of(entry), name)) return entry;
  return NULL;
}

static struct debugfs_entry* debugfs_new_entry(struct debugfs_entry* parent, const char* name) {
  struct debugfs_entry* entry = kzalloc(sizeof(*entry), GFP_KERNEL);

  if (!entry) return NULL;
  entry->path = kasprintf(GFP_KERNEL, "%s/%s", parent->path, name);
  if (!entry->path) {
    kfree(entry);
    return NULL;
  }
  entry->dentry.d_parent = &parent->dentry;
  entry->dentry.d_name.name = (const unsigned char*)kbasename(entry->path);
  entry->dentry.d_name.len = (unsigned int)strlen(name);
  INIT_LIST_HEAD(&entry->children);
  return entry;
}

// A folder where there is no inode and no target.
static struct dentry* debugfs_add(const char* name, struct dentry* parent, struct inode* inode,
                                  const char* target) {
  struct debugfs_entry *above = entry_of(parent), *entry, *old;
  int err = -ENOMEM;

  mutex_lock(&debugfs_mutex);
  old = debugfs_find(above, name);
  entry = old ? NULL : debugfs_new_entry(above, name);
  if (old) {
    err = -EEXIST;
    if (!old->dentry.d_inode)
      pr_err("debugfs: Directory '%s' with parent '%s' already present!\n", name, name_of(above));
    else
      pr_err("debugfs: File '%s' in directory '%s' already present!\n", name, name_of(above));
  } else if (entry) {
    entry->dentry.d_inode = inode;
    if (above == &debugfs_root) __folders_to(entry->path);
    err = inode    ? __inode_add(entry->path, inode->i_mode, inode)
          : target ? __symlink_add(entry->path, target)
                   : __folder_add(entry->path);
    if (err) {
      kfree(entry->path);
      kfree(entry);
    } else {
      list_add_tail(&entry->node, &above->children);
    }
  }
  mutex_unlock(&debugfs_mutex);
  return err ? ERR_PTR(err) : &entry->dentry;
}

static ssize_t default_read_file(struct file* file, char __user* buf, size_t count, loff_t* ppos) {
  return 0;
}
static ssize_t default_write_file(struct file* file, const char __user* buf, size_t count, loff_t* ppos) {
  return (ssize_t)count;
}
static const struct file_operations debugfs_noop_file_operations = {
    .read = default_read_file, .write = default_write_file, .open = simple_open, .llseek = noop_llseek};

struct dentry* debugfs_create_file(const char* name, umode_t mode, struct dentry* parent, void* data,
                                   const struct file_operations* fops) {
  struct inode* inode;
  struct dentry* dentry;

  if (IS_ERR(parent)) return parent;
  if (!(mode & S_IFMT)) mode |= S_IFREG;
  inode = __inode_new(mode, fops ? fops : &debugfs_noop_file_operations, data);
  if (!inode) return ERR_PTR(-ENOMEM);
  dentry = debugfs_add(name, parent, inode, NULL);
  if (IS_ERR(dentry)) kfree(inode);
  return dentry;
}

struct dentry* debugfs_create_dir(const char* name, struct dentry* parent) {
  return IS_ERR(parent) ? parent : debugfs_add(name, parent, NULL, NULL);
}

struct dentry* debugfs_create_symlink(const char* name, struct dentry* parent, const char* target) {
  return IS_ERR(parent) ? parent : debugfs_add(name, parent, NULL, target);
}

static void debugfs_remove_one(struct debugfs_entry* entry) {
  while (!list_empty(&entry->children))
    debugfs_remove_one(list_first_entry(&entry->children, struct debugfs_entry, node));
  list_del(&entry->node);
  __file_remove(entry->path);
  // Without the lock: what is waited for may create files itself.
  if (entry->dentry.d_inode) {
    mutex_unlock(&debugfs_mutex);
    __inode_kill(entry->dentry.d_inode, -EIO);
    mutex_lock(&debugfs_mutex);
  }
  kfree(entry->path);
  kfree(entry);
}

void debugfs_remove(struct dentry* dentry) {
  if (IS_ERR_OR_NULL(dentry)) return;
  mutex_lock(&debugfs_mutex);
  debugfs_remove_one(entry_of(dentry));
  mutex_unlock(&debugfs_mutex);
}

struct dentry* debugfs_lookup(const char* name, struct dentry* parent) {
  struct debugfs_entry* entry;

  if (IS_ERR(parent)) return NULL;
  mutex_lock(&debugfs_mutex);
  entry = debugfs_find(entry_of(parent), name);
  mutex_unlock(&debugfs_mutex);
  return entry ? &entry->dentry : NULL;
}

// Numbers. By the file's mode, one that is only read or only written has no other function.
static void debugfs_create_mode(const char* name, umode_t mode, struct dentry* parent, void* value,
                                const struct file_operations* fops) {
  debugfs_create_file(name, mode, parent, value, &fops[!(mode & S_IWUGO) ? 1 : !(mode & S_IRUGO) ? 2 : 0]);
}

#define NUMBER_FILE(suffix, kind, get, set, format)                               \
  static int fops_##suffix##kind##_open(struct inode* inode, struct file* file) { \
    return simple_attr_open(inode, file, get, set, format);                       \
  }
#define NUMBER_FOPS(suffix, kind, how_to_write)                                                   \
  {                                                                                               \
    .open = fops_##suffix##kind##_open, .release = simple_attr_release, .read = simple_attr_read, \
    .write = how_to_write, .llseek = no_llseek                                                    \
  }
#define NUMBER(suffix, type, format, load, store, how_to_write)                                      \
  static int debugfs_##suffix##_get(void* data, u64* value) {                                        \
    type* at = data;                                                                                 \
    *value = (u64)(load);                                                                            \
    return 0;                                                                                        \
  }                                                                                                  \
  static int debugfs_##suffix##_set(void* data, u64 value) {                                         \
    type* at = data;                                                                                 \
    store;                                                                                           \
    return 0;                                                                                        \
  }                                                                                                  \
  NUMBER_FILE(suffix, _rw, debugfs_##suffix##_get, debugfs_##suffix##_set, format)                   \
  NUMBER_FILE(suffix, _ro, debugfs_##suffix##_get, NULL, format)                                     \
  NUMBER_FILE(suffix, _wo, NULL, debugfs_##suffix##_set, format)                                     \
  static const struct file_operations fops_##suffix[3] = {NUMBER_FOPS(suffix, _rw, how_to_write),    \
                                                          NUMBER_FOPS(suffix, _ro, how_to_write),    \
                                                          NUMBER_FOPS(suffix, _wo, how_to_write)};   \
  void debugfs_create_##suffix(const char* name, umode_t mode, struct dentry* parent, type* value) { \
    debugfs_create_mode(name, mode, parent, value, fops_##suffix);                                   \
  }
#define PLAIN(suffix, type, format) \
  NUMBER(suffix, type, format, READ_ONCE(*at), WRITE_ONCE(*at, (type)value), simple_attr_write)
PLAIN(u8, u8, "%llu\n")
PLAIN(u16, u16, "%llu\n")
PLAIN(u32, u32, "%llu\n")
PLAIN(u64, u64, "%llu\n")
PLAIN(ulong, unsigned long, "%llu\n")
PLAIN(x8, u8, "0x%02llx\n")
PLAIN(x16, u16, "0x%04llx\n")
PLAIN(x32, u32, "0x%08llx\n")
PLAIN(x64, u64, "0x%016llx\n")
PLAIN(size_t, size_t, "%llu\n")
NUMBER(atomic_t, atomic_t, "%lld\n", (s64)atomic_read(at), atomic_set(at, (int)value),
       simple_attr_write_signed)

static ssize_t debugfs_read_file_bool(struct file* file, char __user* buf, size_t count, loff_t* ppos) {
  bool* value = file->private_data;
  char text[2] = {READ_ONCE(*value) ? 'Y' : 'N', '\n'};

  return simple_read_from_buffer(buf, count, ppos, text, sizeof(text));
}

static ssize_t debugfs_write_file_bool(struct file* file, const char __user* buf, size_t count,
                                       loff_t* ppos) {
  bool value;

  // What is no truth value is taken without a word.
  if (!kstrtobool_from_user(buf, count, &value)) WRITE_ONCE(*(bool*)file->private_data, value);
  return (ssize_t)count;
}

#define RO_RW_WO(name, how_to_read, how_to_write)                                                  \
  static const struct file_operations name[3] = {                                                  \
      {.read = how_to_read, .write = how_to_write, .open = simple_open, .llseek = default_llseek}, \
      {.read = how_to_read, .open = simple_open, .llseek = default_llseek},                        \
      {.write = how_to_write, .open = simple_open, .llseek = default_llseek}}
RO_RW_WO(fops_bool, debugfs_read_file_bool, debugfs_write_file_bool);

void debugfs_create_bool(const char* name, umode_t mode, struct dentry* parent, bool* value) {
  debugfs_create_mode(name, mode, parent, value, fops_bool);
}

static ssize_t debugfs_read_file_str(struct file* file, char __user* buf, size_t count, loff_t* ppos) {
  char* text = READ_ONCE(*(char**)file->private_data);
  size_t n = text ? strlen(text) : 0;
  char* copy = kmalloc(n + 2, GFP_KERNEL);
  ssize_t ret;

  if (!copy) return -ENOMEM;
  memcpy(copy, text, n);
  copy[n] = '\n';
  ret = simple_read_from_buffer(buf, count, ppos, copy, n + 1);
  kfree(copy);
  return ret;
}

static ssize_t debugfs_write_file_str(struct file* file, const char __user* buf, size_t count, loff_t* ppos) {
  return -EINVAL;
}
RO_RW_WO(fops_str, debugfs_read_file_str, debugfs_write_file_str);

void debugfs_create_str(const char* name, umode_t mode, struct dentry* parent, char** value) {
  debugfs_create_mode(name, mode, parent, value, fops_str);
}

static ssize_t read_file_blob(struct file* file, char __user* buf, size_t count, loff_t* ppos) {
  struct debugfs_blob_wrapper* blob = file->private_data;

  return simple_read_from_buffer(buf, count, ppos, blob->data, blob->size);
}
static const struct file_operations fops_blob = {
    .read = read_file_blob, .open = simple_open, .llseek = default_llseek};

struct dentry* debugfs_create_blob(const char* name, umode_t mode, struct dentry* parent,
                                   struct debugfs_blob_wrapper* blob) {
  return debugfs_create_file(name, mode & 0444, parent, blob, &fops_blob);
}
