// What random_code.c and the two generators of code share.
#pragma once
#include <stddef.h>
#include <stdint.h>

// A generator of its own (xorshift64*), so that the same seed gives the same programs everywhere.
struct random {
  uint64_t state;
};
static inline uint64_t draw(struct random* random) {
  random->state ^= random->state >> 12, random->state ^= random->state << 25, random->state ^= random->state >> 27;
  return random->state * 0x2545f4914f6cdd1dull;
}
static inline uint64_t below(struct random* random, uint64_t bound) { return draw(random) % bound; }
static inline int one_in(struct random* random, uint64_t n) { return below(random, n) == 0; }

// How the code is made: from known instructions, of which a processor and the model must make the same; or of any
// bytes, of which both gears must.
enum kind { kKnown, kAny };

// Writes a program of at most `room` bytes and returns its size.
size_t make_program(struct random* random, enum kind kind, unsigned char* code, size_t room);
