/* Pointers that change, calls within calls, and phases: a breakpoint's place is where it is when it is armed. */
#include <stdlib.h>

#define NOINLINE __attribute__((noinline))

struct point { int x, y; };

volatile int total;
static struct point *current;
_Thread_local int mine;

NOINLINE void move(struct point *p, int to) { p->x = to; }

NOINLINE int sum(int depth) {
  volatile int partial = depth;
  if (depth > 0) partial += sum(depth - 1);
  return partial;
}

NOINLINE void phase(int number) {
  total += number;
  total += number;
}

int main(void) {
  struct point *first = malloc(sizeof *first);
  struct point *second = malloc(sizeof *second);
  total = 1;
  current = first;
  move(current, 1);
  current = second;
  move(first, 2); /* not what the pointer leads to now, but what the first breakpoint is on */
  move(second, 3);
  sum(2);
  for (int i = 1; i <= 3; ++i) phase(i);
  mine = 5;
  total = 2;
  free(first);
  free(second);
  return 0;
}
