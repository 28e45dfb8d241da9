// A shared library with what makes one more than a bag of functions: a constructor, thread-local variables, an
// indirect function, and data that both sides share.
#include <stdio.h>
#include <stdlib.h>

int shared = 1;
static int constructed;
_Thread_local int per_thread = 7;

__attribute__((constructor)) static void construct(void) { constructed = 5; }
__attribute__((destructor)) static void destruct(void) { printf("destructor: shared %d\n", shared); }

#ifndef __powerpc64__  // its ELFv1 has descriptors for functions, and no indirect ones
static int twice(int n) { return 2 * n; }
static int (*resolve(void))(int) { return twice; }
int doubled(int n) __attribute__((ifunc("resolve")));
#else
int doubled(int n) { return 2 * n; }
#endif

int bump(void) {
  shared += constructed;
  return ++per_thread;
}

const char *greeting(void) { return "the library's own"; }
