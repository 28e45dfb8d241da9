// Calls whose work is as large as memory, again and again: time passes as the work is done.
//: args protect
//: args fork
//: args zero
//: args kill
//: args remap
//: memory 160M
//: cycles 100000000
//: status 152
//: says stopped after 100000000 cycles
#include "hostile.h"

int main(int argc, char** argv) {
  const size_t size = 64 << 20;
  char* at = NULL;
  if (!is("kill", argc, argv)) touch(at = memory(size), size);
  if (is("kill", argc, argv)) {
    for (int i = 0; i < 1000; ++i) {
      if (fork() == 0) for (;;) pause();
    }
    for (;;) kill(-1, 0), kill(-1, SIGCHLD);
  }
  if (is("fork", argc, argv)) {
    for (;;) {
      const pid_t child = fork();
      if (child == 0) _exit(0);
      waitpid(child, NULL, 0);
    }
  }
  const int zero = open("/dev/zero", O_RDONLY), null = open("/dev/null", O_WRONLY);
  char* const other = map(size, PROT_NONE, MAP_NORESERVE);
  for (int i = 0;; ++i) {
    if (is("protect", argc, argv)) mprotect(at, size, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE);
    if (is("zero", argc, argv)) read(zero, at, size), write(null, at, size);
    if (is("remap", argc, argv))
      mremap(i % 2 ? other : at, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, i % 2 ? at : other);
  }
}
