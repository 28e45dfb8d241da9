// GNU C's nested functions, whose address is a piece of code on the stack where the ABI needs one.
#include <stdio.h>
#include <stdlib.h>

static int apply(int (*function)(int), int value) { return function(value); }

int main(void) {
  int calls = 0, scale = 3;
  int scaled(int value) { ++calls; return value * scale; }
  printf("%d", apply(scaled, 14));
  scale = -1;
  printf(" %d", apply(scaled, 14));
  int numbers[] = {5, 3, 9, 1};
  int by_distance(const void* a, const void* b) { ++calls; return abs(*(const int*)a - scale * -4) - abs(*(const int*)b - scale * -4); }
  qsort(numbers, 4, sizeof *numbers, by_distance);
  printf(" %d %d %d %d, called %d\n", numbers[0], numbers[1], numbers[2], numbers[3], calls > 2);
  return 0;
}
