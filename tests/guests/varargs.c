// Variable arguments: more than fit registers, of every class, and a copied list.
#include <stdarg.h>
#include <stdio.h>

struct Small { int a, b; };
struct Large { long words[5]; };
struct Mixed { double d; char c; };

static void take(const char* kinds, ...) {
  va_list list, copy;
  va_start(list, kinds);
  va_copy(copy, list);
  for (int round = 0; round < 2; ++round) {
    for (const char* kind = kinds; *kind != '\0'; ++kind) {
      switch (*kind) {
        case 'i': printf(" %d", round ? va_arg(copy, int) : va_arg(list, int)); break;
        case 'l': printf(" %ld", round ? va_arg(copy, long) : va_arg(list, long)); break;
        case 'd': printf(" %g", round ? va_arg(copy, double) : va_arg(list, double)); break;
        case 'D': printf(" %Lg", round ? va_arg(copy, long double) : va_arg(list, long double)); break;
        case 's': printf(" %s", round ? va_arg(copy, char*) : va_arg(list, char*)); break;
        case 'S': { struct Small s = round ? va_arg(copy, struct Small) : va_arg(list, struct Small); printf(" {%d %d}", s.a, s.b); break; }
        case 'L': { struct Large s = round ? va_arg(copy, struct Large) : va_arg(list, struct Large); printf(" {%ld..%ld}", s.words[0], s.words[4]); break; }
        case 'M': { struct Mixed s = round ? va_arg(copy, struct Mixed) : va_arg(list, struct Mixed); printf(" {%g %d}", s.d, s.c); break; }
      }
    }
    printf("\n");
  }
  va_end(copy);
  va_end(list);
}

int main(void) {
  take("iiiiiiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12);
  take("dddddddddddddddd", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12., 13., 14., 15., 16.5);
  take("idsDlSLMid", 1, 2.5, "three", 4.25L, -5L, (struct Small){6, 7}, (struct Large){{8, 0, 0, 0, 9}},
       (struct Mixed){10.5, 11}, 12, 13.5);
  return 0;
}
