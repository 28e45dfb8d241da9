// Threads that do nothing but give way.
//: args
//: args-cpus 8
//: memory 64M
//: cycles 15000000
//: status 152
//: says stopped after 15000000 cycles
#include "hostile.h"

static void* run(void* unused) {
  for (;;) sched_yield();
  return unused;
}

int main(void) {
  for (int i = 0; i < 15; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, run, NULL);
  }
  run(NULL);
}
