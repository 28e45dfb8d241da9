// A group that is inherited: each of its events is summed over the children, and read with PERF_FORMAT_GROUP in one go; the ids
// are those of the parent's events. The children's groups have the same leader, on or off.
//: breakpoints
//: cpus 4
#include "perf_b.h"

static volatile int watched;
static void work(int times) {
  const size_t size = (size_t)sysconf(_SC_PAGESIZE);
  volatile char* at = mmap(NULL, size * 5, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < times; ++i) watched = i;
  for (int i = 0; i < 5; ++i) at[size * (size_t)i] = 1;
}
static void* thread_work(void* unused) { return work(100), NULL; }
static int leader, sibling;
static void show(const char* what) {
  uint64_t got[16] = {0}, ids[2];
  const long size = (long)read(leader, got, sizeof got);
  ioctl(leader, PERF_EVENT_IOC_ID, &ids[0]), ioctl(sibling, PERF_EVENT_IOC_ID, &ids[1]);
  printf("%s: %ld bytes, nr %d, stores %d, ids %d %d", what, size, (int)got[0], (int)got[3], got[4] == ids[0], got[6] == ids[1]);
  printf(", times %d, faults %d\n", got[1] >= got[2] && got[2] > 0, got[5] >= 5);
}

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W), faults = software_attr(PERF_COUNT_SW_PAGE_FAULTS);
  no_exchange();
  attr.inherit = faults.inherit = 1;
  attr.disabled = 1;
  attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  faults.read_format = attr.read_format;
  leader = must_open(&attr, 0, -1, -1);
  sibling = must_open(&faults, 0, -1, leader);
  int child = fork();
  if (child == 0) work(1000), _exit(0);
  printf("child %d of a disabled group: ", wait_for(child));
  uint64_t got[16];
  read(leader, got, sizeof got);
  printf("%d %d %d\n", (int)got[1], (int)got[3], (int)got[5]), fflush(stdout);
  ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
  work(1), show("own");
  child = fork();
  if (child == 0) work(10), _exit(0);
  wait_for(child), show("child");
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, thread_work, NULL);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  show("threads");
  int go[2], done[2];
  char byte;
  if (pipe(go) != 0 || pipe(done) != 0) return 1;
  child = fork();
  if (child == 0) {
    work(1000);
    if (write(done[1], "", 1) != 1 || read(go[0], &byte, 1) != 1) _exit(1);
    work(5000), _exit(0);
  }
  if (read(done[0], &byte, 1) != 1) return 1;
  show("child that lives");
  ioctl(leader, PERF_EVENT_IOC_DISABLE, 0);
  if (write(go[1], "", 1) != 1) return 1;
  work(500), printf("child %d, ", wait_for(child)), show("disabled");
  ioctl(leader, PERF_EVENT_IOC_RESET, PERF_IOC_FLAG_GROUP), show("reset");
  return 0;
}
