// x86: division by zero and a quotient that does not fit are SIGFPE.
//: isa x86-64
//: args zero
//: args overflow
//: args float
#include <limits.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  volatile int zero = 0, least = INT_MIN, minus = -1;
  volatile double nought = 0.0;
  if (argc > 1 && strcmp(argv[1], "float") == 0) return printf("%g %g\n", 1.0 / nought, -1.0 / nought), 0;
  fputs("before\n", stderr);
  if (argc > 1 && strcmp(argv[1], "overflow") == 0) return least / minus;
  return 1 / zero;
}
