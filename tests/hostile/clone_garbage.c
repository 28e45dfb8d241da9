// Children with stacks, thread pointers and numbers' places that lie nowhere.
//: memory 64M
//: prints still there
#include "hostile.h"

int main(void) {
  const unsigned long values[] = {0, 1, 8, 4096, 1UL << 46, 0x7ffffffff000, 1UL << 47, 1UL << 63, ~0UL, ~7UL, (unsigned long)&values};
  enum { kValues = sizeof values / sizeof *values };
  signal(SIGCHLD, SIG_IGN);
  for (int i = 0; i < kValues; ++i) {
    for (int j = 0; j < kValues; ++j) {
      const unsigned long flags[] = {0, CLONE_VM, CLONE_SETTLS, CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID,
                                     CLONE_VM | CLONE_VFORK | CLONE_SETTLS};
      for (unsigned f = 0; f < sizeof flags / sizeof *flags; ++f) {
        // With memory of its own the child may do what it likes with the stack that it has.
        const int own = (flags[f] & CLONE_VM) == 0;
        if (!own && values[i] == (unsigned long)&values) continue;
        if (!own && values[i] == 0) continue;
        const long child = raw_clone(flags[f] | SIGCHLD, (void*)values[i], (int*)values[j], (int*)values[(i + j) % kValues],
                                     (void*)values[j]);
        if (child == 0) _exit(0);
      }
    }
  }
  while (wait(NULL) > 0);
  say("still there\n");
}
