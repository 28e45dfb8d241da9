// Address space without end, then memory without end.
//: args none
//: args noreserve
//: memory 64M
//: status 137
//: prints mapped until ENOMEM
#include "hostile.h"

int main(int argc, char** argv) {
  const int none = is("none", argc, argv);
  const size_t size = 1L << 32;
  char* any = NULL;
  for (long i = 0; i < 3000000; ++i) {
    char* const at = map(size, none ? PROT_NONE : PROT_READ | PROT_WRITE, MAP_NORESERVE);
    if (at == MAP_FAILED) break;
    any = at;
  }
  say("mapped until %s\n", strerrorname_np(errno));
  if (none && mprotect(any, size, PROT_READ | PROT_WRITE) == -1) {
    // More than all of memory at once is refused; a part of it is not.
    if (mprotect(any, 60L << 20, PROT_READ | PROT_WRITE) == -1) return 1;
  }
  for (;; any += size) touch(any, size);
}
