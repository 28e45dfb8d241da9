// Scheduling calls: affinity, nice values, policies and their refusals, without asking for what needs a privilege.
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/resource.h>
#include "tasks.h"

static int first_cpu(const cpu_set_t* set) {
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) if (CPU_ISSET(cpu, set)) return cpu;
  return -1;
}
static void* shows_affinity(void* expected) {
  cpu_set_t set;
  GIVES(pthread_getaffinity_np(pthread_self(), sizeof set, &set));
  SHOW(CPU_EQUAL(&set, (cpu_set_t*)expected));
  return NULL;
}
static void* other_nice(void* unused) {
  SHOW(setpriority(PRIO_PROCESS, (id_t)gettid(), getpriority(PRIO_PROCESS, 0) + 1));
  return unused;
}

int main(void) {
  cpu_set_t allowed, set, none;
  CPU_ZERO(&none);
  TRY(sched_getaffinity(0, sizeof allowed, &allowed));
  SHOW(CPU_COUNT(&allowed) > 0);
  SHOW(CPU_ISSET(sched_getcpu(), &allowed));
  const int cpu = first_cpu(&allowed);
  const pid_t child = fork_flushed();
  if (child == 0) {
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    TRY(sched_setaffinity(0, sizeof set, &set));
    SHOW(sched_getcpu() == cpu);
    cpu_set_t got;
    TRY(sched_getaffinity(getpid(), sizeof got, &got));
    SHOW(CPU_EQUAL(&got, &set));
    unsigned number = 99, node = 99;
    TRY(syscall(SYS_getcpu, &number, &node, NULL));
    SHOW(number == (unsigned)cpu && node < 99);
    pthread_t thread;
    pthread_create(&thread, NULL, shows_affinity, &set);
    pthread_join(thread, NULL);
    const pid_t grandchild = fork_flushed();
    if (grandchild == 0) shows_affinity(&set), leave(0);
    show_end("grandchild", grandchild);
    TRY(sched_setaffinity(0, sizeof none, &none));
    TRY(sched_setaffinity(0, sizeof set, (cpu_set_t*)8));
    leave(0);
  }
  show_end("child", child);
  TRY(sched_getaffinity(0x3ffffff, sizeof set, &set));
  TRY(sched_setaffinity(0x3ffffff, sizeof allowed, &allowed));
  TRY(sched_getaffinity(0, 7, &set));
  TRY(sched_getaffinity(0, sizeof set, (cpu_set_t*)8));
  TRY(sched_yield());

  TRY(sched_getscheduler(0));
  TRY(sched_getscheduler(-1));
  TRY(sched_getscheduler(0x3ffffff));
  struct sched_param parameter = {.sched_priority = 77};
  TRY(sched_getparam(0, &parameter));
  SHOW(parameter.sched_priority);
  TRY(sched_setscheduler(0, SCHED_OTHER, &parameter));
  TRY(sched_setparam(0, &parameter));
  parameter.sched_priority = 1;
  TRY(sched_setscheduler(0, SCHED_OTHER, &parameter));
  TRY(sched_setscheduler(0, 99, &parameter));
  TRY(sched_setscheduler(0, SCHED_OTHER, NULL));
  parameter.sched_priority = 100;
  TRY(sched_setscheduler(0, SCHED_FIFO, &parameter));
  TRY(sched_setscheduler(-1, SCHED_OTHER, &parameter));
  SHOW(sched_get_priority_min(SCHED_FIFO) == 1 && sched_get_priority_max(SCHED_FIFO) == 99);
  SHOW(sched_get_priority_min(SCHED_OTHER) == 0 && sched_get_priority_max(SCHED_OTHER) == 0);
  SHOW(sched_get_priority_min(SCHED_RR) == 1 && sched_get_priority_max(SCHED_BATCH) == 0);
  TRY(sched_get_priority_max(99));

  // Nice values: up only, which anybody may, in a child.
  const pid_t second = fork_flushed();
  if (second == 0) {
    errno = 0;
    const int before = getpriority(PRIO_PROCESS, 0);
    SHOW(errno == 0 && before >= -20 && before <= 19);
    SHOW(syscall(SYS_getpriority, PRIO_PROCESS, 0) == 20 - before);
    if (before <= 10) {
      SHOW(setpriority(PRIO_PROCESS, 0, before + 2));
      SHOW(getpriority(PRIO_PROCESS, 0) - before);
      SHOW(nice(1) - before);
      const pid_t grandchild = fork_flushed();
      if (grandchild == 0) _exit(getpriority(PRIO_PROCESS, 0) - before);
      show_end("inherited", grandchild);
      pthread_t thread;
      pthread_create(&thread, NULL, other_nice, NULL);
      pthread_join(thread, NULL);
      SHOW(getpriority(PRIO_PROCESS, 0) - before);  // it is each thread's own
      setpgid(0, 0);
      SHOW(setpriority(PRIO_PGRP, 0, before + 5));
      SHOW(getpriority(PRIO_PGRP, (id_t)getpid()) - before);
    }
    TRY(setpriority(PRIO_PROCESS, 0, 100));
    TRY(getpriority(PRIO_PROCESS, 0));
    leave(0);
  }
  show_end("nice", second);
  TRY(getpriority(17, 0));
  TRY(setpriority(17, 0, 0));
  TRY(getpriority(PRIO_PROCESS, 0x3ffffff));
  TRY(setpriority(PRIO_PROCESS, 0x3ffffff, 0));
  TRY(getpriority(PRIO_PGRP, 0x3ffffff));
  return 0;
}
