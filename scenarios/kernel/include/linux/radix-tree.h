/* The older names of xarray.h. */
#ifndef TRAPLINE_LINUX_RADIX_TREE_H
#define TRAPLINE_LINUX_RADIX_TREE_H

#include <linux/errno.h>
#include <linux/xarray.h>
#define radix_tree_root xarray
#define RADIX_TREE_INIT(name, gfp) XARRAY_INIT(name, 0)
#define RADIX_TREE(name, gfp) struct xarray name = RADIX_TREE_INIT(name, gfp)
#define INIT_RADIX_TREE(root, gfp) xa_init(root)
#define radix_tree_empty(root) xa_empty(root)
#define radix_tree_preload(gfp) (preempt_disable(), 0)
#define radix_tree_preload_end() preempt_enable()
static inline int radix_tree_insert(struct xarray* root, unsigned long index, void* item) {
  int err = __xa_insert(root, index, item, GFP_ATOMIC);
  return err == -EBUSY ? -EEXIST : err;
}
static inline void* radix_tree_lookup(const struct xarray* root, unsigned long index) {
  return xa_load((struct xarray*)root, index);
}
static inline void* radix_tree_delete(struct xarray* root, unsigned long index) {
  return __xa_erase(root, index);
}
static inline unsigned int radix_tree_gang_lookup(const struct xarray* root, void** results,
                                                  unsigned long first, unsigned int most) {
  return xa_extract((struct xarray*)root, results, first, ULONG_MAX, most, XA_PRESENT);
}

#endif
