/* A hash of bytes (not Linux's values: FNV-1a). */
#ifndef TRAPLINE_LINUX_JHASH_H
#define TRAPLINE_LINUX_JHASH_H

#include <linux/types.h>
static inline u32 jhash(const void* key, u32 length, u32 initval) {
  const u8* p = key;
  u32 h = 2166136261u ^ initval;
  while (length--) h = (h ^ *p++) * 16777619u;
  return h;
}
#define jhash_1word(a, initval) \
  ({                            \
    u32 __k = (a);              \
    jhash(&__k, 4, initval);    \
  })

#endif
