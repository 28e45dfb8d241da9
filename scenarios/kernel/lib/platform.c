// Devices by name, and their drivers (drivers/base/platform.c).
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/string.h>

static LIST_HEAD(devices);
static LIST_HEAD(drivers);
static DEFINE_MUTEX(platform_mutex);
static int next_auto_id;
static struct device* platform_bus; /* /sys/devices/platform */

static bool is_for(const struct platform_driver* driver, struct platform_device* pdev) {
  for (const struct platform_device_id* id = driver->id_table; id && id->name[0]; id++) {
    if (strcmp(id->name, pdev->name)) continue;
    pdev->id_entry = id;
    return true;
  }
  return !driver->id_table && !strcmp(driver->driver.name, pdev->name);
}

static void bind(struct platform_driver* driver, struct platform_device* pdev) {
  int err;

  if (pdev->dev.driver || !is_for(driver, pdev)) return;
  pdev->dev.driver = &driver->driver;
  err = driver->probe ? driver->probe(pdev) : 0;
  if (!err) return;
  if (err != -ENODEV && err != -ENXIO)
    pr_warn("%s: probe of %s failed with error %d\n", driver->driver.name, dev_name(&pdev->dev), err);
  devres_release_all(&pdev->dev);
  pdev->dev.driver = NULL;
}

static void unbind(struct platform_device* pdev) {
  struct platform_driver* driver = pdev->dev.driver ? to_platform_driver(pdev->dev.driver) : NULL;

  if (!driver) return;
  if (driver->remove) driver->remove(pdev);
  devres_release_all(&pdev->dev);
  pdev->dev.driver = NULL;
  pdev->dev.driver_data = NULL;
}

int platform_driver_register(struct platform_driver* driver) {
  struct platform_device* pdev;

  mutex_lock(&platform_mutex);
  list_add_tail(&driver->node, &drivers);
  list_for_each_entry(pdev, &devices, node) bind(driver, pdev);
  mutex_unlock(&platform_mutex);
  return 0;
}

void platform_driver_unregister(struct platform_driver* driver) {
  struct platform_device* pdev;

  mutex_lock(&platform_mutex);
  list_for_each_entry(pdev, &devices, node) if (pdev->dev.driver == &driver->driver) unbind(pdev);
  list_del(&driver->node);
  mutex_unlock(&platform_mutex);
}

int platform_device_add(struct platform_device* pdev) {
  struct platform_driver* driver;
  int err = 0;

  mutex_lock(&platform_mutex);
  if (!platform_bus) platform_bus = __root_device_register("platform", NULL);
  if (!pdev->dev.parent && !IS_ERR(platform_bus)) pdev->dev.parent = platform_bus;
  if (pdev->id == PLATFORM_DEVID_AUTO) {
    pdev->id = next_auto_id++;
    err = dev_set_name(&pdev->dev, "%s.%d.auto", pdev->name, pdev->id);
  } else if (pdev->id == PLATFORM_DEVID_NONE) {
    err = dev_set_name(&pdev->dev, "%s", pdev->name);
  } else {
    err = dev_set_name(&pdev->dev, "%s.%d", pdev->name, pdev->id);
  }
  if (!err) err = device_add(&pdev->dev);
  if (!err) {
    list_add_tail(&pdev->node, &devices);
    list_for_each_entry(driver, &drivers, node) bind(driver, pdev);
  }
  mutex_unlock(&platform_mutex);
  return err;
}

int platform_device_register(struct platform_device* pdev) {
  device_initialize(&pdev->dev);
  return platform_device_add(pdev);
}

void platform_device_del(struct platform_device* pdev) {
  mutex_lock(&platform_mutex);
  unbind(pdev);
  list_del(&pdev->node);
  mutex_unlock(&platform_mutex);
  device_del(&pdev->dev);
}
void platform_device_unregister(struct platform_device* pdev) {
  if (IS_ERR_OR_NULL(pdev)) return;
  platform_device_del(pdev);
  platform_device_put(pdev);
}

static void allocated_release(struct device* dev) {
  struct platform_device* pdev = to_platform_device(dev);

  kfree(pdev->dev.platform_data);
  kfree(pdev->resource);
  kfree(pdev->name);
  kfree(pdev);
}

struct platform_device* platform_device_alloc(const char* name, int id) {
  struct platform_device* pdev = kzalloc(sizeof(*pdev), GFP_KERNEL);

  if (!pdev) return NULL;
  pdev->name = kstrdup(name, GFP_KERNEL);
  pdev->id = id;
  device_initialize(&pdev->dev);
  pdev->dev.release = allocated_release;
  return pdev;
}

static int keep_copy(void* to, const void* from, size_t size) {
  void* copy = from ? kmemdup(from, size, GFP_KERNEL) : NULL;

  if (from && !copy) return -ENOMEM;
  kfree(*(void**)to);
  *(void**)to = copy;
  return 0;
}
int platform_device_add_data(struct platform_device* pdev, const void* data, size_t size) {
  return keep_copy(&pdev->dev.platform_data, data, size);
}
int platform_device_add_resources(struct platform_device* pdev, const struct resource* r, unsigned int n) {
  int err = keep_copy(&pdev->resource, r, n * sizeof(*r));

  if (!err) pdev->num_resources = n;
  return err;
}

static struct platform_device* register_full(struct device* parent, const char* name, int id,
                                             const struct resource* r, unsigned int n, const void* data,
                                             size_t size) {
  struct platform_device* pdev = platform_device_alloc(name, id);
  int err = pdev ? platform_device_add_resources(pdev, r, n) : -ENOMEM;

  if (!err) err = platform_device_add_data(pdev, data, size);
  if (!err) {
    pdev->dev.parent = parent;
    err = platform_device_add(pdev);
  }
  if (!err) return pdev;
  platform_device_put(pdev);
  return ERR_PTR(err);
}
struct platform_device* platform_device_register_data(struct device* parent, const char* name, int id,
                                                      const void* data, size_t size) {
  return register_full(parent, name, id, NULL, 0, data, size);
}
struct platform_device* platform_device_register_simple(const char* name, int id, const struct resource* r,
                                                        unsigned int n) {
  return register_full(NULL, name, id, r, n, NULL, 0);
}

struct resource* platform_get_resource(struct platform_device* pdev, unsigned int type, unsigned int n) {
  for (u32 i = 0; i < pdev->num_resources; i++)
    if (resource_type(&pdev->resource[i]) == type && n-- == 0) return &pdev->resource[i];
  return NULL;
}
int platform_get_irq(struct platform_device* pdev, unsigned int n) {
  struct resource* r = platform_get_resource(pdev, IORESOURCE_IRQ, n);

  return r ? (int)r->start : -ENXIO;
}
