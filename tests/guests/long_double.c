// long double and complex numbers: 80 bits on x86-64, a pair of doubles on PPC64, the same to fifteen digits.
#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  volatile long double third = 1.0L / 3.0L, big = 1e200L, two = 2.0L;
  printf("%.15Lg %.15Lg %.15Lg %.15Lg\n", third, third * third, big * third, sqrtl(two));
  printf("%.15Lg %.15Lg %.15Lg %.15Lg\n", expl(1.0L), logl(two), sinl(third), powl(two, 0.5L));
  printf("%lld %.15g %.7g %d\n", (long long)(third * 1e18L) / 1000, (double)third, (float)third, third < two);
  printf("%d %d\n", third + two - two != 0, fabsl(third * 3.0L - 1.0L) < 1e-18L);
  printf("%.15Lg %.15Lg\n", strtold("0.1", NULL), strtold("1e-100", NULL));
  volatile double complex z = 3.0 + 4.0 * I, w = -1.0 + 0.5 * I;
  const double complex product = z * w, quotient = z / w, root = csqrt(w), power = cexp(w);
  printf("%g, %g%+gi, %.12g%+.12gi\n", cabs(z), creal(product), cimag(product), creal(quotient), cimag(quotient));
  printf("%.12g%+.12gi, %.12g%+.12gi, %.12g\n", creal(root), cimag(root), creal(power), cimag(power), carg(w));
  return 0;
}
