// The folders in /sys that kobjects are (sysfs.c).
#ifndef TRAPLINE_LIB_SYSFS_H
#define TRAPLINE_LIB_SYSFS_H

#include <linux/list.h>

struct kobject;

struct sysfs_dir {
  const char* path;
  struct list_head files;
};
#define SYSFS_DIR(name, where) \
  { .path = where, .files = LIST_HEAD_INIT((name).files) }

// With the files of its type's default groups.
int __sysfs_create_dir(struct kobject* kobj);
void __sysfs_remove_dir(struct kobject* kobj);

#endif
