// Breakpoints go with their tracee: a hundred tracees with four each, one after another; and a thread of the same process has none.
//: isa x86-64
//: breakpoints
#include "dr.h"
#include <pthread.h>

static volatile uint64_t area[4];
static void* other(void* argument) {
  area[0] = 1;
  return 0;
}
static int work(void) {
  pthread_t thread;
  pthread_create(&thread, 0, other, 0);
  pthread_join(thread, 0);
  area[0] = 2;
  return 0;
}

int main(void) {
  int set = 0, hits = 0;
  for (int n = 0; n < 100; ++n) {
    const pid_t pid = tracee(work);
    unsigned long dr7 = 0;
    for (int i = 0; i < 4; ++i) dr_write(pid, i, (unsigned long)&area[i]), dr7 |= DR7(i, kWrite, 8);
    if (dr_write(pid, 7, dr7) == 0) ++set;
    ptrace(PTRACE_CONT, pid, 0, 0);
    int status = wait_for(pid);
    if (WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP) {
      ++hits;
      const long value = ptrace(PTRACE_PEEKDATA, pid, &area[0], 0);
      if (value != 2) printf("%ld\n", value);
    }
    if (n % 3 == 0) ptrace(PTRACE_DETACH, pid, 0, 0), wait_for(pid);  // it keeps them, and ends
    else end(pid);
  }
  printf("%d set, %d hit\n", set, hits);
  return 0;
}
