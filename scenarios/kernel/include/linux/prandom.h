/* Random numbers, and the sequences that a seed makes: each of four registers is shifted into itself
   (L'Ecuyer's LFSR113), so that they are Linux's. */
#ifndef TRAPLINE_LINUX_PRANDOM_H
#define TRAPLINE_LINUX_PRANDOM_H

#include <linux/random.h>
#define prandom_u32() get_random_u32()
#define prandom_bytes(buf, n) get_random_bytes(buf, n)
struct rnd_state {
  u32 s1, s2, s3, s4;
};
u32 prandom_u32_state(struct rnd_state* state);
void prandom_bytes_state(struct rnd_state* state, void* buf, size_t n);
/* Registers must not be below what their shifts lose. */
static inline void prandom_seed_state(struct rnd_state* state, u64 seed) {
  u32 x = (u32)((seed >> 32) ^ (seed << 10) ^ seed);
  state->s1 = x < 2 ? x + 2 : x;
  state->s2 = x < 8 ? x + 8 : x;
  state->s3 = x < 16 ? x + 16 : x;
  state->s4 = x < 128 ? x + 128 : x;
}
static inline u32 next_pseudo_random32(u32 seed) { return seed * 1664525 + 1013904223; }

#endif
