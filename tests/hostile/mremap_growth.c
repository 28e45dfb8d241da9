// A mapping that grows, and moves, and is written to.
//: memory 64M
//: prints killed by 9
//: prints mremap: ENOMEM
#include "hostile.h"

int main(void) {
  const pid_t child = fork();
  size_t size = 1 << 20;
  if (child == 0) {
    char* at = memory(size);
    for (;; size += 1 << 20) {
      map(65536, PROT_READ, 0);  // in its way
      at = mremap(at, size, size + (1 << 20), MREMAP_MAYMOVE);
      if (at == MAP_FAILED) _exit(1);
      touch(at, size);
    }
  }
  show_end(child);
  char* at = map(size, PROT_READ, MAP_NORESERVE);
  while (at != MAP_FAILED) at = mremap(at, size, 2 * size, MREMAP_MAYMOVE), size *= 2;
  say("mremap: %s\n", strerrorname_np(errno));
}
