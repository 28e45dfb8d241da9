// Character devices (fs/char_dev.c).
#include <linux/cdev.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "gates.h"
#include "internal.h"

#define CHRDEV_MAJOR_MAX 512
#define CHRDEV_MAJOR_DYN_HIGHEST 254
#define CHRDEV_MAJOR_DYN_END 234
#define CHRDEV_MAJOR_DYN_EXT_START 511
#define CHRDEV_MAJOR_DYN_EXT_END 384

struct region {
  struct list_head node;
  unsigned int major, first, count;
  struct cdev* cdev; /* of __register_chrdev() */
};
// What stands for a number of a device; a cdev may be static, and be gone without a word.
struct mapping {
  struct list_head node;
  struct cdev* cdev;
};
static LIST_HEAD(chrdevs);
static LIST_HEAD(cdev_map);
static DEFINE_MUTEX(chrdevs_lock);

// Those of the kernel itself: memory, terminals, and miscdevice's.
static bool is_major_of_kernel(unsigned int major) {
  return major == 1 || major == 4 || major == 5 || major == 7 || major == 10 ||
         (major >= 128 && major <= 143);
}

static bool is_minor_range_free(unsigned int major, unsigned int first, unsigned int count) {
  struct region* r;

  if (is_major_of_kernel(major)) return false;
  list_for_each_entry(r, &chrdevs, node) if (r->major == major && first < r->first + r->count &&
                                             r->first < first + count) return false;
  return true;
}

static bool is_major_free(unsigned int major) { return is_minor_range_free(major, 0, 1u << MINORBITS); }

static int find_dynamic_major(void) {
  for (int i = CHRDEV_MAJOR_DYN_HIGHEST; i >= CHRDEV_MAJOR_DYN_END; i--)
    if (is_major_free((unsigned int)i)) return i;
  for (int i = CHRDEV_MAJOR_DYN_EXT_START; i >= CHRDEV_MAJOR_DYN_EXT_END; i--)
    if (is_major_free((unsigned int)i)) return i;
  return -EBUSY;
}

static struct region* __register_chrdev_region(unsigned int major, unsigned int first, unsigned int count,
                                               const char* name) {
  struct region* r;
  int err = 0;

  if (major >= CHRDEV_MAJOR_MAX) {
    pr_err("CHRDEV \"%s\" major requested (%u) is greater than the maximum (%u)\n", name, major,
           CHRDEV_MAJOR_MAX - 1);
    return ERR_PTR(-EINVAL);
  }
  if (count > MINORMASK + 1 - first) {
    pr_err(
        "CHRDEV \"%s\" minor range requested (%u-%u) is out of range of maximum range (%u-%u) for a single "
        "major\n",
        name, first, first + count - 1, 0, MINORMASK);
    return ERR_PTR(-EINVAL);
  }
  r = kzalloc(sizeof(*r), GFP_KERNEL);
  if (!r) return ERR_PTR(-ENOMEM);
  mutex_lock(&chrdevs_lock);
  if (!major) {
    err = find_dynamic_major();
    if (err < 0)
      pr_err("CHRDEV \"%s\" dynamic allocation region is full\n", name);
    else
      major = (unsigned int)err;
    if (err > 0) err = 0;
  } else if (!is_minor_range_free(major, first, count)) {
    err = -EBUSY;
  }
  if (!err) {
    r->major = major;
    r->first = first;
    r->count = count;
    list_add_tail(&r->node, &chrdevs);
  }
  mutex_unlock(&chrdevs_lock);
  if (err) {
    kfree(r);
    return ERR_PTR(err);
  }
  return r;
}

static struct cdev* __unregister_chrdev_region(unsigned int major, unsigned int first, unsigned int count) {
  struct cdev* cdev = NULL;
  struct region* r;

  mutex_lock(&chrdevs_lock);
  list_for_each_entry(r, &chrdevs, node) {
    if (r->major != major || r->first != first || r->count != count) continue;
    list_del(&r->node);
    cdev = r->cdev;
    kfree(r);
    break;
  }
  mutex_unlock(&chrdevs_lock);
  return cdev;
}

int alloc_chrdev_region(dev_t* dev, unsigned int first, unsigned int count, const char* name) {
  struct region* r = __register_chrdev_region(0, first, count, name);

  if (IS_ERR(r)) return (int)PTR_ERR(r);
  *dev = MKDEV(r->major, first);
  return 0;
}

int register_chrdev_region(dev_t from, unsigned int count, const char* name) {
  struct region* r = __register_chrdev_region(MAJOR(from), MINOR(from), count, name);

  return IS_ERR(r) ? (int)PTR_ERR(r) : 0;
}

void unregister_chrdev_region(dev_t from, unsigned int count) {
  __unregister_chrdev_region(MAJOR(from), MINOR(from), count);
}

struct cdev* cdev_alloc(void) {
  struct cdev* c = kzalloc(sizeof(*c), GFP_KERNEL);

  if (c) c->private_ = c;  // cdev_del() frees it
  return c;
}

int cdev_add(struct cdev* c, dev_t dev, unsigned int count) {
  struct mapping* m = kzalloc(sizeof(*m), GFP_KERNEL);

  if (!m) return -ENOMEM;
  c->dev = dev;
  c->count = count;
  m->cdev = c;
  mutex_lock(&chrdevs_lock);
  list_add(&m->node, &cdev_map);
  mutex_unlock(&chrdevs_lock);
  return 0;
}

void cdev_del(struct cdev* c) {
  struct mapping* m;

  mutex_lock(&chrdevs_lock);
  list_for_each_entry(m, &cdev_map, node) {
    if (m->cdev != c) continue;
    list_del(&m->node);
    kfree(m);
    break;
  }
  mutex_unlock(&chrdevs_lock);
  if (c->private_ == c) kfree(c);
}

int __register_chrdev(unsigned int major, unsigned int first, unsigned int count, const char* name,
                      const struct file_operations* fops) {
  struct region* r = __register_chrdev_region(major, first, count, name);
  struct cdev* c;
  int err;

  if (IS_ERR(r)) return (int)PTR_ERR(r);
  c = cdev_alloc();
  err = c ? 0 : -ENOMEM;
  if (c) {
    c->owner = fops->owner;
    c->ops = fops;
    r->cdev = c;
    err = cdev_add(c, MKDEV(r->major, first), count);
    if (err) kfree(c);
  }
  if (err) {
    __unregister_chrdev_region(r->major, first, count);
    return err;
  }
  return major ? 0 : (int)r->major;
}

void __unregister_chrdev(unsigned int major, unsigned int first, unsigned int count, const char* name) {
  struct cdev* c = __unregister_chrdev_region(major, first, count);

  if (c) cdev_del(c);
}

static int chrdev_open(struct inode* inode, struct file* file) {
  struct cdev* found = NULL;
  struct mapping* m;

  mutex_lock(&chrdevs_lock);
  list_for_each_entry(m, &cdev_map, node) {
    if (inode->i_rdev < m->cdev->dev || inode->i_rdev - m->cdev->dev >= m->cdev->count) continue;
    found = m->cdev;
    break;
  }
  mutex_unlock(&chrdevs_lock);
  if (!found) return -ENXIO;
  inode->i_cdev = found;
  replace_fops(file, found->ops);
  return file->f_op->open ? file->f_op->open(inode, file) : 0;
}

const struct file_operations def_chr_fops = {.open = chrdev_open, .llseek = noop_llseek};
