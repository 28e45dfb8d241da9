// Text to numbers: strtol, strtod and sscanf, with what they do at the ends of their ranges.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static void integer(const char* text, int base) {
  char* end;
  errno = 0;
  const long value = strtol(text, &end, base);
  printf("strtol(\"%s\", %d) = %ld, rest \"%s\", errno %d\n", text, base, value, end, errno);
}

static void real(const char* text) {
  char* end;
  errno = 0;
  const double value = strtod(text, &end);
  printf("strtod(\"%s\") = %.17g (%a), rest \"%s\", errno %d\n", text, value, value, end, errno);
}

int main(void) {
  integer("0", 10), integer("  -42x", 10), integer("0x1f", 0), integer("077", 0), integer("zz", 36), integer("", 10);
  integer("9223372036854775807", 10), integer("9223372036854775808", 10), integer("-9999999999999999999", 10);
  real("1.5"), real("1e400"), real("1e-400"), real("0x1.8p3"), real("inf"), real("0.1"), real("2.2250738585072011e-308");
  real("179769313486231580793728971405301e277"), real("abc"), real("-.5e-1rest");
  int a = 0, b = 0, used = 0;
  char word[16];
  double d = 0;
  const int matched = sscanf("12 abc 3.25 0x10 tail", "%d %15s %lf %i%n", &a, word, &d, &b, &used);
  printf("%d: %d '%s' %g %d, used %d\n", matched, a, word, d, b, used);
  printf("%d\n", sscanf("a=b;c", "%15[^=]=%*[^;];%c", word, word + 8));
  printf("%s %c\n", word, word[8]);
  printf("%d %d\n", sscanf("", "%d", &a), sscanf("x", "%d", &a));
  return 0;
}
