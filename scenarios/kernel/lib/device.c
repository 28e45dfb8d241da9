// Devices (drivers/base/core.c, class.c, devtmpfs.c): a file in /dev, and a folder in /sys.
#include <linux/bug.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "device.h"
#include "gates.h"
#include "internal.h"

struct class {
  char* name;
  char* path;
  struct list_head node;
  struct list_head devices;
};
struct made_device {
  struct device dev;
  struct list_head node;
  struct inode* inode;
  char* file; /* in /dev, or null */
  char* link; /* in /sys/class */
};
static LIST_HEAD(class_list);
static DEFINE_MUTEX(device_mutex);

struct class* __class_create(struct module* owner, const char* name) {
  struct class *cls = kzalloc(sizeof(*cls), GFP_KERNEL), *other;
  int err = 0;

  if (!cls) return ERR_PTR(-ENOMEM);
  INIT_LIST_HEAD(&cls->devices);
  cls->name = kstrdup(name, GFP_KERNEL);
  cls->path = kasprintf(GFP_KERNEL, "/sys/class/%s", name);
  mutex_lock(&device_mutex);
  list_for_each_entry(other, &class_list, node) if (!strcmp(other->name, name)) err = -EEXIST;
  if (!err) list_add_tail(&cls->node, &class_list);
  mutex_unlock(&device_mutex);
  if (err) {
    pr_warn("sysfs: cannot create duplicate filename '/class/%s'\n", name);
    kfree(cls->path);
    kfree(cls->name);
    kfree(cls);
    return ERR_PTR(err);
  }
  __folders_to(cls->path);
  __folder_add(cls->path);
  return cls;
}

void class_destroy(struct class* cls) {
  if (IS_ERR_OR_NULL(cls)) return;
  mutex_lock(&device_mutex);
  list_del(&cls->node);
  mutex_unlock(&device_mutex);
  __file_remove(cls->path);
  kfree(cls->path);
  kfree(cls->name);
  kfree(cls);
}

const char* dev_driver_string(const struct device* dev) {
  return dev->driver ? dev->driver->name : dev->class ? dev->class->name : "";
}

static ssize_t dev_attr_show(struct kobject* kobj, struct attribute* attr, char* buf) {
  struct device_attribute* a = container_of(attr, struct device_attribute, attr);

  return a->show ? a->show(container_of(kobj, struct device, kobj), a, buf) : -EIO;
}
static ssize_t dev_attr_store(struct kobject* kobj, struct attribute* attr, const char* buf, size_t count) {
  struct device_attribute* a = container_of(attr, struct device_attribute, attr);

  return a->store ? a->store(container_of(kobj, struct device, kobj), a, buf, count) : -EIO;
}
static const struct sysfs_ops dev_sysfs_ops = {.show = dev_attr_show, .store = dev_attr_store};

static void device_release(struct kobject* kobj) {
  struct made_device* d = container_of(kobj, struct made_device, dev.kobj);

  devres_release_all(&d->dev);
  kfree(d->file);
  kfree(d->link);
  kfree(d);
}
static const struct kobj_type device_ktype = {.release = device_release, .sysfs_ops = &dev_sysfs_ops};
// What devices without a parent are in: a kobject that is no more than its path.
static struct kobject* get_folder(const char* fmt, const char* name) {
  struct sysfs_dir* dir = kzalloc(sizeof(*dir), GFP_KERNEL);
  struct kobject* kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);

  if (dir) dir->path = kasprintf(GFP_KERNEL, fmt, name);
  if (!dir || !kobj || !dir->path) {
    kfree(dir);
    kfree(kobj);
    return NULL;
  }
  INIT_LIST_HEAD(&dir->files);
  __folders_to(dir->path);
  __folder_add(dir->path);
  kobject_init(kobj, NULL);
  kobj->sd = dir;
  return kobj;
}

static void free_folder(struct kobject* kobj) {
  struct sysfs_dir* dir = kobj->sd;

  kfree(dir->path);
  kfree(dir);
  kfree(kobj);
}

static ssize_t dev_show(struct device* dev, struct device_attribute* attr, char* buf) {
  return scnprintf(buf, PAGE_SIZE, "%u:%u\n", MAJOR(dev->devt), MINOR(dev->devt));
}
static const struct device_attribute dev_attr_dev = {.attr = {.name = "dev", .mode = 0444}, .show = dev_show};

// A name with slashes is a path in /dev.
static int devtmpfs_create_node(struct made_device* d, const char* name, umode_t mode,
                                const struct file_operations* fops) {
  int err;

  d->file = kasprintf(GFP_KERNEL, "/dev/%s", name);
  if (!d->file) return -ENOMEM;
  strreplace(d->file, '!', '/');
  d->inode = __inode_new(S_IFCHR | (mode ? mode : 0600), fops, NULL);
  if (!d->inode) return -ENOMEM;
  d->inode->i_rdev = d->dev.devt;
  __folders_to(d->file);
  err = __inode_add(d->file, d->inode->i_mode, d->inode);
  if (err) {
    kfree(d->inode);
    d->inode = NULL;
  }
  return err;
}

struct device* __device_create(struct class* cls, struct device* parent, dev_t devt, void* drvdata,
                               const char* node, umode_t mode, const struct file_operations* fops,
                               const char* fmt, va_list args) {
  struct made_device* d = kzalloc(sizeof(*d), GFP_KERNEL);
  char* name = kvasprintf(GFP_KERNEL, fmt, args);
  struct kobject* folder = parent ? NULL : get_folder("/sys/devices/virtual/%s", cls->name);
  int err = -ENOMEM;

  if (d && name && (parent || folder)) {
    d->dev.parent = parent;
    d->dev.class = cls;
    d->dev.devt = devt;
    d->dev.driver_data = drvdata;
    err = kobject_init_and_add(&d->dev.kobj, &device_ktype, parent ? &parent->kobj : folder, "%s", name);
    // The folder has no more to do: only its path was wanted.
    if (!err && folder) d->dev.kobj.parent = NULL;
    if (!err) {
      d->link = kasprintf(GFP_KERNEL, "%s/%s", cls->path, d->dev.kobj.name);
      if (d->link && !parent) {
        char* target = kasprintf(GFP_KERNEL, "../../devices/virtual/%s/%s", cls->name, d->dev.kobj.name);

        if (target) __symlink_add(d->link, target);
        kfree(target);
      }
      if (devt) {
        device_create_file(&d->dev, &dev_attr_dev);
        err = devtmpfs_create_node(d, node ? node : name, mode, fops);
      }
    }
    if (err) {
      kobject_put(&d->dev.kobj);
      d = NULL;
    }
  } else {
    kfree(d);
  }
  if (folder) free_folder(folder);
  kfree(name);
  if (err) return ERR_PTR(err);
  mutex_lock(&device_mutex);
  list_add_tail(&d->node, &cls->devices);
  mutex_unlock(&device_mutex);
  return &d->dev;
}

struct device* device_create(struct class* cls, struct device* parent, dev_t devt, void* drvdata,
                             const char* fmt, ...) {
  struct device* dev;
  va_list args;

  va_start(args, fmt);
  dev = __device_create(cls, parent, devt, drvdata, NULL, 0, &def_chr_fops, fmt, args);
  va_end(args);
  return dev;
}

void device_destroy(struct class* cls, dev_t devt) {
  struct made_device *d, *found = NULL;

  mutex_lock(&device_mutex);
  list_for_each_entry(d, &cls->devices, node) {
    if (d->dev.devt != devt) continue;
    found = d;
    list_del(&d->node);
    break;
  }
  mutex_unlock(&device_mutex);
  if (!found) return;
  if (found->file) __file_remove(found->file);
  if (found->link) __file_remove(found->link);
  kobject_del(&found->dev.kobj);
  kobject_put(&found->dev.kobj);
}

int device_create_file(struct device* dev, const struct device_attribute* attr) {
  return sysfs_create_file(&dev->kobj, &attr->attr);
}
void device_remove_file(struct device* dev, const struct device_attribute* attr) {
  sysfs_remove_file(&dev->kobj, &attr->attr);
}

// Those that modules make themselves.
static void registered_release(struct kobject* kobj) {
  struct device* dev = container_of(kobj, struct device, kobj);

  devres_release_all(dev);
  if (dev->release)
    dev->release(dev);
  else
    WARN(1, "Device '%s' does not have a release() function, it is broken and must be fixed.\n",
         dev_name(dev));
}
static const struct kobj_type registered_ktype = {.release = registered_release, .sysfs_ops = &dev_sysfs_ops};

void device_initialize(struct device* dev) { kobject_init(&dev->kobj, &registered_ktype); }

int dev_set_name(struct device* dev, const char* fmt, ...) {
  va_list args;
  char* name;

  va_start(args, fmt);
  name = kvasprintf(GFP_KERNEL, fmt, args);
  va_end(args);
  if (!name) return -ENOMEM;
  kfree(dev->kobj.name);
  dev->kobj.name = name;
  return 0;
}

int device_add(struct device* dev) {
  struct kobject* folder = dev->parent ? NULL : get_folder("/sys/devices%s", "");
  char* name = kstrdup(dev_name(dev) ?: "", GFP_KERNEL);
  int err = name && (folder || dev->parent) ? 0 : -ENOMEM;

  if (!err && !*name) err = -EINVAL;
  if (!err) err = kobject_add(&dev->kobj, folder ? folder : &dev->parent->kobj, "%s", name);
  if (!err && folder) dev->kobj.parent = NULL;
  for (const struct attribute_group** group = dev->groups; !err && group && *group; group++)
    err = sysfs_create_group(&dev->kobj, *group);
  if (folder) free_folder(folder);
  kfree(name);
  return err;
}

int device_register(struct device* dev) {
  device_initialize(dev);
  return device_add(dev);
}
void device_del(struct device* dev) { kobject_del(&dev->kobj); }
void device_unregister(struct device* dev) {
  device_del(dev);
  put_device(dev);
}

static void root_device_release(struct device* dev) { kfree(dev); }
struct device* __root_device_register(const char* name, struct module* owner) {
  struct device* dev = kzalloc(sizeof(*dev), GFP_KERNEL);
  int err;

  if (!dev) return ERR_PTR(-ENOMEM);
  dev->init_name = name;
  dev->release = root_device_release;
  err = device_register(dev);
  if (!err) return dev;
  put_device(dev);
  return ERR_PTR(err);
}
void root_device_unregister(struct device* dev) { device_unregister(dev); }
