// Each child is made by vfork(2) in its parent's memory, and makes one more.
//: memory 96M
//: prints vfork: a limit after thousands
#include "hostile.h"

static volatile int depth, error;

int main(void) {
  const pid_t first = getpid();
  for (;;) {
    const pid_t child = vfork();
    if (child == -1) error = errno;
    if (child != 0) break;
    ++depth;
  }
  if (getpid() != first) _exit(0);
  say("vfork: %s after %s\n", limit_name(error), depth > 2000 ? "thousands" : "too few");
}
