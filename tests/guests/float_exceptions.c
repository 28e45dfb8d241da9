// The floating-point exceptions that arithmetic raises, as fetestexcept sees them. Not on x86-64: the engine (Unicorn 2.1.4)
// never shows those of SSE arithmetic in MXCSR (docs/architecture.md, "Known limits").
//: isa ppc64
#include <fenv.h>
#include <stdio.h>

int main(void) {
  volatile double zero = 0.0, three = 3.0, seven = 7.0, one = 1.0, huge = 1e308;
  feclearexcept(FE_ALL_EXCEPT);
  volatile double result = one / zero;
  printf("divbyzero %d inexact %d\n", fetestexcept(FE_DIVBYZERO) != 0, fetestexcept(FE_INEXACT) != 0);
  feclearexcept(FE_ALL_EXCEPT);
  result = one / three;
  printf("divbyzero %d inexact %d\n", fetestexcept(FE_DIVBYZERO) != 0, fetestexcept(FE_INEXACT) != 0);
  feclearexcept(FE_ALL_EXCEPT);
  result = zero / zero;
  printf("invalid %d\n", fetestexcept(FE_INVALID) != 0);
  feclearexcept(FE_ALL_EXCEPT);
  result = huge * (three + seven);
  printf("overflow %d\n", fetestexcept(FE_OVERFLOW) != 0);
  (void)result;
  return 0;
}
