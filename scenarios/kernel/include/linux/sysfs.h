/* Attributes of kernel objects, as files. */
#ifndef TRAPLINE_LINUX_SYSFS_H
#define TRAPLINE_LINUX_SYSFS_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/stat.h>
struct kobject;
struct attribute {
  const char* name;
  umode_t mode;
};
struct bin_attribute;
struct attribute_group {
  const char* name;
  umode_t (*is_visible)(struct kobject*, struct attribute*, int);
  umode_t (*is_bin_visible)(struct kobject*, struct bin_attribute*, int);
  struct attribute** attrs;
  struct bin_attribute** bin_attrs;
};
struct sysfs_ops {
  ssize_t (*show)(struct kobject*, struct attribute*, char*);
  ssize_t (*store)(struct kobject*, struct attribute*, const char*, size_t);
};
_Static_assert(sizeof(struct attribute) == 16 && sizeof(struct attribute_group) == 40,
               "the emulator reads them");
#define __ATTR(_name, _mode, _show, _store) \
  { .attr = {.name = __stringify(_name), .mode = (_mode)}, .show = _show, .store = _store }
#define __ATTR_RO(_name) __ATTR(_name, 0444, _name##_show, NULL)
#define __ATTR_WO(_name) __ATTR(_name, 0200, NULL, _name##_store)
#define __ATTR_RW(_name) __ATTR(_name, 0644, _name##_show, _name##_store)
#define __ATTR_NULL         \
  {                         \
    .attr = {.name = NULL } \
  }
#define __ATTRIBUTE_GROUPS(_name) \
  static const struct attribute_group* _name##_groups[] = {&_name##_group, NULL}
#define ATTRIBUTE_GROUPS(_name)                                                 \
  static const struct attribute_group _name##_group = {.attrs = _name##_attrs}; \
  __ATTRIBUTE_GROUPS(_name)
int sysfs_create_file(struct kobject* kobj, const struct attribute* attr);
void sysfs_remove_file(struct kobject* kobj, const struct attribute* attr);
int sysfs_create_group(struct kobject* kobj, const struct attribute_group* grp);
void sysfs_remove_group(struct kobject* kobj, const struct attribute_group* grp);
void sysfs_notify(struct kobject* kobj, const char* dir, const char* attr);
#define sysfs_emit(buf, fmt, ...) scnprintf(buf, 4096, fmt, ##__VA_ARGS__)
#define sysfs_emit_at(buf, at, fmt, ...) scnprintf((buf) + (at), 4096 - (at), fmt, ##__VA_ARGS__)
#define sysfs_attr_init(attr) \
  do {                        \
    (void)(attr);             \
  } while (0)

#endif
