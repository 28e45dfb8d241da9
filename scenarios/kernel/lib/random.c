// Random numbers (drivers/char/random.c).
#include <linux/random.h>
#include <linux/string.h>

u32 get_random_u32(void) {
  u32 value;

  get_random_bytes(&value, sizeof(value));
  return value;
}

u32 prandom_u32_state(struct rnd_state* s) {
  s->s1 = (s->s1 & ~1u) << 18 ^ ((s->s1 << 6 ^ s->s1) >> 13);
  s->s2 = (s->s2 & ~7u) << 2 ^ ((s->s2 << 2 ^ s->s2) >> 27);
  s->s3 = (s->s3 & ~15u) << 7 ^ ((s->s3 << 13 ^ s->s3) >> 21);
  s->s4 = (s->s4 & ~127u) << 13 ^ ((s->s4 << 3 ^ s->s4) >> 12);
  return s->s1 ^ s->s2 ^ s->s3 ^ s->s4;
}

// Whole words as the CPU has them; the rest from the lowest byte on.
void prandom_bytes_state(struct rnd_state* state, void* buf, size_t n) {
  u8* at = buf;

  for (; n >= sizeof(u32); n -= sizeof(u32), at += sizeof(u32)) {
    u32 word = prandom_u32_state(state);

    memcpy(at, &word, sizeof(word));
  }
  for (u32 rest = n ? prandom_u32_state(state) : 0; n > 0; n--, rest >>= 8) *at++ = (u8)rest;
}
