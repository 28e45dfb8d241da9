// Each conversion of printf with its flags, widths and precisions.
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static void integers(void) {
  printf("[%d] [%i] [%5d] [%-5d] [%05d] [%+d] [% d] [%.3d] [%8.3d]\n", 42, -42, 42, 42, 42, 42, 42, 7, 7);
  printf("[%u] [%x] [%X] [%#x] [%o] [%#o] [%.0d]\n", UINT_MAX, 0xbeef, 0xbeef, 0xbeef, 8, 8, 0);
  printf("[%hhd] [%hd] [%ld] [%lld] [%jd] [%zd] [%td]\n", (signed char)-1, (short)-2, LONG_MIN, LLONG_MAX, INTMAX_MIN,
         (size_t)9, (ptrdiff_t)-9);
  printf("[%*d] [%-*d] [%.*d]\n", 6, 1, 6, 2, 4, 3);
  printf("[%2$s %1$s] [%3$d]\n", "first", "second", 3);
  printf("[%" PRIx64 "] [%" PRIu8 "]\n", UINT64_C(0x0123456789abcdef), (uint8_t)200);
}

static void floats(void) {
  const double values[] = {0.0, -0.0, 1.0, -1.5, 3.141592653589793, 1e-300, 1e300, 123456789.0, 0.1, 2.5, 1e15, 1e16,
                           INFINITY, -INFINITY, 4.9e-324, 1.7976931348623157e308};
  for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
    printf("[%f] [%e] [%g] [%.0f] [%.17g] [%10.3f] [%-12.2e] [%+g] [%#.3g] [%a] [%.3a] [%A]\n", values[i], values[i],
           values[i], values[i], values[i], values[i], values[i], values[i], values[i], values[i], values[i], values[i]);
  }
  printf("[%s] [%F]\n", isnan(NAN) ? "nan" : "no", (double)INFINITY);
}

static void long_doubles(void) {
  const long double values[] = {0.0L, 1.0L, -2.5L, 1e10L, 0.5L, 12345.678L};
  for (size_t i = 0; i < sizeof values / sizeof *values; ++i) {
    printf("[%Lf] [%.10Le] [%Lg] [%12.4Lf]\n", values[i], values[i], values[i], values[i]);
  }
}

static void texts(void) {
  int written = 0;
  printf("[%s] [%10s] [%-10s] [%.2s] [%c] [%5c] [%%]\n", "text", "right", "left", "cut", 'c', 'd');
  printf("[%ls] [%lc]\n", L"wide", (wint_t)L'w');
  printf("[%p] [%p]\n", (void*)0x1234, (void*)0);
  printf("count%n\n", &written);
  printf("written %d\n", written);
  printf("%m\n");
  char buffer[8];
  const int wanted = snprintf(buffer, sizeof buffer, "%s", "longer than that");
  printf("[%s] wanted %d\n", buffer, wanted);
}

int main(void) {
  integers();
  floats();
  long_doubles();
  texts();
  return 0;
}
