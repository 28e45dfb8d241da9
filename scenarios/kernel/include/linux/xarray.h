/* Arrays of pointers by any index, which take as much memory as is used of them. */
#ifndef TRAPLINE_LINUX_XARRAY_H
#define TRAPLINE_LINUX_XARRAY_H

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>
struct xarray {
  spinlock_t xa_lock;
  gfp_t xa_flags;
  void __rcu* xa_head;
};
typedef unsigned int xa_mark_t;
#define XA_MARK_0 0u
#define XA_MARK_1 1u
#define XA_MARK_2 2u
#define XA_PRESENT 8u
#define XA_MARK_MAX XA_MARK_2
#define XA_FLAGS_LOCK_IRQ 1u
#define XA_FLAGS_LOCK_BH 2u
#define XA_FLAGS_ALLOC 4u  /* for xa_alloc(), from 0 on */
#define XA_FLAGS_ALLOC1 8u /* from 1 on */
#define XARRAY_INIT(name, flags) \
  { .xa_lock = SPIN_LOCK_UNLOCKED, .xa_flags = (flags), .xa_head = NULL }
#define DEFINE_XARRAY_FLAGS(name, flags) struct xarray name = XARRAY_INIT(name, flags)
#define DEFINE_XARRAY(name) DEFINE_XARRAY_FLAGS(name, 0)
#define DEFINE_XARRAY_ALLOC(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC)
#define DEFINE_XARRAY_ALLOC1(name) DEFINE_XARRAY_FLAGS(name, XA_FLAGS_ALLOC1)
static inline void xa_init_flags(struct xarray* xa, gfp_t flags) {
  spin_lock_init(&xa->xa_lock);
  xa->xa_flags = flags;
  xa->xa_head = NULL;
}
static inline void xa_init(struct xarray* xa) { xa_init_flags(xa, 0); }
static inline bool xa_empty(const struct xarray* xa) { return !xa->xa_head; }

/* Numbers as entries, and errors as results. */
static inline void* xa_mk_value(unsigned long v) { return (void*)(v << 1 | 1); }
static inline unsigned long xa_to_value(const void* entry) { return (unsigned long)entry >> 1; }
static inline bool xa_is_value(const void* entry) { return (unsigned long)entry & 1; }
static inline void* xa_tag_pointer(void* p, unsigned long tag) { return (void*)((unsigned long)p | tag); }
static inline void* xa_untag_pointer(void* entry) { return (void*)((unsigned long)entry & ~3UL); }
static inline unsigned int xa_pointer_tag(void* entry) { return (unsigned long)entry & 3; }
#define __xa_error(err) ((void*)((unsigned long)(long)(err) << 2 | 2))
static inline int xa_err(const void* entry) {
  long err = (long)entry >> 2;
  return ((unsigned long)entry & 3) == 2 && err < 0 && err >= -MAX_ERRNO ? (int)err : 0;
}
static inline bool xa_is_err(const void* entry) { return xa_err(entry) != 0; }
/* Reserved: nothing to load, and not free. */
#define XA_ZERO_ENTRY ((void*)(257UL << 2 | 2))
static inline bool xa_is_zero(const void* entry) { return entry == XA_ZERO_ENTRY; }

struct xa_limit {
  u32 max;
  u32 min;
};
#define XA_LIMIT(_min, _max) ((struct xa_limit){.min = _min, .max = _max})
#define xa_limit_32b XA_LIMIT(0, UINT_MAX)
#define xa_limit_31b XA_LIMIT(0, INT_MAX)
#define xa_limit_16b XA_LIMIT(0, USHRT_MAX)

/* With the lock held. Stores give what was there, or an error (xa_err()). */
void* __xa_store(struct xarray* xa, unsigned long index, void* entry, gfp_t gfp);
void* __xa_erase(struct xarray* xa, unsigned long index);
void* __xa_cmpxchg(struct xarray* xa, unsigned long index, void* old, void* entry, gfp_t gfp);
int __xa_insert(struct xarray* xa, unsigned long index, void* entry, gfp_t gfp);
int __xa_alloc(struct xarray* xa, u32* id, void* entry, struct xa_limit limit, gfp_t gfp);
/* 1: the numbers began anew. */
int __xa_alloc_cyclic(struct xarray* xa, u32* id, void* entry, struct xa_limit limit, u32* next, gfp_t gfp);
void __xa_set_mark(struct xarray* xa, unsigned long index, xa_mark_t mark);
void __xa_clear_mark(struct xarray* xa, unsigned long index, xa_mark_t mark);
/* Without it. */
void* xa_load(struct xarray* xa, unsigned long index);
bool xa_get_mark(struct xarray* xa, unsigned long index, xa_mark_t mark);
bool xa_marked(const struct xarray* xa, xa_mark_t mark);
/* From *index on, or after it, to max; a filter is a mark or XA_PRESENT. *index: where it is. */
void* xa_find(struct xarray* xa, unsigned long* index, unsigned long max, xa_mark_t filter);
void* xa_find_after(struct xarray* xa, unsigned long* index, unsigned long max, xa_mark_t filter);
unsigned int xa_extract(struct xarray* xa, void** to, unsigned long start, unsigned long max, unsigned int n,
                        xa_mark_t filter);
void xa_destroy(struct xarray* xa);

#define xa_trylock(xa) spin_trylock(&(xa)->xa_lock)
#define xa_lock(xa) spin_lock(&(xa)->xa_lock)
#define xa_unlock(xa) spin_unlock(&(xa)->xa_lock)
#define xa_lock_bh(xa) spin_lock_bh(&(xa)->xa_lock)
#define xa_unlock_bh(xa) spin_unlock_bh(&(xa)->xa_lock)
#define xa_lock_irq(xa) spin_lock_irq(&(xa)->xa_lock)
#define xa_unlock_irq(xa) spin_unlock_irq(&(xa)->xa_lock)
#define xa_lock_irqsave(xa, flags) spin_lock_irqsave(&(xa)->xa_lock, flags)
#define xa_unlock_irqrestore(xa, flags) spin_unlock_irqrestore(&(xa)->xa_lock, flags)
/* The same with the lock taken, as the three ways to take it differ in nothing but whom they keep out. */
#define __XA_LOCKED(type, name, call, ...)    \
  static inline type xa_##name(__VA_ARGS__) { \
    unsigned long __xa_flags;                 \
    type __xa_result;                         \
    xa_lock_irqsave(xa, __xa_flags);          \
    __xa_result = call;                       \
    xa_unlock_irqrestore(xa, __xa_flags);     \
    return __xa_result;                       \
  }
#define __XA_MARKED(name)                                                                \
  static inline void xa_##name(struct xarray* xa, unsigned long index, xa_mark_t mark) { \
    unsigned long __xa_flags;                                                            \
    xa_lock_irqsave(xa, __xa_flags);                                                     \
    __xa_##name(xa, index, mark);                                                        \
    xa_unlock_irqrestore(xa, __xa_flags);                                                \
  }
__XA_LOCKED(void*, store, __xa_store(xa, index, entry, gfp), struct xarray* xa, unsigned long index,
            void* entry, gfp_t gfp)
__XA_LOCKED(void*, erase, __xa_erase(xa, index), struct xarray* xa, unsigned long index)
__XA_LOCKED(void*, cmpxchg, __xa_cmpxchg(xa, index, old, entry, gfp), struct xarray* xa, unsigned long index,
            void* old, void* entry, gfp_t gfp)
__XA_LOCKED(int, insert, __xa_insert(xa, index, entry, gfp), struct xarray* xa, unsigned long index,
            void* entry, gfp_t gfp)
__XA_LOCKED(int, alloc, __xa_alloc(xa, id, entry, limit, gfp), struct xarray* xa, u32* id, void* entry,
            struct xa_limit limit, gfp_t gfp)
__XA_LOCKED(int, alloc_cyclic, __xa_alloc_cyclic(xa, id, entry, limit, next, gfp), struct xarray* xa, u32* id,
            void* entry, struct xa_limit limit, u32* next, gfp_t gfp)
__XA_MARKED(set_mark)
__XA_MARKED(clear_mark)
#define xa_store_bh(...) xa_store(__VA_ARGS__)
#define xa_store_irq(...) xa_store(__VA_ARGS__)
#define xa_erase_bh(...) xa_erase(__VA_ARGS__)
#define xa_erase_irq(...) xa_erase(__VA_ARGS__)
#define xa_cmpxchg_bh(...) xa_cmpxchg(__VA_ARGS__)
#define xa_cmpxchg_irq(...) xa_cmpxchg(__VA_ARGS__)
#define xa_insert_bh(...) xa_insert(__VA_ARGS__)
#define xa_insert_irq(...) xa_insert(__VA_ARGS__)
#define xa_alloc_bh(...) xa_alloc(__VA_ARGS__)
#define xa_alloc_irq(...) xa_alloc(__VA_ARGS__)
#define xa_alloc_cyclic_bh(...) xa_alloc_cyclic(__VA_ARGS__)
#define xa_alloc_cyclic_irq(...) xa_alloc_cyclic(__VA_ARGS__)
static inline int xa_reserve(struct xarray* xa, unsigned long index, gfp_t gfp) {
  return xa_err(xa_cmpxchg(xa, index, NULL, XA_ZERO_ENTRY, gfp));
}
static inline void xa_release(struct xarray* xa, unsigned long index) {
  xa_cmpxchg(xa, index, XA_ZERO_ENTRY, NULL, 0);
}
#define xa_for_each_range(xa, index, entry, start, last)                      \
  for (index = (start), entry = xa_find(xa, &index, last, XA_PRESENT); entry; \
       entry = xa_find_after(xa, &index, last, XA_PRESENT))
#define xa_for_each_start(xa, index, entry, start) xa_for_each_range(xa, index, entry, start, ULONG_MAX)
#define xa_for_each(xa, index, entry) xa_for_each_start(xa, index, entry, 0)
#define xa_for_each_marked(xa, index, entry, filter)                     \
  for (index = 0, entry = xa_find(xa, &index, ULONG_MAX, filter); entry; \
       entry = xa_find_after(xa, &index, ULONG_MAX, filter))

#endif
