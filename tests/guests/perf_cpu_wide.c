// Events of all tasks on a processor: whoever hits there is counted, a slot is taken from every task, and there is none where
// any task has them all. For that (other programs of the host have slots, too) it isn't run natively, where it prints the same.
//: expected
#include "perf.h"

static volatile long long watched, more[kSlots];
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }
static void* other_thread(void* unused) { return store(5), unused; }

// How many breakpoints of this task there is room for.
static int room(void) {
  int fds[kSlots + 1], number = 0;
  for (; number <= kSlots; ++number) {
    struct perf_event_attr attr = breakpoint_attr(&more[number % kSlots], 8, HW_BREAKPOINT_W);
    if ((fds[number] = open_event(&attr)) < 0) break;
  }
  if (errno != ENOSPC) printf("%s\n", strerrorname_np(errno));
  for (int i = 0; i < number; ++i) close(fds[i]);
  return number;
}

int main(void) {
  cpu_set_t allowed, one;
  sched_getaffinity(0, sizeof allowed, &allowed);
  int cpu = 0;
  while (!CPU_ISSET(cpu, &allowed)) ++cpu;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  sched_setaffinity(0, sizeof one, &one);

  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_TID | PERF_SAMPLE_CPU | PERF_SAMPLE_ADDR);
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
  attr.inherit = 1;  // it doesn't matter, and it can be mapped
  const int fd = (int)open_as(&attr, -1, cpu, -1, 0);
  struct ring ring = map_ring(fd, 1);
  store(10);
  pthread_t thread;
  pthread_create(&thread, NULL, other_thread, NULL), pthread_join(thread, NULL);
  const pid_t child = fork();
  if (child == 0) store(3), _exit(0);
  waitpid(child, NULL, 0);
  uint64_t values[3];
  read(fd, values, sizeof values);
  printf("counted %ld, ran all the time %d\n", (long)values[0], values[2] > 0 && values[2] == values[1]);
  struct record record;
  int ours = 0, threads = 0, childs = 0, others = 0;
  while (next_record(&ring, &record)) {
    const uint32_t* const at = (uint32_t*)record.body;
    if (record.body[1] != (uintptr_t)&watched || at[4] != cpu) ++others;
    else if (at[0] == child) ++childs;
    else if (at[0] == getpid() && at[1] == gettid()) ++ours;
    else if (at[0] == getpid()) ++threads;
    else ++others;
  }
  printf("samples: ours %d, the other thread's %d, the child's %d, others %d\n", ours, threads, childs, others);
  printf("room for a task's: all but one %d\n", room() == kSlots - 1);
  struct pollfd polled = {fd, POLLIN, 0};
  printf("poll %d\n", poll(&polled, 1, 0));
  attr.type = PERF_TYPE_SOFTWARE, attr.config = PERF_COUNT_SW_DUMMY, attr.bp_addr = attr.bp_len = attr.inherit = 0;
  printf("a task's output to it: %s\n", outcome(ioctl(must_open(attr), PERF_EVENT_IOC_SET_OUTPUT, fd)));
  close(fd), unmap_ring(&ring);
  printf("closed, room for a task's: all %d\n", room() == kSlots);
  return 0;
}
