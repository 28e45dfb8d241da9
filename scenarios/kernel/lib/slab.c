// Caches of objects of one size (mm/slab_common.c), on top of kmalloc().
#include <linux/slab.h>
#include <linux/string.h>

struct kmem_cache {
  unsigned int size;
  void (*ctor)(void*);
};

struct kmem_cache* kmem_cache_create(const char* name, unsigned int size, unsigned int align,
                                     slab_flags_t flags, void (*ctor)(void*)) {
  struct kmem_cache* cache = kmalloc(sizeof(*cache), GFP_KERNEL);

  if (!cache) return NULL;
  cache->size = align > 1 ? (size + align - 1) / align * align : size;
  cache->ctor = ctor;
  return cache;
}

void kmem_cache_destroy(struct kmem_cache* cache) { kfree(cache); }

void* kmem_cache_alloc(struct kmem_cache* cache, gfp_t gfp) {
  void* object = kmalloc(cache->size, gfp);

  if (object && cache->ctor) cache->ctor(object);
  return object;
}

void kmem_cache_free(struct kmem_cache* cache, void* object) { kfree(object); }
unsigned int kmem_cache_size(struct kmem_cache* cache) { return cache->size; }
