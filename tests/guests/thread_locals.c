// Thread-local variables of the main thread: initialised, zero, aligned, and errno.
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

static _Thread_local int counter = 41;
static _Thread_local char zeros[1000];
static _Thread_local _Alignas(64) long aligned[9] = {1, 2, 3};
_Thread_local const char* text = "thread-local";

int main(void) {
  ++counter;
  int sum = 0;
  for (unsigned i = 0; i < sizeof zeros; ++i) sum += zeros[i];
  zeros[999] = 7;
  printf("%d %d %d %s\n", counter, sum, zeros[999], text);
  printf("%ld %ld, misaligned %d\n", aligned[2], aligned[8], (int)((uintptr_t)aligned % 64));
  errno = 0;
  close(-1);
  printf("errno %d\n", errno == EBADF);
  return 0;
}
