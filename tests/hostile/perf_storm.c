// Perf events that give the kernel as much to do as they can; virtual time must pass with it.
//: args clock
//: args clock-buffer
//: args switches
//: args faults
//: args forks
//: args reads
//: args group
//: args redirected
//: memory 128M
//: cycles 100000000
//: status 152
//: says stopped after 100000000 cycles
#include "perf.h"

static struct perf_event_attr sampled(struct perf_event_attr attr) {
  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_REGS_USER;
  attr.sample_regs_user = 0xff;
  attr.wakeup_events = 1;
  return attr;
}

int main(int argc, char** argv) {
  if (is("clock", argc, argv)) open_many(software(PERF_COUNT_SW_CPU_CLOCK, 1), 1000);
  if (is("clock-buffer", argc, argv)) {
    for (int i = 0; i < 500; ++i) ring(open_event(sampled(software(PERF_COUNT_SW_CPU_CLOCK, 1)), -1), 1);
  }
  if (is("switches", argc, argv)) {
    struct perf_event_attr attr = sampled(software(PERF_COUNT_SW_CONTEXT_SWITCHES, 1));
    attr.context_switch = attr.sample_id_all = 1;
    for (int i = 0; i < 500; ++i) ring(open_event(attr, -1), 1);
    fork();
    for (;;) sched_yield();
  }
  if (is("faults", argc, argv)) {
    open_many(software(PERF_COUNT_SW_PAGE_FAULTS, 1), 1000);
    void* const at = memory(1 << 16);
    for (;; madvise(at, 1 << 16, MADV_DONTNEED)) touch(at, 1 << 16);
  }
  struct perf_event_attr inherited = software(PERF_COUNT_SW_TASK_CLOCK, 0);
  inherited.inherit = 1;
  if (is("forks", argc, argv)) {
    open_many(inherited, 1000);
    for (;; wait(NULL)) {
      if (fork() == 0) _exit(0);
    }
  }
  if (is("reads", argc, argv)) {
    const int fd = open_event(inherited, -1);
    for (int i = 0; i < 500; ++i) {
      if (fork() == 0) pause();
    }
    for (uint64_t count;;) {
      if (read(fd, &count, sizeof count) != sizeof count) return 1;
    }
  }
  if (is("group", argc, argv)) {
    struct perf_event_attr attr = sampled(software(PERF_COUNT_SW_PAGE_FAULTS, 1));
    attr.sample_type |= PERF_SAMPLE_READ;
    attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID;
    const int leader = open_event(attr, -1);
    ring(leader, 64);
    while (open_event(software(PERF_COUNT_SW_TASK_CLOCK, 0), leader) != -1);
    void* const at = memory(1 << 16);
    for (;; madvise(at, 1 << 16, MADV_DONTNEED)) touch(at, 1 << 16);
  }
  if (is("redirected", argc, argv)) {
    const struct perf_event_attr attr = sampled(software(PERF_COUNT_SW_PAGE_FAULTS, 1));
    const int first = open_event(attr, -1);
    ring(first, 64);
    for (int i = 0; i < 900; ++i) ioctl(open_event(attr, -1), PERF_EVENT_IOC_SET_OUTPUT, first);
    void* const at = memory(1 << 16);
    for (;; madvise(at, 1 << 16, MADV_DONTNEED)) touch(at, 1 << 16);
  }
  for (;;);
}
