// Dynamic linking as programs use it: a library at start, one loaded later, one preloaded, thread-local variables in
// each thread.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern int shared;
extern _Thread_local int per_thread;
int bump(void);
int doubled(int n);
const char *greeting(void);

static void *thread(void *name) {
  bump();
  printf("%s: per_thread %d\n", (char *)name, bump());
  return NULL;
}

int main(int argc, char **argv) {
  printf("shared %d, doubled %d, %s\n", shared, doubled(21), greeting());
  pthread_t other;
  pthread_create(&other, NULL, thread, "thread");
  pthread_join(other, NULL);
  thread("main");
  void *math = dlopen("libm.so.6", RTLD_NOW);
  if (math == NULL) return printf("dlopen: %s\n", dlerror()), 1;
  double (*root)(double) = (double (*)(double))dlsym(math, "sqrt");
  printf("sqrt(2) %.12f\n", root(2));
  void *again = dlopen(argv[1], RTLD_LAZY);
  printf("same library: %d\n", dlsym(again, "bump") == dlsym(RTLD_DEFAULT, "bump"));
  printf("missing: %s\n", dlopen("libmissing.so", RTLD_NOW) == NULL ? "refused" : "loaded");
  if (argc > 2) return 0;
  // The same program once more, with another library in front.
  fflush(stdout);
  setenv("LD_PRELOAD", "libpreloaded.so", 1);
  execl("/proc/self/exe", argv[0], argv[1], "again", NULL);
}
