/* Sorting. */
#ifndef TRAPLINE_LINUX_SORT_H
#define TRAPLINE_LINUX_SORT_H

#include <linux/types.h>
static inline void __swap_bytes(void* a, void* b, int size) {
  for (char *x = a, *y = b; size-- > 0; x++, y++) {
    char c = *x;
    *x = *y;
    *y = c;
  }
}
static inline void sort(void* base, size_t num, size_t size, cmp_func_t cmp, swap_func_t swap_func) {
  char* b = base;
  if (!swap_func) swap_func = __swap_bytes;
  for (size_t gap = num / 2; gap; gap /= 2)
    for (size_t i = gap; i < num; i++)
      for (size_t j = i; j >= gap && cmp(b + (j - gap) * size, b + j * size) > 0; j -= gap)
        swap_func(b + (j - gap) * size, b + j * size, (int)size);
}

#endif
