/* Devices and their classes (names only), and messages about devices. */
#ifndef TRAPLINE_LINUX_DEVICE_H
#define TRAPLINE_LINUX_DEVICE_H

#include <linux/dev_printk.h>
#include <linux/err.h>
#include <linux/kobject.h>
#include <linux/slab.h>
struct class;
struct devres;
struct module;
struct of_device_id;
struct device;
struct dev_pm_ops {
  int (*prepare)(struct device* dev);
  void (*complete)(struct device* dev);
  int (*suspend)(struct device* dev);
  int (*resume)(struct device* dev);
  int (*freeze)(struct device* dev);
  int (*thaw)(struct device* dev);
  int (*poweroff)(struct device* dev);
  int (*restore)(struct device* dev);
  int (*runtime_suspend)(struct device* dev);
  int (*runtime_resume)(struct device* dev);
  int (*runtime_idle)(struct device* dev);
};
#define SIMPLE_DEV_PM_OPS(name, suspend_fn, resume_fn) \
  const struct dev_pm_ops __maybe_unused name = {.suspend = suspend_fn, .resume = resume_fn}
struct device_driver {
  const char* name;
  struct module* owner;
  const struct of_device_id* of_match_table;
  const struct dev_pm_ops* pm; /* never called: nothing sleeps here */
  const struct attribute_group** groups;
};
struct device {
  struct kobject kobj;
  struct device* parent;
  const char* init_name;
  dev_t devt;
  void* driver_data;
  void* platform_data;
  struct class* class;
  struct device_driver* driver;
  void (*release)(struct device* dev);
  const struct attribute_group** groups;
  struct devres* devres; /* what goes with its driver, or with it */
};
/* Those that a module makes itself: a folder in its parent's, or in /sys/devices. */
void device_initialize(struct device* dev);
int device_add(struct device* dev);
int device_register(struct device* dev);
void device_del(struct device* dev);
void device_unregister(struct device* dev);
__printf(2, 3) int dev_set_name(struct device* dev, const char* fmt, ...);
static inline struct device* get_device(struct device* dev) {
  if (dev) kobject_get(&dev->kobj);
  return dev;
}
static inline void put_device(struct device* dev) {
  if (dev) kobject_put(&dev->kobj);
}
struct device* __root_device_register(const char* name, struct module* owner);
#define root_device_register(name) __root_device_register(name, THIS_MODULE)
void root_device_unregister(struct device* dev);
#define dev_get_platdata(dev) ((dev)->platform_data)

/* Memory and actions that go with a device's driver. */
void* devm_kmalloc(struct device* dev, size_t size, gfp_t gfp);
void devm_kfree(struct device* dev, const void* p);
int devm_add_action(struct device* dev, void (*action)(void*), void* data);
void devm_remove_action(struct device* dev, void (*action)(void*), void* data);
char* devm_kstrdup(struct device* dev, const char* s, gfp_t gfp);
void* devm_kmemdup(struct device* dev, const void* p, size_t n, gfp_t gfp);
__printf(3, 4) char* devm_kasprintf(struct device* dev, gfp_t gfp, const char* fmt, ...);
int devres_release_all(struct device* dev);
static inline void* devm_kzalloc(struct device* dev, size_t size, gfp_t gfp) {
  return devm_kmalloc(dev, size, gfp | __GFP_ZERO);
}
static inline void* devm_kmalloc_array(struct device* dev, size_t n, size_t size, gfp_t gfp) {
  return devm_kmalloc(dev, array_size(n, size), gfp);
}
static inline void* devm_kcalloc(struct device* dev, size_t n, size_t size, gfp_t gfp) {
  return devm_kmalloc_array(dev, n, size, gfp | __GFP_ZERO);
}
static inline int devm_add_action_or_reset(struct device* dev, void (*action)(void*), void* data) {
  int err = devm_add_action(dev, action, data);
  if (err) action(data);
  return err;
}
struct class* __class_create(struct module* owner, const char* name);
void class_destroy(struct class* cls);
__printf(5, 6) struct device* device_create(struct class* cls, struct device* parent, dev_t devt,
                                            void* drvdata, const char* fmt, ...);
void device_destroy(struct class* cls, dev_t devt);
/* class_create(owner, name), and class_create(name) of Linux 6.4. */
#define __class_create_1(name) __class_create(THIS_MODULE, name)
#define __class_create_2(owner, name) __class_create(owner, name)
#define __class_create_pick(a, b, name, ...) name
#define class_create(...) __class_create_pick(__VA_ARGS__, __class_create_2, __class_create_1, )(__VA_ARGS__)
static inline const char* dev_name(const struct device* dev) {
  return dev->kobj.name ? dev->kobj.name : dev->init_name;
}
static inline void* dev_get_drvdata(const struct device* dev) { return dev->driver_data; }
static inline void dev_set_drvdata(struct device* dev, void* data) { dev->driver_data = data; }
struct device_attribute {
  struct attribute attr;
  ssize_t (*show)(struct device* dev, struct device_attribute* attr, char* buf);
  ssize_t (*store)(struct device* dev, struct device_attribute* attr, const char* buf, size_t count);
};
#define DEVICE_ATTR(_name, _mode, _show, _store) \
  struct device_attribute dev_attr_##_name = __ATTR(_name, _mode, _show, _store)
#define DEVICE_ATTR_RW(_name) struct device_attribute dev_attr_##_name = __ATTR_RW(_name)
#define DEVICE_ATTR_RO(_name) struct device_attribute dev_attr_##_name = __ATTR_RO(_name)
#define DEVICE_ATTR_WO(_name) struct device_attribute dev_attr_##_name = __ATTR_WO(_name)
int device_create_file(struct device* dev, const struct device_attribute* attr);
void device_remove_file(struct device* dev, const struct device_attribute* attr);

#endif
