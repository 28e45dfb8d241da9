// futex_waitv(2): waits for any of several words.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
struct futex_waitv {
  uint64_t val, uaddr;
  uint32_t flags, __reserved;
};
#endif
#define F32 2
#define PRIVATE 128

static uint32_t words[130];
static struct futex_waitv waiters[130];

static const char *wait_for(unsigned count, unsigned flags, const struct timespec *until, int clock) {
  static char text[64];
  const long result = syscall(SYS_futex_waitv, waiters, count, flags, until, clock);
  snprintf(text, sizeof text, "%s", result < 0 ? strerror(errno) : "");
  if (result >= 0) snprintf(text, sizeof text, "word %ld", result);
  return text;
}

static void *waker(void *word) {
  usleep(20000);
  const long index = (long)word;
  __atomic_store_n(&words[index], 1, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, &words[index], FUTEX_WAKE | (index % 2 ? FUTEX_PRIVATE_FLAG : 0), 1, 0, 0, 0);
  return 0;
}
static void nothing(int signal) {}

int main(void) {
  struct timespec now, until;
  for (int i = 0; i < 130; ++i)
    waiters[i] = (struct futex_waitv){.val = 0, .uaddr = (uintptr_t)&words[i], .flags = F32 | (i % 2 ? PRIVATE : 0)};
  printf("none: %s; 129: %s; flags: %s\n", strdup(wait_for(0, 0, 0, 0)), strdup(wait_for(129, 0, 0, 0)), strdup(wait_for(1, 1, 0, 0)));
  printf("no array: %s\n", syscall(SYS_futex_waitv, 0, 1, 0, 0, 0) < 0 ? strerror(errno) : "?");
  clock_gettime(CLOCK_MONOTONIC, &now);
  printf("clock: %s\n", wait_for(1, 0, &now, 5));
  printf("over: %s\n", wait_for(128, 0, &now, CLOCK_MONOTONIC));
  waiters[1].flags = 1;
  printf("size: %s\n", wait_for(2, 0, &now, CLOCK_MONOTONIC));
  waiters[1].flags = F32 | PRIVATE;
  waiters[1].__reserved = 1;
  printf("reserved: %s\n", wait_for(2, 0, &now, CLOCK_MONOTONIC));
  waiters[1].__reserved = 0;
  waiters[1].uaddr += 2;
  printf("unaligned: %s\n", wait_for(2, 0, &now, CLOCK_MONOTONIC));
  waiters[1].uaddr = 8;
  printf("nowhere: %s\n", wait_for(2, 0, &now, CLOCK_MONOTONIC));
  waiters[1].uaddr = (uintptr_t)&words[1];
  words[1] = 5;
  printf("another value: %s\n", wait_for(2, 0, 0, 0));
  words[1] = 0;
  for (long i = 0; i < 4; ++i) {
    pthread_t thread;
    pthread_create(&thread, 0, waker, (void *)i);
    printf("woken by %ld: %s\n", i, wait_for(4, 0, 0, 0));
    pthread_join(thread, 0);
    words[i] = 0;
  }
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 10000000;
  if (until.tv_nsec >= 1000000000) until.tv_sec++, until.tv_nsec -= 1000000000;
  printf("until: %s\n", wait_for(4, 0, &until, CLOCK_REALTIME));
  struct sigaction action = {.sa_handler = nothing};
  sigaction(SIGALRM, &action, 0);
  ualarm(10000, 0);
  printf("signal: %s\n", wait_for(4, 0, 0, 0));
  waiters[2].uaddr = waiters[0].uaddr;  // the same word twice
  pthread_t thread;
  pthread_create(&thread, 0, waker, (void *)0);
  printf("twice: %s\n", wait_for(4, 0, 0, 0));
  pthread_join(thread, 0);
}
