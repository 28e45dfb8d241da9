// Large arrays on the stack, alloca, variable-length arrays, and deep recursion within the limit.
#include <alloca.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

__attribute__((noinline)) static unsigned big(void) {
  volatile unsigned char area[6 << 20];
  unsigned sum = 0;
  for (size_t i = 0; i < sizeof area; i += 1000) area[i] = (unsigned char)i;
  for (size_t i = 0; i < sizeof area; i += 1000) sum += area[i];
  return sum;
}

__attribute__((noinline)) static unsigned variable(int n) {
  char bytes[n];
  char* more = alloca((size_t)n * 3);
  memset(bytes, 1, (size_t)n), memset(more, 2, (size_t)n * 3);
  return (unsigned)(bytes[n - 1] + more[3 * n - 1]) ;
}

__attribute__((noinline)) static int depth(int n) {
  volatile char frame[64];
  frame[0] = (char)n;
  return n == 0 ? 0 : 1 + depth(n - 1) + frame[0] * 0;
}

int main(void) {
  printf("%u\n", big());
  unsigned sum = 0;
  for (int n = 1; n < 400000; n = n * 3 + 1) sum += variable(n);
  printf("%u %d\n", sum, depth(20000));
  return 0;
}
