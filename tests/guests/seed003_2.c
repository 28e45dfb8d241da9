// Requirement 2 of the request of 2010: clone(2) and fork(2) propagate the breakpoints from parent to children, and theirs. Those
// are armed from the first instruction of the child on, and the counts are exact.
//: breakpoints
//: cpus 4
#include "perf_b.h"

static volatile unsigned char bytes[8];
static void work(int times) { for (int i = 0; i < times; ++i) for (int j = 0; j < 8; ++j) bytes[j] = (unsigned char)i; }
static void* in_thread(void* depth) {
  pthread_t threads[2];
  work(10);
  if (depth == NULL) return NULL;
  for (int i = 0; i < 2; ++i) pthread_create(&threads[i], NULL, in_thread, (char*)depth - 1);
  for (int i = 0; i < 2; ++i) pthread_join(threads[i], NULL);
  return NULL;
}
static void in_process(int depth) {
  work(10);
  in_thread((char*)NULL + 1);  // itself and two threads: 3 times 10
  if (depth == 0) return;
  int children[2];
  for (int i = 0; i < 2; ++i) if ((children[i] = fork()) == 0) in_process(depth - 1), _exit(0);
  for (int i = 0; i < 2; ++i) wait_for(children[i]);
}

int main(void) {
  int fds[kSlots], good = 1;
  for (int i = 0; i < kSlots; ++i) {
    struct perf_event_attr attr = breakpoint_attr(&bytes[i * 2], 1, HW_BREAKPOINT_W);
    attr.pinned = attr.inherit = 1;
    fds[i] = must_open(&attr, 0, -1, -1);
  }
  in_thread((char*)NULL + 3);  // 1 + 2 + 4 + 8
  for (int i = 0; i < kSlots; ++i) good &= count(fds[i]) == 150;
  printf("threads %ld, all slots %d\n", count(fds[0]), good);
  in_process(3);  // 1 + 2 + 4 + 8 processes, each 10 and 30
  for (int i = 0; i < kSlots; ++i) good &= count(fds[i]) == 150 + 15 * 40;
  printf("processes with threads %ld, all slots %d\n", count(fds[0]) - 150, good);
  return 0;
}
