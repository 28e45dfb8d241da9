// Waits on a million different words, mapped and not.
//: memory 64M
//: cycles 20000000000
//: prints 1000000 timed out
//: prints exit 0
#include "hostile.h"

static int wait_for_ever(void* word) {
  for (;;) syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

int main(void) {
  long timed_out = 0;
  int* const words = map(4000000, PROT_READ | PROT_WRITE, 0);
  for (long i = 0; i < 1000000; ++i)
    timed_out += syscall(SYS_futex, words + i, FUTEX_WAIT_PRIVATE, 0, &(struct timespec){0, 1}, NULL, 0) == -1;
  say("%ld timed out\n", timed_out);
  // Many at once, and all of them die waiting.
  const pid_t child = fork();
  if (child == 0) {
    for (int i = 0; i < 500; ++i) clone(wait_for_ever, (char*)memory(16384) + 16384, kThread, words + i);
    usleep(1000);
    _exit(0);
  }
  show_end(child);
}
