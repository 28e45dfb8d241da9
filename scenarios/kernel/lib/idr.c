// Numbers given out (lib/idr.c).
#include <linux/bug.h>
#include <linux/idr.h>
#include <linux/slab.h>

int idr_alloc_u32(struct idr* idr, void* ptr, u32* id, unsigned long max, gfp_t gfp) {
  unsigned int base = idr->idr_base, from = *id < base ? 0 : *id - base;
  u32 found;
  int err;

  if (max < base) return -ENOSPC;
  err = __xa_alloc(&idr->idr_rt, &found, ptr, XA_LIMIT(from, (u32)min(max - base, (unsigned long)UINT_MAX)),
                   gfp);
  if (err) return err == -EBUSY ? -ENOSPC : err;
  *id = found + base;
  return 0;
}

int idr_alloc(struct idr* idr, void* ptr, int start, int end, gfp_t gfp) {
  u32 id = (u32)start;
  int err;

  if (WARN_ON_ONCE(start < 0)) return -EINVAL;
  err = idr_alloc_u32(idr, ptr, &id, end > 0 ? (unsigned long)end - 1 : INT_MAX, gfp);
  return err ? err : (int)id;
}

int idr_alloc_cyclic(struct idr* idr, void* ptr, int start, int end, gfp_t gfp) {
  unsigned long last = end > 0 ? (unsigned long)end - 1 : INT_MAX;
  u32 id = max((u32)start, idr->idr_next);
  int err = idr_alloc_u32(idr, ptr, &id, last, gfp);

  if (err == -ENOSPC && id > (u32)start) {
    id = (u32)start;
    err = idr_alloc_u32(idr, ptr, &id, last, gfp);
  }
  if (err) return err;
  idr->idr_next = id + 1;
  return (int)id;
}

void* idr_find(const struct idr* idr, unsigned long id) {
  return xa_load((struct xarray*)&idr->idr_rt, id - idr->idr_base);
}
void* idr_remove(struct idr* idr, unsigned long id) { return __xa_erase(&idr->idr_rt, id - idr->idr_base); }

void* idr_replace(struct idr* idr, void* ptr, unsigned long id) {
  unsigned long index = id - idr->idr_base;
  void* old = __xa_cmpxchg(&idr->idr_rt, index, NULL, NULL, 0);

  // Where there is a number without a pointer, the comparison says null as well.
  if (!old && __xa_insert(&idr->idr_rt, index, NULL, 0) == 0) {
    __xa_erase(&idr->idr_rt, index);
    return ERR_PTR(-ENOENT);
  }
  __xa_store(&idr->idr_rt, index, ptr ? ptr : XA_ZERO_ENTRY, 0);
  return old;
}

void* idr_get_next_ul(struct idr* idr, unsigned long* id) {
  unsigned long index = *id < idr->idr_base ? 0 : *id - idr->idr_base;
  void* entry = xa_find(&idr->idr_rt, &index, ULONG_MAX, XA_PRESENT);

  if (entry) *id = index + idr->idr_base;
  return entry;
}

void* idr_get_next(struct idr* idr, int* id) {
  unsigned long at = (unsigned long)*id;
  void* entry = idr_get_next_ul(idr, &at);

  if (!entry || at > INT_MAX) return NULL;
  *id = (int)at;
  return entry;
}

int idr_for_each(const struct idr* idr, int (*fn)(int id, void* p, void* data), void* data) {
  void* entry;
  int id = 0, result = 0;

  idr_for_each_entry((struct idr*)idr, entry, id) {
    result = fn(id, entry, data);
    if (result) break;
  }
  return result;
}

void idr_destroy(struct idr* idr) {
  xa_destroy(&idr->idr_rt);
  idr->idr_base = 0;
}

// Of a thousand numbers those that are given out.
struct ida_bitmap {
  unsigned int used;
  DECLARE_BITMAP(bits, IDA_BITMAP_BITS);
};

int ida_alloc_range(struct ida* ida, unsigned int min, unsigned int max, gfp_t gfp) {
  unsigned long flags;
  int id = -ENOSPC;

  if ((int)min < 0) return -ENOSPC;
  if ((int)max < 0) max = INT_MAX;
  xa_lock_irqsave(&ida->xa, flags);
  for (unsigned long at = min; at <= max; at = (at / IDA_BITMAP_BITS + 1) * IDA_BITMAP_BITS) {
    unsigned long index = at / IDA_BITMAP_BITS, bit = at % IDA_BITMAP_BITS;
    struct ida_bitmap* bitmap = xa_load(&ida->xa, index);

    if (bitmap) {
      if (bitmap->used == IDA_BITMAP_BITS) continue;
      bit = find_next_zero_bit(bitmap->bits, IDA_BITMAP_BITS, bit);
      if (bit == IDA_BITMAP_BITS) continue;
    }
    if (index * IDA_BITMAP_BITS + bit > max) break;
    if (!bitmap) {
      bitmap = kzalloc(sizeof(*bitmap), GFP_ATOMIC);
      id = bitmap ? xa_err(__xa_store(&ida->xa, index, bitmap, gfp)) : -ENOMEM;
      if (id) {
        kfree(bitmap);
        break;
      }
    }
    __set_bit((long)bit, bitmap->bits);
    bitmap->used++;
    id = (int)(index * IDA_BITMAP_BITS + bit);
    break;
  }
  xa_unlock_irqrestore(&ida->xa, flags);
  return id;
}

void ida_free(struct ida* ida, unsigned int id) {
  unsigned long flags;
  struct ida_bitmap* bitmap;
  bool had = false;

  if ((int)id < 0) return;
  xa_lock_irqsave(&ida->xa, flags);
  bitmap = xa_load(&ida->xa, id / IDA_BITMAP_BITS);
  if (bitmap && __test_and_clear_bit(id % IDA_BITMAP_BITS, bitmap->bits)) {
    had = true;
    if (!--bitmap->used) {
      __xa_erase(&ida->xa, id / IDA_BITMAP_BITS);
      kfree(bitmap);
    }
  }
  xa_unlock_irqrestore(&ida->xa, flags);
  WARN(!had, "ida_free called for id=%d which is not allocated.\n", id);
}

void ida_destroy(struct ida* ida) {
  unsigned long flags, index;
  struct ida_bitmap* bitmap;

  xa_lock_irqsave(&ida->xa, flags);
  xa_for_each(&ida->xa, index, bitmap) kfree(bitmap);
  xa_destroy(&ida->xa);
  xa_unlock_irqrestore(&ida->xa, flags);
}
