// FUTEX_REQUEUE, FUTEX_CMP_REQUEUE and FUTEX_WAKE_OP: who is woken, who waits elsewhere afterwards, and what the operation does to the second word.
#define _GNU_SOURCE
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdint.h>
#include "tasks.h"

enum { kWaiters = 6 };
static uint32_t first, second;
static volatile int woken;

static long futex(uint32_t* at, int operation, long value, long limit, uint32_t* other, uint32_t third) {
  return syscall(SYS_futex, at, operation | FUTEX_PRIVATE_FLAG, value, limit, other, third);
}
static void* waits(void* at) {
  while (futex(at, FUTEX_WAIT, 0, 0, NULL, 0) != 0) {}
  __atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
  return NULL;
}
static pthread_t threads[kWaiters];

// Starts waiters and gathers all of them on `to`.
static void gather(int number, uint32_t* on, uint32_t* to) {
  woken = 0;
  for (int i = 0; i < number; ++i) pthread_create(&threads[i], NULL, waits, on);
  for (int moved = 0; moved < number;) {
    const long got = futex(on, FUTEX_CMP_REQUEUE, 0, INT_MAX, to, *on);
    if (got < 0) exit(90);
    moved += (int)got;
    if (got == 0) pause_briefly();
  }
}
static void join(int number) {
  for (int i = 0; i < number; ++i) pthread_join(threads[i], NULL);
  SHOW(woken);
}
static void show_operation(const char* name, uint32_t before, int operation, uint32_t argument, int comparison, uint32_t compared) {
  second = before;
  const uint32_t encoded = (uint32_t)operation << 28 | (uint32_t)comparison << 24 | (argument & 0xfff) << 12 | (compared & 0xfff);
  errno = 0;
  const long got = futex(&first, FUTEX_WAKE_OP, 1, 1, &second, encoded);
  printf("%s: %ld %s, %#x\n", name, got, got < 0 ? strerrorname_np(errno) : "", second);
}

int main(void) {
  static uint32_t queue, elsewhere;
  gather(kWaiters, &queue, &first);
  TRY(futex(&queue, FUTEX_WAKE, INT_MAX, 0, NULL, 0));
  TRY(futex(&first, FUTEX_CMP_REQUEUE, 1, 2, &elsewhere, 1));
  TRY(futex(&first, FUTEX_CMP_REQUEUE, 1, 2, &elsewhere, 0));
  TRY(futex(&first, FUTEX_REQUEUE, 0, 1, &elsewhere, 0));
  TRY(futex(&elsewhere, FUTEX_WAKE, 1, 0, NULL, 0));
  TRY(futex(&first, FUTEX_WAKE, INT_MAX, 0, NULL, 0));
  TRY(futex(&elsewhere, FUTEX_WAKE, INT_MAX, 0, NULL, 0));
  join(kWaiters);
  TRY(futex(&first, FUTEX_CMP_REQUEUE, -1, 1, &elsewhere, 0));
  TRY(futex(&first, FUTEX_CMP_REQUEUE, 1, -1, &elsewhere, 0));
  TRY(futex(&first, FUTEX_CMP_REQUEUE, 1, 1, (uint32_t*)((char*)&elsewhere + 1), 0));
  TRY(futex(&first, FUTEX_CMP_REQUEUE, 1, 1, NULL, 0));
  TRY(futex((uint32_t*)8, FUTEX_CMP_REQUEUE, 1, 1, &elsewhere, 0));

  // The operations, with nobody waiting.
  first = 0;
  show_operation("set", 5, FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 5);
  show_operation("add", 5, FUTEX_OP_ADD, 7, FUTEX_OP_CMP_EQ, 5);
  show_operation("add -1", 5, FUTEX_OP_ADD, (uint32_t)-1, FUTEX_OP_CMP_NE, 5);
  show_operation("or", 5, FUTEX_OP_OR, 0x70, FUTEX_OP_CMP_LT, 5);
  show_operation("andn", 0xff, FUTEX_OP_ANDN, 0x0f, FUTEX_OP_CMP_LE, 5);
  show_operation("xor", 0xff, FUTEX_OP_XOR, 0x0f, FUTEX_OP_CMP_GT, 5);
  show_operation("or a bit", 0, FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 31, FUTEX_OP_CMP_GE, 5);
  show_operation("none", 5, 6, 1, FUTEX_OP_CMP_EQ, 5);
  show_operation("no comparison", 5, FUTEX_OP_SET, 1, 9, 5);

  // With waiters on both: those of the second only if the comparison with the old value holds.
  static uint32_t gathering;
  for (int holds = 0; holds < 2; ++holds) {
    first = second = 0;
    gather(3, &gathering, &first);
    const pthread_t kept[3] = {threads[0], threads[1], threads[2]};
    gather(3, &gathering, &second);
    second = 10;
    const uint32_t encoded = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_GT, holds ? 9 : 10);
    TRY(futex(&first, FUTEX_WAKE_OP, 2, 2, &second, encoded));
    SHOW(second);
    TRY(futex(&first, FUTEX_WAKE, INT_MAX, 0, NULL, 0));
    TRY(futex(&second, FUTEX_WAKE, INT_MAX, 0, NULL, 0));
    for (int i = 0; i < 3; ++i) threads[3 + i] = kept[i];
    for (int i = 0; i < 6; ++i) pthread_join(threads[i], NULL);
  }
  return 0;
}
