// The fields of samples of all types but registers, stack and callchain: in which order, of which values, and as they grow.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

#define CHECK(what, condition) do { if (!(condition)) good = 0, printf("%s of sample %d\n", what, number); } while (0)

int main(void) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
      PERF_SAMPLE_TIME | PERF_SAMPLE_ADDR | PERF_SAMPLE_ID | PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_PERIOD |
      PERF_SAMPLE_READ | PERF_SAMPLE_RAW | PERF_SAMPLE_WEIGHT | PERF_SAMPLE_DATA_SRC | PERF_SAMPLE_TRANSACTION |
      PERF_SAMPLE_PHYS_ADDR | PERF_SAMPLE_DATA_PAGE_SIZE | PERF_SAMPLE_CODE_PAGE_SIZE);
  attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING | PERF_FORMAT_ID | PERF_FORMAT_LOST;
  attr.use_clockid = 1;
  attr.clockid = CLOCK_MONOTONIC;
  const int fd = must_open(attr);
  struct ring ring = map_ring(fd, 4);
  uint64_t id = 0;
  ioctl(fd, PERF_EVENT_IOC_ID, &id);
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  store(10);
  clock_gettime(CLOCK_MONOTONIC, &end);

  struct record record;
  int number = 0, good = 1;
  uint64_t time = start.tv_sec * 1000000000ull + start.tv_nsec, enabled = 0, running = 0, physical = 0;
  while (next_record(&ring, &record)) {
    ++number;
    const uint64_t* at = record.body;
    CHECK("header", record.header.type == PERF_RECORD_SAMPLE && record.header.misc == PERF_RECORD_MISC_USER);
    CHECK("identifier", *at++ == id);
    CHECK("ip", in_hits(*at));
    ++at;
    const uint32_t* const task = (const uint32_t*)at++;
    CHECK("pid", task[0] == getpid());
    CHECK("tid", task[1] == gettid());
    CHECK("time", *at >= time);
    time = *at++;
    CHECK("addr", *at++ == (uintptr_t)&watched);
    CHECK("id", *at++ == id);
    CHECK("stream_id", *at++ == id);
    const uint32_t* const cpu = (const uint32_t*)at++;
    CHECK("cpu", cpu[0] < CPU_SETSIZE && cpu[1] == 0);
    CHECK("period", *at++ == 1);
    CHECK("count", *at++ == number);
    CHECK("time enabled", *at >= enabled);
    enabled = *at++;
    CHECK("time running", *at >= running && *at <= enabled);
    running = *at++;
    CHECK("id read", *at++ == id);
    CHECK("lost", *at++ == 0);
    const uint32_t* const raw = (const uint32_t*)at++;
    CHECK("raw", raw[0] == 4 && raw[1] == 0);
    CHECK("weight", *at++ == 0);
    // Newer kernels also say that the number of the level is not available.
    CHECK("data source", (*at & ~PERF_MEM_S(LVLNUM, NA)) == (PERF_MEM_S(OP, NA) | PERF_MEM_S(LVL, NA) | PERF_MEM_S(SNOOP, NA) |
                                                            PERF_MEM_S(LOCK, NA) | PERF_MEM_S(TLB, NA)));
    ++at;
    CHECK("transaction", *at++ == 0);
    if (number == 1) physical = *at;
    CHECK("physical address", *at != 0 && *at == physical && *at % 4096 == (uintptr_t)&watched % 4096);
    ++at;
    CHECK("size of the data's page", *at >= page_size() && (*at & (*at - 1)) == 0);
    ++at;
    CHECK("size of the code's page", *at >= page_size() && (*at & (*at - 1)) == 0);
    ++at;
    CHECK("size", (unsigned char*)at - (unsigned char*)&record == record.header.size);
  }
  CHECK("end's time", time <= end.tv_sec * 1000000000ull + end.tv_nsec);
  printf("%d samples, all good %d, size %u\n", number, good, record.header.size);
  return 0;
}
