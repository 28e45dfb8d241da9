// inherit_stat: at the exit of each child a PERF_RECORD_READ in the ring buffer has the child's count, and its ids at the end.
// For a mapping, an inherited event is bound to a CPU.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(void) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  no_exchange();
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.inherit = attr.inherit_stat = 1;
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING | PERF_FORMAT_ID;
  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_IDENTIFIER;
  attr.sample_id_all = 1;
  const int fd = must_open(&attr, 0, 0, -1);
  struct ring ring = map_ring(fd, 2);
  uint64_t id = 0;
  ioctl(fd, PERF_EVENT_IOC_ID, &id);
  store(3);
  for (int i = 1; i < 4; ++i) {
    const int child = fork();
    if (child == 0) store(10 * i), _exit(0);
    printf("child %d", wait_for(child));
    for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
      // pid, tid; value, enabled, running, id; pid, tid, time, id, cpu, identifier
      printf(", type %u misc %u, %u bytes, of the child %d %d, value %d", record->type, record->misc, record->size,
             word32(record, 8) == (uint32_t)child, word32(record, 12) == (uint32_t)child, (int)word64(record, 16));
      printf(", times %d, id %d", word64(record, 24) == word64(record, 32) && word64(record, 24) > 0, word64(record, 40) == id);
      printf(", of the end: pid %d, time %d, id %d, cpu %d, identifier %d", word32(record, 48) == (uint32_t)child,
             word64(record, 56) != 0, word64(record, 64) == id, word32(record, 72), word64(record, 80) == id);
    }
    uint64_t got[4];
    const long size = (long)read(fd, got, sizeof got);
    printf("; read %ld: %d, id %d\n", size, (int)got[0], got[3] == id);
  }
  return 0;
}
