/* Random numbers. */
#ifndef TRAPLINE_LINUX_RANDOM_H
#define TRAPLINE_LINUX_RANDOM_H

#include <linux/types.h>
u32 get_random_u32(void);
void get_random_bytes(void* buf, size_t len);
static inline u64 get_random_u64(void) { return ((u64)get_random_u32() << 32) | get_random_u32(); }
static inline unsigned long get_random_long(void) { return get_random_u64(); }
static inline unsigned int get_random_int(void) { return get_random_u32(); }
static inline u8 get_random_u8(void) { return (u8)get_random_u32(); }
static inline u16 get_random_u16(void) { return (u16)get_random_u32(); }
static inline u32 get_random_u32_below(u32 n) { return (u32)(((u64)get_random_u32() * n) >> 32); }
static inline u32 prandom_u32_max(u32 n) { return get_random_u32_below(n); }
static inline int wait_for_random_bytes(void) { return 0; }
#include <linux/prandom.h>

#endif
