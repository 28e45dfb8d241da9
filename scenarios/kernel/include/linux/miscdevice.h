/* Character devices of one minor number each. */
#ifndef TRAPLINE_LINUX_MISCDEVICE_H
#define TRAPLINE_LINUX_MISCDEVICE_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>
#define MISC_DYNAMIC_MINOR 255
struct attribute_group;
struct miscdevice {
  int minor;
  const char* name;
  const struct file_operations* fops;
  struct list_head list;
  struct device* parent;
  struct device* this_device;
  const struct attribute_group** groups;
  const char* nodename;
  umode_t mode;
};
_Static_assert(offsetof(struct miscdevice, name) == 8 && offsetof(struct miscdevice, fops) == 16 &&
                   offsetof(struct miscdevice, mode) == 72 && sizeof(struct miscdevice) == 80,
               "the emulator reads it");
int misc_register(struct miscdevice* misc);
void misc_deregister(struct miscdevice* misc);
#define module_misc_device(d)                                  \
  static int __misc_init(void) { return misc_register(&(d)); } \
  static void __misc_exit(void) { misc_deregister(&(d)); }     \
  module_init(__misc_init) module_exit(__misc_exit)

#endif
