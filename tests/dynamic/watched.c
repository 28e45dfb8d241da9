// What debuggers watch: globals that functions and a thread touch, one after the other.
#include <pthread.h>
#include <stdio.h>

volatile int counter, seen, flag;
volatile int five[5];

__attribute__((noinline)) void add(int n) { counter += n; }
__attribute__((noinline)) int look(void) { return seen; }

static void *worker(void *unused) {
  add(10);
  flag = 1;
  return unused;
}

int main(void) {
  add(1);
  seen = look() + 1;
  pthread_t thread;
  pthread_create(&thread, NULL, worker, NULL);
  pthread_join(thread, NULL);
  for (int i = 0; i < 5; ++i) five[i] = i;
  add(100);
  printf("counter %d, seen %d, flag %d\n", counter, look(), flag);
  return 0;
}
