/* Hashes of strings. */
#ifndef TRAPLINE_LINUX_STRINGHASH_H
#define TRAPLINE_LINUX_STRINGHASH_H

#include <linux/compiler.h>
#include <linux/hash.h>
#include <linux/types.h>
/* Byte by byte. */
#define init_name_hash(salt) ((unsigned long)(salt))
static inline unsigned long partial_name_hash(unsigned long c, unsigned long before) {
  return (before + (c << 4) + (c >> 4)) * 11;
}
static inline unsigned int end_name_hash(unsigned long hash) { return hash_long(hash, 32); }
/* The whole; a hash with a length has the length in the upper half. */
unsigned int full_name_hash(const void* salt, const char* name, unsigned int n);
u64 hashlen_string(const void* salt, const char* name);
#define hashlen_hash(hashlen) ((u32)(hashlen))
#define hashlen_len(hashlen) ((u32)((hashlen) >> 32))
#define hashlen_create(hash, n) ((u64)(n) << 32 | (u32)(hash))

#endif
