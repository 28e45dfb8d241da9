/* The kernel's heap. */
#ifndef TRAPLINE_LINUX_SLAB_H
#define TRAPLINE_LINUX_SLAB_H

#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>
#include <linux/vmalloc.h>

void* kmalloc(size_t size, gfp_t gfp) __malloc;
void* krealloc(const void* p, size_t size, gfp_t gfp) __must_check;
void kfree(const void* p);
size_t ksize(const void* p);
struct kmem_cache;
struct kmem_cache* kmem_cache_create(const char* name, unsigned int size, unsigned int align,
                                     slab_flags_t flags, void (*ctor)(void*));
void kmem_cache_destroy(struct kmem_cache* cache);
void* kmem_cache_alloc(struct kmem_cache* cache, gfp_t gfp) __malloc;
void kmem_cache_free(struct kmem_cache* cache, void* p);
unsigned int kmem_cache_size(struct kmem_cache* cache);

static inline void* kzalloc(size_t size, gfp_t gfp) { return kmalloc(size, gfp | __GFP_ZERO); }
static inline void* kmalloc_array(size_t n, size_t size, gfp_t gfp) {
  size_t bytes;
  return __builtin_mul_overflow(n, size, &bytes) ? NULL : kmalloc(bytes, gfp);
}
static inline void* kcalloc(size_t n, size_t size, gfp_t gfp) {
  return kmalloc_array(n, size, gfp | __GFP_ZERO);
}
static inline void* krealloc_array(void* p, size_t n, size_t size, gfp_t gfp) {
  size_t bytes;
  return __builtin_mul_overflow(n, size, &bytes) ? NULL : krealloc(p, bytes, gfp);
}
static inline void* kmem_cache_zalloc(struct kmem_cache* cache, gfp_t gfp) {
  return kmem_cache_alloc(cache, gfp | __GFP_ZERO);
}
static inline void kfree_sensitive(const void* p) { kfree(p); }
#define kzfree(p) kfree_sensitive(p)
#define __kmalloc(size, gfp) kmalloc(size, gfp)
#define kmalloc_node(size, gfp, node) kmalloc(size, gfp)
#define kzalloc_node(size, gfp, node) kzalloc(size, gfp)
#define kcalloc_node(n, size, gfp, node) kcalloc(n, size, gfp)
#define kmem_cache_alloc_node(cache, gfp, node) kmem_cache_alloc(cache, gfp)
#define kvmalloc(size, gfp) kmalloc(size, gfp)
#define kvzalloc(size, gfp) kzalloc(size, gfp)
#define kvmalloc_node(size, gfp, node) kvmalloc(size, gfp)
#define kvzalloc_node(size, gfp, node) kvzalloc(size, gfp)
#define kvmalloc_array(n, size, gfp) kmalloc_array(n, size, gfp)
#define kvcalloc(n, size, gfp) kcalloc(n, size, gfp)
#define kvfree(p) kfree(p)
#define ZERO_SIZE_PTR ((void*)16)
#define ZERO_OR_NULL_PTR(x) ((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)
#define ARCH_KMALLOC_MINALIGN 8
#define KMALLOC_MAX_SIZE (1UL << 22)
#define SLAB_POISON 0x800u
#define SLAB_HWCACHE_ALIGN 0x2000u
#define SLAB_CACHE_DMA 0x4000u
#define SLAB_PANIC 0x40000u
#define SLAB_TYPESAFE_BY_RCU 0x80000u
#define SLAB_RECLAIM_ACCOUNT 0x20000u
#define SLAB_ACCOUNT 0x4000000u
#define KMEM_CACHE(type, flags) \
  kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), (flags), NULL)

#endif
