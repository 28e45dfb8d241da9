// rt_sigreturn(2) from frames of random bytes, at random places.
//: memory 64M
//: cycles 2000000000
//: prints 400 ended
#include "hostile.h"

static uint64_t seed = 88172645463325252;
static uint64_t next(void) {
  seed ^= seed << 13, seed ^= seed >> 7;
  return seed ^= seed << 17;
}

int main(void) {
  char* const area = memory(65536);
  int ended = 0;
  for (int i = 0; i < 400; ++i) {
    for (int at = 0; at < 65536; at += 8) *(uint64_t*)(area + at) = i % 4 == 0 ? next() & 0xff00ff : next();
    const uint64_t places[] = {(uint64_t)area + 16384, next(), 0, ~7UL, (uint64_t)area + 65536 - 8, (uint64_t)area + 8192 + next() % 64};
    const uint64_t place = places[i % 6];
    const pid_t child = fork();
    if (child == 0) {
      setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 1000}}, NULL);
#if defined(__x86_64__)
      __asm__ volatile("mov %0, %%rsp; mov $15, %%eax; syscall; ud2" ::"r"(place));
#else
      __asm__ volatile("mr 1, %0; li 0, 172; sc; trap" ::"r"(place));
#endif
      _exit(0);
    }
    // Its registers may be anything now, and so may its signal mask.
    for (int tries = 0; tries < 20; ++tries) {
      usleep(100);
      if (waitpid(child, NULL, WNOHANG) == child) break;
      kill(child, tries < 10 ? SIGTERM : SIGKILL);
    }
    ++ended;
  }
  say("%d ended\n", ended);
}
