// Kernel objects (lib/kobject.c): each is a folder in /sys.
#include <linux/bug.h>
#include <linux/kobject.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "gates.h"
#include "internal.h"
#include "sysfs.h"

enum { INITIALIZED = 1, IN_SYSFS = 2 };

static struct sysfs_dir kernel_sysfs_dir = SYSFS_DIR(kernel_sysfs_dir, "/sys/kernel"),
                        mm_sysfs_dir = SYSFS_DIR(mm_sysfs_dir, "/sys/kernel/mm");
static void static_kobj_release(struct kobject* kobj) {}
static const struct kobj_type static_kobj_ktype = {.release = static_kobj_release,
                                                   .sysfs_ops = &kobj_sysfs_ops};
#define STATIC_KOBJECT(title, dir)                                                \
  {                                                                               \
    .name = title, .ktype = &static_kobj_ktype, .sd = &dir, .kref = KREF_INIT(1), \
    .state = INITIALIZED | IN_SYSFS                                               \
  }
static struct kobject static_kernel_kobj = STATIC_KOBJECT("kernel", kernel_sysfs_dir),
                      static_mm_kobj = STATIC_KOBJECT("mm", mm_sysfs_dir);
struct kobject *kernel_kobj = &static_kernel_kobj, *mm_kobj = &static_mm_kobj;

static ssize_t kobj_attr_show(struct kobject* kobj, struct attribute* attr, char* buf) {
  struct kobj_attribute* kattr = container_of(attr, struct kobj_attribute, attr);

  return kattr->show ? kattr->show(kobj, kattr, buf) : -EIO;
}
static ssize_t kobj_attr_store(struct kobject* kobj, struct attribute* attr, const char* buf, size_t count) {
  struct kobj_attribute* kattr = container_of(attr, struct kobj_attribute, attr);

  return kattr->store ? kattr->store(kobj, kattr, buf, count) : -EIO;
}
const struct sysfs_ops kobj_sysfs_ops = {.show = kobj_attr_show, .store = kobj_attr_store};

void kobject_init(struct kobject* kobj, const struct kobj_type* ktype) {
  if (kobj->state & INITIALIZED) {
    pr_err("kobject (%p): tried to init an initialized object, something is seriously wrong.\n", kobj);
    dump_stack();
  }
  kref_init(&kobj->kref);
  INIT_LIST_HEAD(&kobj->entry);
  kobj->state = INITIALIZED;
  kobj->ktype = ktype;
}

static int kobject_set_name_vargs(struct kobject* kobj, const char* fmt, va_list args) {
  char* name = kvasprintf(GFP_KERNEL, fmt, args);

  if (!name) return -ENOMEM;
  // A name is no path.
  strreplace(name, '/', '!');
  kfree(kobj->name);
  kobj->name = name;
  return 0;
}

static int kobject_add_internal(struct kobject* kobj, struct kobject* parent) {
  int err;

  if (!kobj->name || !kobj->name[0]) {
    WARN(1, "kobject: (%p): attempted to be registered with empty name!\n", kobj);
    return -EINVAL;
  }
  if (!parent && kobj->kset) parent = &kobj->kset->kobj;
  kobj->parent = kobject_get(parent);
  err = __sysfs_create_dir(kobj);
  if (err) {
    kobject_put(parent);
    kobj->parent = NULL;
    if (err == -EEXIST)
      pr_err(
          "kobject_add_internal failed for %s with -EEXIST, don't try to register things with the same name "
          "in "
          "the same directory.\n",
          kobj->name);
    else
      pr_err("kobject_add_internal failed for %s (error: %d parent: %s)\n", kobj->name, err,
             parent ? parent->name : "'none'");
    return err;
  }
  kobj->state |= IN_SYSFS;
  return 0;
}

static int kobject_add_varg(struct kobject* kobj, struct kobject* parent, const char* fmt, va_list args) {
  int err = kobject_set_name_vargs(kobj, fmt, args);

  return err ? err : kobject_add_internal(kobj, parent);
}

int kobject_add(struct kobject* kobj, struct kobject* parent, const char* fmt, ...) {
  va_list args;
  int err;

  va_start(args, fmt);
  err = kobject_add_varg(kobj, parent, fmt, args);
  va_end(args);
  return err;
}

int kobject_init_and_add(struct kobject* kobj, const struct kobj_type* ktype, struct kobject* parent,
                         const char* fmt, ...) {
  va_list args;
  int err;

  kobject_init(kobj, ktype);
  va_start(args, fmt);
  err = kobject_add_varg(kobj, parent, fmt, args);
  va_end(args);
  return err;
}

void kobject_del(struct kobject* kobj) {
  if (!kobj || !(kobj->state & IN_SYSFS)) return;
  __sysfs_remove_dir(kobj);
  kobj->state &= ~(unsigned int)IN_SYSFS;
  kobject_put(kobj->parent);
  kobj->parent = NULL;
}

struct kobject* kobject_get(struct kobject* kobj) {
  if (kobj) kref_get(&kobj->kref);
  return kobj;
}

static void kobject_release(struct kref* kref) {
  struct kobject* kobj = container_of(kref, struct kobject, kref);
  const char* name = kobj->name;

  kobject_del(kobj);
  if (kobj->ktype && kobj->ktype->release) kobj->ktype->release(kobj);
  kfree(name);
}

void kobject_put(struct kobject* kobj) {
  if (kobj) kref_put(&kobj->kref, kobject_release);
}

static void dynamic_kobj_release(struct kobject* kobj) { kfree(kobj); }
static const struct kobj_type dynamic_kobj_ktype = {.release = dynamic_kobj_release,
                                                    .sysfs_ops = &kobj_sysfs_ops};

struct kobject* kobject_create_and_add(const char* name, struct kobject* parent) {
  struct kobject* kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);
  int err;

  if (!kobj) return NULL;
  kobject_init(kobj, &dynamic_kobj_ktype);
  err = kobject_add(kobj, parent, "%s", name);
  if (err) {
    pr_warn("kobject_create_and_add: kobject_add error: %d\n", err);
    kobject_put(kobj);
    kobj = NULL;
  }
  return kobj;
}

static void kset_release(struct kobject* kobj) { kfree(container_of(kobj, struct kset, kobj)); }
static const struct kobj_type kset_ktype = {.release = kset_release, .sysfs_ops = &kobj_sysfs_ops};

struct kset* kset_create_and_add(const char* name, const struct kset_uevent_ops* ops,
                                 struct kobject* parent) {
  struct kset* kset = kzalloc(sizeof(*kset), GFP_KERNEL);

  if (!kset) return NULL;
  INIT_LIST_HEAD(&kset->list);
  if (kobject_init_and_add(&kset->kobj, &kset_ktype, parent, "%s", name)) {
    kobject_put(&kset->kobj);
    return NULL;
  }
  return kset;
}

void kset_unregister(struct kset* kset) {
  if (!kset) return;
  kobject_del(&kset->kobj);
  kobject_put(&kset->kobj);
}
