/* Devices that nothing finds by itself, and their drivers: one is for the other by its name. */
#ifndef TRAPLINE_LINUX_PLATFORM_DEVICE_H
#define TRAPLINE_LINUX_PLATFORM_DEVICE_H

#include <linux/device.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/mod_devicetable.h>
#define PLATFORM_DEVID_NONE (-1)
#define PLATFORM_DEVID_AUTO (-2)
struct platform_device_id {
  char name[20];
  unsigned long driver_data;
};
struct platform_device {
  const char* name;
  int id;
  struct device dev;
  u32 num_resources;
  struct resource* resource;
  const struct platform_device_id* id_entry;
  struct list_head node; /* the library's */
};
struct platform_driver {
  int (*probe)(struct platform_device*);
  int (*remove)(struct platform_device*);
  void (*shutdown)(struct platform_device*);
  struct device_driver driver;
  const struct platform_device_id* id_table;
  struct list_head node; /* the library's */
};
#define to_platform_device(d) container_of((d), struct platform_device, dev)
#define to_platform_driver(d) container_of((d), struct platform_driver, driver)
#define platform_get_device_id(pdev) ((pdev)->id_entry)
int platform_driver_register(struct platform_driver* driver);
void platform_driver_unregister(struct platform_driver* driver);
int platform_device_register(struct platform_device* pdev);
void platform_device_unregister(struct platform_device* pdev);
struct platform_device* platform_device_alloc(const char* name, int id);
int platform_device_add(struct platform_device* pdev);
int platform_device_add_data(struct platform_device* pdev, const void* data, size_t size);
int platform_device_add_resources(struct platform_device* pdev, const struct resource* r, unsigned int n);
void platform_device_del(struct platform_device* pdev);
static inline void platform_device_put(struct platform_device* pdev) {
  if (pdev) put_device(&pdev->dev);
}
/* An ERR_PTR() where it fails. */
struct platform_device* platform_device_register_data(struct device* parent, const char* name, int id,
                                                      const void* data, size_t size);
struct platform_device* platform_device_register_simple(const char* name, int id, const struct resource* r,
                                                        unsigned int n);
struct resource* platform_get_resource(struct platform_device* pdev, unsigned int type, unsigned int n);
int platform_get_irq(struct platform_device* pdev, unsigned int n);
static inline void* platform_get_drvdata(const struct platform_device* pdev) { return pdev->dev.driver_data; }
static inline void platform_set_drvdata(struct platform_device* pdev, void* data) {
  pdev->dev.driver_data = data;
}
#define module_platform_driver(driver)                                                \
  static int __init driver##_init(void) { return platform_driver_register(&driver); } \
  module_init(driver##_init);                                                         \
  static void __exit driver##_exit(void) { platform_driver_unregister(&driver); }     \
  module_exit(driver##_exit)

#endif
