// What goes with a device's driver (drivers/base/devres.c), the last first.
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

struct devres {
  struct devres* next;
  void (*action)(void*); /* null: memory */
  void* data;
  u64 memory[];
};

static struct devres* add_devres(struct device* dev, size_t size, gfp_t gfp) {
  size_t bytes = size_add(sizeof(struct devres), size);
  struct devres* r = bytes == SIZE_MAX ? NULL : kmalloc(bytes, gfp);

  if (!r) return NULL;
  r->action = NULL;
  r->data = r->memory;
  r->next = dev->devres;
  dev->devres = r;
  return r;
}

// Takes that one off the list.
static struct devres* take_devres(struct device* dev, void (*action)(void*), const void* data) {
  for (struct devres** at = &dev->devres; *at; at = &(*at)->next) {
    struct devres* r = *at;

    if (r->action != action || r->data != data) continue;
    *at = r->next;
    return r;
  }
  return NULL;
}

void* devm_kmalloc(struct device* dev, size_t size, gfp_t gfp) {
  struct devres* r = size ? add_devres(dev, size, gfp) : NULL;

  if (!size) return ZERO_SIZE_PTR;
  return r ? r->memory : NULL;
}
void devm_kfree(struct device* dev, const void* p) {
  if (!ZERO_OR_NULL_PTR(p)) kfree(take_devres(dev, NULL, p));
}

int devm_add_action(struct device* dev, void (*action)(void*), void* data) {
  struct devres* r = add_devres(dev, 0, GFP_KERNEL);

  if (!r) return -ENOMEM;
  r->action = action;
  r->data = data;
  return 0;
}
void devm_remove_action(struct device* dev, void (*action)(void*), void* data) {
  kfree(take_devres(dev, action, data));
}

void* devm_kmemdup(struct device* dev, const void* p, size_t n, gfp_t gfp) {
  void* copy = devm_kmalloc(dev, n, gfp);

  return copy ? memcpy(copy, p, n) : NULL;
}
char* devm_kstrdup(struct device* dev, const char* s, gfp_t gfp) {
  return s ? devm_kmemdup(dev, s, strlen(s) + 1, gfp) : NULL;
}
char* devm_kasprintf(struct device* dev, gfp_t gfp, const char* fmt, ...) {
  char *text, *copy;
  va_list args;

  va_start(args, fmt);
  text = kvasprintf(gfp, fmt, args);
  va_end(args);
  copy = devm_kstrdup(dev, text, gfp);
  kfree(text);
  return copy;
}

int devres_release_all(struct device* dev) {
  int n = 0;

  for (; dev->devres; n++) {
    struct devres* r = dev->devres;

    dev->devres = r->next;
    if (r->action) r->action(r->data);
    kfree(r);
  }
  return n;
}
