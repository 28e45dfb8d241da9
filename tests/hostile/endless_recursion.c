// A stack that grows for ever: the process's, and a thread's.
//: args
//: args thread
//: args unlimited
//: memory 64M
//: status 137|139
#include "hostile.h"
#include <sys/resource.h>

static int descend(int n) {
  volatile char frame[4000];
  frame[0] = n;
  return descend(n + 1) + frame[0];
}
static void* run(void* unused) { return (void*)(long)descend(0); }

int main(int argc, char** argv) {
  if (is("unlimited", argc, argv)) {
    setrlimit(RLIMIT_STACK, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY});
    execl("/proc/self/exe", "endless_recursion", NULL);
  }
  if (is("thread", argc, argv)) {
    pthread_t thread;
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
  }
  return descend(0);
}
