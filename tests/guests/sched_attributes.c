// sched_setattr(2) and sched_getattr(2): policies and nice values that need no privilege, what children inherit, sizes and refusals.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include "tasks.h"

struct attr {
  uint32_t size, policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime, deadline, period;
  uint32_t util_min, util_max;
};
static int get(pid_t tid, struct attr* attr, unsigned size) { return (int)syscall(SYS_sched_getattr, tid, attr, size, 0); }
static int set(pid_t tid, void* attr) { return (int)syscall(SYS_sched_setattr, tid, attr, 0); }
static void show(void) {
  struct attr attr = {0};
  TRY(get(0, &attr, sizeof attr));
  SHOW(attr.policy);
  SHOW(attr.flags);
  SHOW(attr.nice);
  SHOW(attr.priority);
  SHOW(sched_getscheduler(0));
  SHOW(getpriority(PRIO_PROCESS, 0));
}

int main(void) {
  struct attr attr = {.size = sizeof attr};
  TRY(setpriority(PRIO_PROCESS, 0, 0));
  show();
  attr.policy = SCHED_BATCH, attr.nice = 3;
  TRY(set(0, &attr));
  show();
  attr.policy = SCHED_OTHER, attr.nice = 5, attr.flags = 1;  // SCHED_FLAG_RESET_ON_FORK
  TRY(set(0, &attr));
  show();
  const pid_t child = fork_flushed();
  if (child == 0) show(), leave(0);
  show_end("child", child);
  // KEEP_PARAMS alone changes no more than the flag; KEEP_POLICY keeps the policy, and the flag.
  attr.flags = 0x10 | 1, attr.nice = 9, attr.policy = SCHED_BATCH;
  TRY(set(0, &attr));
  show();
  attr.flags = 0x08 | 1, attr.nice = 9;
  TRY(set(0, &attr));
  show();
  struct sched_param none = {0};
  TRY(sched_setscheduler(0, SCHED_BATCH | SCHED_RESET_ON_FORK, &none));
  show();
  TRY(sched_setscheduler(0, SCHED_IDLE | SCHED_RESET_ON_FORK, &none));
  show();

  struct { struct attr known; uint64_t more; } longer = {{.size = sizeof longer, .policy = SCHED_IDLE, .flags = 1, .nice = 9}, 0};
  TRY(set(0, &longer));
  longer.more = 1;
  TRY(set(0, &longer));
  SHOW(longer.known.size);
  attr = (struct attr){.size = 47};
  TRY(set(0, &attr));
  SHOW(attr.size);
  attr = (struct attr){.size = 48, .policy = SCHED_IDLE, .flags = 1, .nice = 9};
  TRY(set(0, &attr));
  attr = (struct attr){.size = 0, .policy = SCHED_IDLE, .flags = 1, .nice = 9};
  TRY(set(0, &attr));
  attr = (struct attr){.size = sizeof attr, .policy = 4};
  TRY(set(0, &attr));
  attr = (struct attr){.size = sizeof attr, .policy = SCHED_OTHER, .priority = 1};
  TRY(set(0, &attr));
  attr = (struct attr){.size = sizeof attr, .policy = SCHED_FIFO};
  TRY(set(0, &attr));
  attr = (struct attr){.size = sizeof attr, .policy = SCHED_FIFO, .priority = 100};
  TRY(set(0, &attr));
  attr = (struct attr){.size = sizeof attr, .policy = SCHED_IDLE, .flags = 0x100};
  TRY(set(0, &attr));
  attr = (struct attr){.size = sizeof attr, .policy = 0x80000000};
  TRY(set(0, &attr));
  TRY(set(-1, &attr));
  attr.policy = SCHED_IDLE;
  TRY(set(0x3ffffff, &attr));
  TRY(set(0, NULL));
  TRY(set(0, (void*)8));
  TRY(syscall(SYS_sched_setattr, 0, &attr, 1));
  TRY(get(0, &attr, 47));
  TRY(get(0, &attr, 1 << 20));
  TRY(get(0, NULL, sizeof attr));
  TRY(get(0, (void*)8, sizeof attr));
  TRY(get(-1, &attr, sizeof attr));
  TRY(get(0x3ffffff, &attr, sizeof attr));
  TRY(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 1));
  memset(&attr, 0x55, sizeof attr);
  TRY(get(0, &attr, 48));
  SHOW(attr.size);
  SHOW(attr.util_min);
  return 0;
}
