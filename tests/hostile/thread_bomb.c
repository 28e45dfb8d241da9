// Threads for as long as there are any to be had.
//: memory 96M
//: prints clone: a limit after thousands
#include "hostile.h"

enum { kStack = 2048 };

static int wait_for_ever(void* unused) {
  for (;;) pause();
}

int main(void) {
  char* const stacks = memory(8192L * kStack);
  int made = 0;
  while (made < 8192 && clone(wait_for_ever, stacks + (made + 1L) * kStack, kThread, NULL) != -1) ++made;
  say("clone: %s after %s\n", made == 8192 ? "no limit" : limit_name(errno), made > 2000 ? "thousands" : "too few");
}
