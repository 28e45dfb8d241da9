// A tracer's breakpoint on a DABR: before the access, once, and without a filter for the bytes beside the request.
//: isa ppc64
//: expected
#include "ppc.h"
static volatile union { unsigned char b[16]; uint32_t w[4]; uint64_t d[2]; } area __attribute__((aligned(64)));
static int work(void) {
  area.b[6] = 1;             // beside the bytes asked for, in their doubleword
  area.b[1] = 2;
  (void)area.b[1];
  area.w[2] = 3;
  area.d[0] = 4;
  (void)area.w[1];
  area.b[7] = 5;
  return area.b[7];
}

int main(void) {
  const pid_t pid = tracee(work);
  long handle = set(pid, kTriggerWrite, kRangeInclusive, &area.b[1], 4);
  printf("handle %s\n", outcome(handle));
  hit(pid, &area);
  printf("value %ld\n", ptrace(PTRACE_PEEKDATA, pid, &area, 0));
  step(pid);
  printf("written %d\n", ptrace(PTRACE_PEEKDATA, pid, &area, 0) == 0x100);
  // It has had its one hit; the handle is taken all the same.
  printf("another: %s\n", outcome(set(pid, kTriggerWrite, kExact, &area.b[1], 0)));
  printf("deleted: %s\n", outcome(request(kDelHwDebug, pid, 0, (unsigned long)handle)));
  handle = set(pid, kTriggerRead, kExact, &area, 0);
  hit(pid, &area);           // passes the store, stops at the load
  request(kDelHwDebug, pid, 0, (unsigned long)handle);
  handle = set(pid, kTriggerWrite | kTriggerRead, kExact, &area.b[5], 0);
  hit(pid, &area);           // the load again
  request(kDelHwDebug, pid, 0, (unsigned long)handle);
  step(pid);
  handle = set(pid, kTriggerWrite | kTriggerRead, kExact, &area.b[5], 0);
  hit(pid, &area);           // the doubleword's store
  request(kDelHwDebug, pid, 0, (unsigned long)handle);
  step(pid);
  handle = set(pid, kTriggerWrite | kTriggerRead, kExact, &area.b[5], 0);
  hit(pid, &area);           // the upper word's load
  hit(pid, &area);           // not again
  return 0;
}
