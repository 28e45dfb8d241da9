// What runs at exit, in which order, and what does not.
//: args return
//: args exit
//: args _exit
//: args quick_exit
//: args abort
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void first(void) { puts("first registered"); }
static void second(void) { puts("second registered"), atexit(first); }
static void quick(void) { if (write(1, "quick\n", 6) != 6) abort(); }
__attribute__((constructor)) static void constructor(void) { puts("constructor"); }
__attribute__((destructor)) static void destructor(void) { puts("destructor"); }

int main(int argc, char** argv) {
  atexit(first), atexit(second), at_quick_exit(quick);
  const char* how = argc > 1 ? argv[1] : "return";
  printf("main %s\n", how);
  if (strcmp(how, "exit") == 0) exit(11);
  if (strcmp(how, "_exit") == 0) _exit(12);
  if (strcmp(how, "quick_exit") == 0) quick_exit(13);
  if (strcmp(how, "abort") == 0) abort();
  return 14;
}
