#include <stdio.h>

int counter;

__attribute__((noinline)) static void add_one(void) { counter += 1; }
__attribute__((noinline)) static void add_ten(void) { counter += 10; }
__attribute__((noinline)) static void reset(void) { counter = 0; }

int main(void) {
  add_one();
  add_ten();
  add_one();
  printf("counter is %d\n", counter);
  reset();
  return counter;
}
