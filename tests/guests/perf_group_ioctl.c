// ioctl(2) with PERF_IOC_FLAG_GROUP reaches every event of the group, from whichever descriptor; without it, one. A group of
// software events, and on x86 one of four breakpoints besides.
//: breakpoints
#include "perf_b.h"

static void touch(int pages) {  // each page of a new mapping faults once
  const size_t size = (size_t)sysconf(_SC_PAGESIZE);
  volatile char* at = mmap(NULL, size * (size_t)pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < pages; ++i) at[size * (size_t)i] = 1;
  munmap((void*)at, size * (size_t)pages);
}
static void show(const char* what, const int* fds, int events) {
  printf("%s:", what);
  for (int i = 0; i < events; ++i) printf(" %ld", count(fds[i]));
  printf("\n");
}
static volatile long long watched[4];

int main(void) {
  touch(1);
  struct perf_event_attr faults = software_attr(PERF_COUNT_SW_PAGE_FAULTS);
  faults.exclude_kernel = 1;
  faults.disabled = 1;
  int fds[4];
  fds[0] = must_open(&faults, 0, -1, -1);
  faults.config = PERF_COUNT_SW_PAGE_FAULTS_MIN;
  fds[1] = must_open(&faults, 0, -1, fds[0]);
  faults.config = PERF_COUNT_SW_PAGE_FAULTS_MAJ;
  faults.disabled = 0;
  fds[2] = must_open(&faults, 0, -1, fds[0]);
  show("disabled", fds, 3);
  touch(3), ioctl(fds[0], PERF_EVENT_IOC_ENABLE, 0), touch(5), ioctl(fds[0], PERF_EVENT_IOC_DISABLE, 0);
  show("leader alone", fds, 3);
  ioctl(fds[0], PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP), touch(7), ioctl(fds[0], PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
  touch(2), show("all, by the leader", fds, 3);
  ioctl(fds[2], PERF_EVENT_IOC_ENABLE, PERF_IOC_FLAG_GROUP), touch(9), ioctl(fds[2], PERF_EVENT_IOC_DISABLE, PERF_IOC_FLAG_GROUP);
  touch(2), show("all, by a sibling", fds, 3);
  ioctl(fds[1], PERF_EVENT_IOC_RESET, 0), show("a sibling reset", fds, 3);
  ioctl(fds[1], PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP), show("all reset", fds, 3);
  errno = 0;
  const int refused = ioctl(fds[0], PERF_EVENT_IOC_ENABLE, 6);
  printf("other bits of the argument: %d %s\n", refused, strerrorname_np(errno)), touch(4), show("and it is enabled", fds, 1);

  long expected[4] = {0}, good = 1;
  for (int i = 0; i < kSlots; ++i) {
    struct perf_event_attr attr = breakpoint_attr(&watched[i], 8, HW_BREAKPOINT_W);
    attr.disabled = 1;
    fds[i] = must_open(&attr, 0, -1, i == 0 ? -1 : fds[0]);
  }
  for (int round = 0; round < 6; ++round) {
    const unsigned long flag = round & 1 ? PERF_IOC_FLAG_GROUP : 0;
    const int by = fds[round % kSlots];
    ioctl(by, round % 3 == 2 ? PERF_EVENT_IOC_DISABLE : PERF_EVENT_IOC_ENABLE, flag);
    static const char counting[6] = {1, 0xf, 0xb, 0xf, 0xf, 0};  // which of four count after each round
    for (int i = 0; i < 40; ++i) watched[i & 3] = i;
    for (int i = 0; i < kSlots; ++i) {
      // With one slot, each ioctl is to the leader: on, on, off, on, on, off.
      expected[i] += kSlots == 1 ? 10 * (round % 3 != 2) : 10 * (counting[round] >> i & 1);
      good &= count(fds[i]) == expected[i];
    }
  }
  printf("breakpoints %ld\n", good);
  return 0;
}
