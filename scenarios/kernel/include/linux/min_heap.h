/* Heaps in an array, the least element first. */
#ifndef TRAPLINE_LINUX_MIN_HEAP_H
#define TRAPLINE_LINUX_MIN_HEAP_H

#include <linux/bug.h>
#include <linux/string.h>
#include <linux/types.h>
struct min_heap {
  void* data;
  int nr;
  int size;
};
struct min_heap_callbacks {
  int elem_size;
  bool (*less)(const void* a, const void* b);
  void (*swp)(void* a, void* b);
};
/* Lets the element at pos sink to below those that are less. */
static inline void min_heapify(struct min_heap* heap, int pos, const struct min_heap_callbacks* func) {
  char* base = heap->data;
  for (int child = 2 * pos + 1; child < heap->nr; child = 2 * pos + 1) {
    char *at = base + pos * func->elem_size, *least = base + child * func->elem_size;
    if (child + 1 < heap->nr && func->less(least + func->elem_size, least)) {
      least += func->elem_size;
      child++;
    }
    if (!func->less(least, at)) break;
    func->swp(least, at);
    pos = child;
  }
}
static inline void min_heapify_all(struct min_heap* heap, const struct min_heap_callbacks* func) {
  for (int i = heap->nr / 2; i >= 0; i--) min_heapify(heap, i, func);
}
static inline void min_heap_pop(struct min_heap* heap, const struct min_heap_callbacks* func) {
  if (WARN_ONCE(heap->nr <= 0, "Popping an empty heap")) return;
  heap->nr--;
  memcpy(heap->data, (char*)heap->data + heap->nr * func->elem_size, (size_t)func->elem_size);
  min_heapify(heap, 0, func);
}
static inline void min_heap_pop_push(struct min_heap* heap, const void* element,
                                     const struct min_heap_callbacks* func) {
  memcpy(heap->data, element, (size_t)func->elem_size);
  min_heapify(heap, 0, func);
}
static inline void min_heap_push(struct min_heap* heap, const void* element,
                                 const struct min_heap_callbacks* func) {
  char* base = heap->data;
  int pos = heap->nr;
  if (WARN_ONCE(heap->nr >= heap->size, "Pushing on a full heap")) return;
  memcpy(base + pos * func->elem_size, element, (size_t)func->elem_size);
  heap->nr++;
  for (; pos > 0; pos = (pos - 1) / 2) {
    char *at = base + pos * func->elem_size, *parent = base + (pos - 1) / 2 * func->elem_size;
    if (!func->less(at, parent)) break;
    func->swp(at, parent);
  }
}

#endif
