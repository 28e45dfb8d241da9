// libm's functions over ordinary arguments, to fifteen digits, which every implementation reaches.
#include <fenv.h>
#include <math.h>
#include <stdio.h>

#define SHOW(f) for (int i = 0; i < kArguments; ++i) printf(#f "(%g) = %.14g\n", arguments[i], f(arguments[i]))
#define SHOW_POSITIVE(f) for (int i = 0; i < kArguments; ++i) printf(#f "(%g) = %.14g\n", fabs(arguments[i]) + 0.25, f(fabs(arguments[i]) + 0.25))

enum { kArguments = 7 };
static volatile double arguments[kArguments] = {0.0, 0.5, -0.75, 1.0, 2.5, -3.125, 11.0};

int main(void) {
  SHOW(sin); SHOW(cos); SHOW(tan); SHOW(atan); SHOW(sinh); SHOW(cosh); SHOW(tanh); SHOW(exp); SHOW(exp2); SHOW(expm1);
  SHOW(cbrt); SHOW(erf); SHOW(erfc); SHOW(asinh); SHOW(floor); SHOW(ceil); SHOW(round); SHOW(trunc); SHOW(rint);
  SHOW_POSITIVE(sqrt); SHOW_POSITIVE(log); SHOW_POSITIVE(log10); SHOW_POSITIVE(log2); SHOW_POSITIVE(log1p);
  SHOW_POSITIVE(lgamma); SHOW_POSITIVE(tgamma); SHOW_POSITIVE(j0);
  volatile double big = 1e22, tiny = 1e-310, three = 3.0, seven = 7.5;
  printf("sin(1e22) %.14g, pow %.14g, fmod %.14g, remainder %.14g, atan2 %.14g, hypot %.14g\n", sin(big), pow(seven, three),
         fmod(seven, three), remainder(seven, three), atan2(seven, -three), hypot(three, 4.0));
  int exponent;
  double whole;
  const double fraction = frexp(seven, &exponent);
  printf("frexp %g %d, modf %g", fraction, exponent, modf(-seven, &whole));
  printf(" %g, ldexp %g, logb %g, nextafter %a, fma %a\n", whole, ldexp(three, 5), logb(seven), nextafter(three, 4), fma(seven, three, 0.1));
  printf("subnormal %g %g, sqrtf %.9g, sinf %.7g, lrint %ld, llround %lld\n", tiny / 2, tiny * 2, sqrtf((float)three),
         sinf((float)three), lrint(2.5), llround(-2.5));
  volatile double zero = 0.0;
  printf("nan %d, inf %d %d, signbit %d, class %d\n", isnan(zero / zero), isinf(1 / zero), isinf(log(zero)), signbit(-zero) != 0,
         fpclassify(tiny) == FP_SUBNORMAL);
  static const int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
  for (int i = 0; i < 4; ++i) {
    fesetround(modes[i]);
    volatile double third = 1.0 / three, negative = -1.0 / three;
    printf("%a %a %g %g %ld\n", third, negative, rint(2.5), nearbyint(-2.5), lrint(1.5));
  }
  fesetround(FE_TONEAREST);
  return 0;
}
