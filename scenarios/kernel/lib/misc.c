// Devices of the major 10 (drivers/char/misc.c).
#include <linux/bitmap.h>
#include <linux/err.h>
#include <linux/miscdevice.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>

#include "device.h"
#include "internal.h"

#define MISC_MAJOR 10
#define DYNAMIC_MINORS 128

static LIST_HEAD(misc_list);
static DEFINE_MUTEX(misc_mtx);
static DECLARE_BITMAP(misc_minors, DYNAMIC_MINORS);
static struct class* misc_class;

static int misc_open(struct inode* inode, struct file* file) {
  const struct file_operations* fops = NULL;
  struct miscdevice* c;

  mutex_lock(&misc_mtx);
  list_for_each_entry(c, &misc_list, list) {
    if (c->minor != (int)iminor(inode)) continue;
    fops = c->fops;
    // For its functions, open() among them.
    file->private_data = c;
    break;
  }
  mutex_unlock(&misc_mtx);
  if (!fops) return -ENODEV;
  replace_fops(file, fops);
  return fops->open ? fops->open(inode, file) : 0;
}
static const struct file_operations misc_fops = {.open = misc_open, .llseek = noop_llseek};

__printf(2, 3) static struct device* misc_device_create(struct miscdevice* misc, const char* fmt, ...) {
  struct device* dev;
  va_list args;

  va_start(args, fmt);
  dev = __device_create(misc_class, misc->parent, MKDEV(MISC_MAJOR, (unsigned int)misc->minor), misc,
                        misc->nodename, misc->mode, &misc_fops, fmt, args);
  va_end(args);
  return dev;
}

static void misc_minor_free(int minor) {
  if (minor < DYNAMIC_MINORS && minor >= 0) clear_bit(DYNAMIC_MINORS - minor - 1, misc_minors);
}

static int misc_minor_take(struct miscdevice* misc) {
  struct miscdevice* c;
  int i;

  if (misc->minor != MISC_DYNAMIC_MINOR) {
    list_for_each_entry(c, &misc_list, list) if (c->minor == misc->minor) return -EBUSY;
    return 0;
  }
  i = (int)find_first_zero_bit(misc_minors, DYNAMIC_MINORS);
  if (i >= DYNAMIC_MINORS) return -EBUSY;
  set_bit(i, misc_minors);
  misc->minor = DYNAMIC_MINORS - i - 1;
  return 0;
}

int misc_register(struct miscdevice* misc) {
  bool dynamic = misc->minor == MISC_DYNAMIC_MINOR;
  int err;

  INIT_LIST_HEAD(&misc->list);
  mutex_lock(&misc_mtx);
  if (!misc_class) misc_class = __class_create(NULL, "misc");
  err = PTR_ERR_OR_ZERO(misc_class);
  if (!err) err = misc_minor_take(misc);
  if (!err) {
    misc->this_device = misc_device_create(misc, "%s", misc->name);
    err = PTR_ERR_OR_ZERO(misc->this_device);
    if (err && dynamic) {
      misc_minor_free(misc->minor);
      misc->minor = MISC_DYNAMIC_MINOR;
    }
  }
  if (!err) {
    for (const struct attribute_group** group = misc->groups; group && *group; group++)
      sysfs_create_group(&misc->this_device->kobj, *group);
    list_add(&misc->list, &misc_list);
  }
  mutex_unlock(&misc_mtx);
  return err;
}

void misc_deregister(struct miscdevice* misc) {
  if (WARN_ON(list_empty(&misc->list))) return;
  mutex_lock(&misc_mtx);
  list_del(&misc->list);
  device_destroy(misc_class, MKDEV(MISC_MAJOR, (unsigned int)misc->minor));
  misc_minor_free(misc->minor);
  mutex_unlock(&misc_mtx);
}
