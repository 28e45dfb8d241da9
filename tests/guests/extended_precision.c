// x86: every digit of the 80-bit long double, as printf shows it in hexadecimal and in 21 digits.
//: isa x86-64
#include <float.h>
#include <math.h>
#include <stdio.h>

int main(void) {
  const volatile long double values[] = {1.0L, 1.0L / 3.0L, -LDBL_MAX, LDBL_MIN, LDBL_EPSILON, 0.1L, 3.14159265358979323846L};
  for (unsigned i = 0; i < sizeof values / sizeof *values; ++i) {
    printf("%La %.21Lg %La %La\n", values[i], values[i], values[i] * 3, sqrtl(fabsl(values[i])));
  }
  volatile unsigned short control;
  __asm__ volatile("fnstcw %0" : "=m"(control));
  printf("control word %#x\n", control);
  return 0;
}
