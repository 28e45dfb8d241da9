// malloc, calloc, realloc, aligned_alloc and free in a long random order; blocks that come from brk and from mmap.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kSlots = 200, kSteps = 20000 };
static struct { unsigned char* bytes; size_t size; unsigned char mark; } slots[kSlots];
static uint32_t state = 12345;

static uint32_t random_number(void) {
  state ^= state << 13, state ^= state >> 17, state ^= state << 5;
  return state;
}

static int whole(int i) {
  if (slots[i].size == 0) return 1;
  return slots[i].bytes[0] == slots[i].mark && slots[i].bytes[slots[i].size - 1] == slots[i].mark &&
         slots[i].bytes[slots[i].size / 2] == slots[i].mark;
}

static size_t some_size(void) {
  const uint32_t kind = random_number() % 100;
  if (kind < 80) return 1 + random_number() % 200;
  if (kind < 98) return 1 + random_number() % 5000;
  return 130000 + random_number() % 300000;
}

static void fill(int i) { if (slots[i].size < 6000) memset(slots[i].bytes, slots[i].mark, slots[i].size);
  else slots[i].bytes[0] = slots[i].bytes[slots[i].size / 2] = slots[i].bytes[slots[i].size - 1] = slots[i].mark; }

int main(void) {
  unsigned long bad = 0, total = 0, dirty = 0, crooked = 0;
  for (int step = 0; step < kSteps; ++step) {
    const int i = (int)(random_number() % kSlots);
    bad += !whole(i);
    switch (random_number() % 4) {
      case 0:
        free(slots[i].bytes);
        slots[i].size = some_size();
        slots[i].bytes = malloc(slots[i].size);
        break;
      case 1:
        free(slots[i].bytes);
        slots[i].size = some_size();
        slots[i].bytes = calloc(1, slots[i].size);
        for (size_t k = 0; k < slots[i].size; k += 61) dirty += slots[i].bytes[k];
        break;
      case 2: {
        const size_t size = some_size();
        const unsigned char first = slots[i].size != 0 ? slots[i].bytes[0] : 0;
        const int had = slots[i].size != 0;
        slots[i].bytes = realloc(slots[i].bytes, size);
        bad += had && slots[i].bytes[0] != first;
        slots[i].size = size;
        break;
      }
      default: {
        const size_t alignment = (size_t)16 << random_number() % 8;
        free(slots[i].bytes);
        slots[i].size = (some_size() + alignment - 1) / alignment * alignment;
        slots[i].bytes = aligned_alloc(alignment, slots[i].size);
        crooked += (uintptr_t)slots[i].bytes % alignment != 0;
      }
    }
    slots[i].mark = (unsigned char)step;
    fill(i);
    total += slots[i].size;
  }
  printf("steps %d, bytes %lu, bad %lu, dirty %lu, crooked %lu\n", kSteps, total, bad, dirty, crooked);
  for (int i = 0; i < kSlots; ++i) free(slots[i].bytes);
  volatile size_t absurd = (size_t)1 << 62;
  printf("absurd: %d\n", malloc(absurd) == NULL);
  unsigned char* big = malloc((size_t)64 << 20);
  big[0] = 1, big[(64u << 20) - 1] = 2;
  big = realloc(big, (size_t)96 << 20);
  printf("big: %d %d\n", big[0], big[(64u << 20) - 1]);
  free(big);
  return 0;
}
