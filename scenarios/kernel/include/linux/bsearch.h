/* Searches in sorted arrays. */
#ifndef TRAPLINE_LINUX_BSEARCH_H
#define TRAPLINE_LINUX_BSEARCH_H

#include <linux/types.h>
static inline void* bsearch(const void* key, const void* base, size_t num, size_t size, cmp_func_t cmp) {
  const char* b = base;
  while (num) {
    const char* mid = b + (num >> 1) * size;
    int r = cmp(key, mid);
    if (r == 0) return (void*)mid;
    if (r > 0) {
      b = mid + size;
      num--;
    }
    num >>= 1;
  }
  return NULL;
}

#endif
