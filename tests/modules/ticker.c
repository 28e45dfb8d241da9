// Runs for some ticks of the clock, and writes a variable that a module watches.
#include <stdio.h>

volatile int watched;

int main(void) {
  for (volatile long i = 0; i < 1500000; ++i) {
  }
  watched = 1;
  watched = 2;
  puts("done");
  return 3;
}
