// Numbers from a seed, the same everywhere (xorshift64).
#pragma once

#include <stdint.h>

static uint64_t state;
static uint64_t next(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}
static unsigned below(unsigned most) { return next() % most; }
static int chance(unsigned percent) { return below(100) < percent; }
