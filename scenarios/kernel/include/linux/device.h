/* Devices and their classes (names only), and messages about devices. */
#ifndef TRAPLINE_LINUX_DEVICE_H
#define TRAPLINE_LINUX_DEVICE_H

#include <linux/dev_printk.h>
#include <linux/err.h>
#include <linux/kobject.h>
#include <linux/slab.h>
struct class;
struct module;
struct device {
  struct kobject kobj;
  struct device* parent;
  const char* init_name;
  dev_t devt;
  void* driver_data;
  void* platform_data;
  struct class* class;
};
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
  return dev->init_name ? dev->init_name : dev->kobj.name;
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
