// Floating-point arithmetic and conversions, to the last bit, with nothing left to a library.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint64_t sum = 1469598103934665603u;
static void add(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (value != value) bits = 0x7ff8;  // which NaN is not the same everywhere
  for (int i = 0; i < 8; ++i) sum = (sum ^ (bits >> 8 * i & 0xff)) * 1099511628211u;
}

int main(void) {
  static volatile double values[] = {0.0, -0.0, 1.0, 0.1, -3.5, 1e10, 1e-10, 1e308, 4.9e-324, 2.2250738585072014e-308, 123456.789};
  enum { kValues = sizeof values / sizeof *values };
  for (int i = 0; i < kValues; ++i) {
    for (int j = 0; j < kValues; ++j) {
      const double a = values[i], b = values[j];
      const float x = (float)a, y = (float)b;
      add(a + b), add(a - b), add(a * b), add(a / b), add(a < b), add(a == b), add(__builtin_sqrt(a < 0 ? -a : a));
      add(x + y), add(x * y), add(x / y), add((double)x), add(x > y);
    }
  }
  printf("arithmetic %016llx\n", (unsigned long long)sum);
  static volatile double whole[] = {0.9, -0.9, 1.5, -2.5, 2147483647.0, -2147483648.0, 4294967295.0, 9007199254740993.0};
  for (int i = 0; i < 8; ++i) {
    printf("%lld %d", (long long)whole[i], i < 6 ? (int)whole[i] : 0);
    if (whole[i] >= 0) printf(" %llu %u", (unsigned long long)whole[i], (unsigned)whole[i]);
    printf("\n");
  }
  static volatile int64_t integers[] = {0, 1, -1, INT64_MAX, INT64_MIN, (1ll << 53) + 1, 16777217};
  for (int i = 0; i < 7; ++i) printf("%.17g %.9g %.17g\n", (double)integers[i], (float)integers[i], (double)(uint64_t)integers[i]);
  double series = 0;
  for (int i = 1; i <= 100000; ++i) series += 1.0 / ((double)i * i);
  printf("%.17g\n", series);
  return 0;
}
