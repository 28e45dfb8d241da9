/* Character devices. */
#ifndef TRAPLINE_LINUX_CDEV_H
#define TRAPLINE_LINUX_CDEV_H

#include <linux/fs.h>
struct cdev {
  struct module* owner;
  const struct file_operations* ops;
  dev_t dev;
  unsigned int count;
  void* private_;
};
_Static_assert(sizeof(struct cdev) == 32, "the emulator reads it");
static inline void cdev_init(struct cdev* c, const struct file_operations* fops) {
  *c = (struct cdev){.ops = fops};
}
int cdev_add(struct cdev* c, dev_t dev, unsigned int count);
void cdev_del(struct cdev* c);
struct cdev* cdev_alloc(void);

#endif
