/* Kernel objects: directories of sysfs. */
#ifndef TRAPLINE_LINUX_KOBJECT_H
#define TRAPLINE_LINUX_KOBJECT_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/sysfs.h>
struct kset;
struct kobj_type {
  void (*release)(struct kobject* kobj);
  const struct sysfs_ops* sysfs_ops;
  const struct attribute_group** default_groups;
};
struct kobject {
  const char* name;
  struct list_head entry;
  struct kobject* parent;
  struct kset* kset;
  const struct kobj_type* ktype;
  void* sd; /* its directory */
  struct kref kref;
  unsigned int state; /* bit 0: initialized; bit 1: in sysfs */
};
_Static_assert(sizeof(struct kobject) == 64 && offsetof(struct kobject, ktype) == 40,
               "the emulator keeps it");
struct kset_uevent_ops;
struct kset {
  struct list_head list;
  struct kobject kobj;
};
_Static_assert(sizeof(struct kset) == 80, "the emulator makes it");
struct kset* kset_create_and_add(const char* name, const struct kset_uevent_ops* ops, struct kobject* parent);
void kset_unregister(struct kset* kset);
struct kobj_attribute {
  struct attribute attr;
  ssize_t (*show)(struct kobject* kobj, struct kobj_attribute* attr, char* buf);
  ssize_t (*store)(struct kobject* kobj, struct kobj_attribute* attr, const char* buf, size_t count);
};
_Static_assert(sizeof(struct kobj_attribute) == 32, "the emulator reads it");
extern struct kobject *kernel_kobj, *mm_kobj;
/* Files of this one have kobj_attribute's show and store. */
struct kobject* kobject_create_and_add(const char* name, struct kobject* parent);
__printf(4, 5) int kobject_init_and_add(struct kobject* kobj, const struct kobj_type* ktype,
                                        struct kobject* parent, const char* fmt, ...);
void kobject_init(struct kobject* kobj, const struct kobj_type* ktype);
__printf(3, 4) int kobject_add(struct kobject* kobj, struct kobject* parent, const char* fmt, ...);
extern const struct sysfs_ops kobj_sysfs_ops; /* the files are kobj_attributes */
struct kobject* kobject_get(struct kobject* kobj);
void kobject_put(struct kobject* kobj);
void kobject_del(struct kobject* kobj);
static inline const char* kobject_name(const struct kobject* kobj) { return kobj->name; }
static inline int kobject_uevent(struct kobject* kobj, int action) { return 0; }
enum kobject_action { KOBJ_ADD, KOBJ_REMOVE, KOBJ_CHANGE };

#endif
