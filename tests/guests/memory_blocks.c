// memcpy, memmove and memset of large blocks, where the library changes to other loops.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash(const unsigned char* bytes, size_t size) {
  uint64_t sum = 1469598103934665603u;
  for (size_t i = 0; i < size; ++i) sum = (sum ^ bytes[i]) * 1099511628211u;
  return sum;
}

int main(void) {
  static const size_t sizes[] = {255, 256, 257, 511, 1023, 2047, 2048, 4095, 4097, 8193, 65535, 100003};
  const size_t most = 100003 + 256;
  unsigned char* from = malloc(most);
  unsigned char* to = malloc(most);
  for (size_t i = 0; i < most; ++i) from[i] = (unsigned char)(i * 31 + i / 251);
  for (size_t n = 0; n < sizeof sizes / sizeof *sizes; ++n) {
    for (size_t offset = 0; offset < 32; offset += 13) {
      memset(to, 0xaa, most);
      memcpy(to + offset, from + 7, sizes[n]);
      memmove(to + offset + 5, to + offset, sizes[n]);
      memmove(to + offset, to + offset + 3, sizes[n]);
      memset(to + offset + 17, 0x55, sizes[n] / 4);
      printf("%zu+%zu: %016llx\n", sizes[n], offset, (unsigned long long)hash(to, most));
    }
  }
  free(from);
  free(to);
  return 0;
}
