// PERF_SAMPLE_READ with PERF_FORMAT_GROUP: each sample of the leader holds the values of the whole group at that time.
//: breakpoints
#include "perf_b.h"

static volatile int watched;

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.sample_period = 4;
  attr.sample_type = PERF_SAMPLE_READ | PERF_SAMPLE_TID;
  attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_ID | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING |
                     PERF_FORMAT_LOST;
  attr.disabled = 1;
  const int leader = must_open(&attr, 0, -1, -1);
  struct perf_event_attr dummy = software_attr(PERF_COUNT_SW_DUMMY), clock = software_attr(PERF_COUNT_SW_TASK_CLOCK);
  const int siblings[2] = {must_open(&dummy, 0, -1, leader), must_open(&clock, 0, -1, leader)};
  uint64_t ids[3], last_clock = 0, last_enabled = 0;
  ioctl(leader, PERF_EVENT_IOC_ID, &ids[0]);
  for (int i = 0; i < 2; ++i) ioctl(siblings[i], PERF_EVENT_IOC_ID, &ids[i + 1]);
  struct ring ring = map_ring(leader, 4);
  ioctl(leader, PERF_EVENT_IOC_ENABLE, 0);
  for (int i = 0; i < 30; ++i) watched = i;
  ioctl(leader, PERF_EVENT_IOC_DISABLE, 0);
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    // pid, tid; nr, enabled, running; for each value, id, lost
    const unsigned values = 8 + 8 + 24;
    printf("type %u, %u bytes, pid %d, nr %d, value %d", record->type, record->size, word32(record, 8) == (uint32_t)getpid(),
           (int)word64(record, 16), (int)word64(record, values));
    printf(", dummy %d, ids", (int)word64(record, values + 24));
    for (unsigned i = 0; i < 3; ++i) printf(" %d", word64(record, values + 24 * i + 8) == ids[i]);
    for (unsigned i = 0; i < 3; ++i) printf(" lost %d", (int)word64(record, values + 24 * i + 16));
    const uint64_t enabled = word64(record, 24), clock_now = word64(record, values + 48);
    printf(", times %d, later %d, clock %d\n", enabled == word64(record, 32), enabled > last_enabled, clock_now >= last_clock);
    last_enabled = enabled, last_clock = clock_now;
  }
  uint64_t got[16];
  const long size = (long)read(leader, got, sizeof got);
  printf("read %ld bytes, value %d\n", size, (int)got[3]);
  return 0;
}
