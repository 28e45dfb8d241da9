// Writes for ever: for the tests of bounds. By itself it is told how many lines to write.
//: args 1000
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  const long lines = argc > 1 ? atol(argv[1]) : -1;
  for (long i = 0; i != lines; ++i) puts("0123456789012345678901234567890123456789012345678901234567890");
  return 0;
}
