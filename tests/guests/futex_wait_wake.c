// futex(2): FUTEX_WAIT and FUTEX_WAKE, their BITSET forms, timeouts, and every refusal.
#define _GNU_SOURCE
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include "tasks.h"

enum { kWaiters = 8 };
static uint32_t word, other;
static volatile int woken, results[kWaiters];
static uint32_t bits[kWaiters];

static long futex(const void* at, int operation, uint32_t value, const void* timeout, const void* second, uint32_t third) {
  return syscall(SYS_futex, at, operation, value, timeout, second, third);
}
static void* waits(void* index) {
  const long i = (long)index;
  const long got = bits[i] == 0 ? futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0)
                                : futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, bits[i]);
  results[i] = got == 0 ? 1 : -errno;
  __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
  return NULL;
}
// Wakes until as many are counted: a thread may not have come to wait yet.
static void wake(int number, uint32_t mask) {
  for (int sum = 0; sum < number;) {
    const long got = mask == 0 ? futex(&word, FUTEX_WAKE_PRIVATE, (uint32_t)(number - sum), NULL, NULL, 0)
                               : futex(&word, FUTEX_WAKE_BITSET_PRIVATE, (uint32_t)(number - sum), NULL, NULL, mask);
    if (got < 0) exit(90);
    sum += (int)got;
    if (got == 0) pause_briefly();
  }
}

int main(void) {
  const struct timespec none = {0, 0}, moment = {0, 5000000}, invalid = {0, 1000000000}, negative = {-1, 0};
  word = 1;
  TRY(futex(&word, FUTEX_WAIT, 0, NULL, NULL, 0));
  TRY(futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0));
  TRY(futex(&word, FUTEX_WAIT, 1, &none, NULL, 0));
  TRY(futex(&word, FUTEX_WAIT_PRIVATE, 1, &moment, NULL, 0));
  TRY(futex(&word, FUTEX_WAIT, 1, &invalid, NULL, 0));
  TRY(futex(&word, FUTEX_WAIT, 1, &negative, NULL, 0));
  TRY(futex(&word, FUTEX_WAIT, 1, (void*)8, NULL, 0));
  TRY(futex((char*)&word + 1, FUTEX_WAIT, 1, &none, NULL, 0));
  TRY(futex((char*)&word + 2, FUTEX_WAKE, 1, NULL, NULL, 0));
  TRY(futex((void*)8, FUTEX_WAIT, 0, NULL, NULL, 0));
  TRY(futex(NULL, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0));
  TRY(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
  TRY(futex(&word, FUTEX_WAKE, 0, NULL, NULL, 0));
  TRY(futex(&word, 99, 0, NULL, NULL, 0));
  TRY(futex(&word, FUTEX_WAIT_BITSET, 1, NULL, NULL, 0));
  TRY(futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
  // The BITSET form's timeout is absolute.
  struct timespec at, after;
  TRY(futex(&word, FUTEX_WAIT_BITSET, 1, &moment, NULL, FUTEX_BITSET_MATCH_ANY));
  clock_gettime(CLOCK_MONOTONIC, &at);
  at.tv_nsec += 10000000;
  if (at.tv_nsec >= 1000000000) at.tv_nsec -= 1000000000, ++at.tv_sec;
  TRY(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 1, &at, NULL, 1));
  clock_gettime(CLOCK_MONOTONIC, &after);
  SHOW(after.tv_sec > at.tv_sec || (after.tv_sec == at.tv_sec && after.tv_nsec >= at.tv_nsec));
  clock_gettime(CLOCK_REALTIME, &at);
  at.tv_nsec += 10000000;
  if (at.tv_nsec >= 1000000000) at.tv_nsec -= 1000000000, ++at.tv_sec;
  TRY(futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 1, &at, NULL, 1));
  TRY(futex(&word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, &at, NULL, 1));
  TRY(futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));

  word = 0;
  pthread_t threads[kWaiters];
  for (long i = 0; i < kWaiters; ++i) pthread_create(&threads[i], NULL, waits, (void*)i);
  SHOW(futex(&other, FUTEX_WAKE_PRIVATE, 1000, NULL, NULL, 0));
  wake(1, 0), wake(3, 0);
  wake(kWaiters - 4, 0);
  for (int i = 0; i < kWaiters; ++i) pthread_join(threads[i], NULL);
  SHOW(woken);
  TRY(futex(&word, FUTEX_WAKE_PRIVATE, 1000, NULL, NULL, 0));

  // Each waits for a bit of its own; nobody else is woken by it.
  woken = 0;
  for (long i = 0; i < kWaiters; ++i) bits[i] = 1u << i, results[i] = 0, pthread_create(&threads[i], NULL, waits, (void*)i);
  TRY(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 1000, NULL, NULL, 0x80000000));
  static const int order[kWaiters] = {3, 0, 7, 1, 6, 2, 5, 4};
  for (int i = 0; i < kWaiters; ++i) {
    wake(1, bits[order[i]]);
    pthread_join(threads[order[i]], NULL);
    printf("woke %d, all: %d\n", order[i], woken);
  }
  // FUTEX_WAKE takes them whatever their bits are.
  woken = 0;
  for (long i = 0; i < kWaiters; ++i) pthread_create(&threads[i], NULL, waits, (void*)i);
  wake(2, 0x81);
  wake(kWaiters - 2, 0);
  for (int i = 0; i < kWaiters; ++i) pthread_join(threads[i], NULL);
  SHOW(woken);
  int sum = 0;
  for (int i = 0; i < kWaiters; ++i) sum += results[i];
  SHOW(sum);
  return 0;
}
