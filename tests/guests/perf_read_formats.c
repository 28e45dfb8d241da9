// What read(2) gives of an event with each read_format, into buffers too small, of the right size and larger.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static void with(unsigned format) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.read_format = format;
  const int fd = must_open(attr);
  uint64_t id = 0;
  ioctl(fd, PERF_EVENT_IOC_ID, &id);
  store(11);
  const int group = format & PERF_FORMAT_GROUP ? 1 : 0;
  const int words = 1 + group + !!(format & PERF_FORMAT_TOTAL_TIME_ENABLED) + !!(format & PERF_FORMAT_TOTAL_TIME_RUNNING) +
                    !!(format & PERF_FORMAT_ID) + !!(format & PERF_FORMAT_LOST);
  printf("format %2u:", format);
  for (int size = 0; size <= 64; size += 4) {
    uint64_t buffer[8];
    memset(buffer, 0x5a, sizeof buffer);
    const long got = read(fd, buffer, size);
    if (size == 0 || size == 4 || size == words * 8 - 4 || size == words * 8 || size == 64)
      printf(" %d of %d: %s", (int)got, size, got < 0 ? strerrorname_np(errno) : "ok");
    if (got < 0) continue;
    int i = 0, good = 1;
    uint64_t enabled = ~0ull;
    if (group) good &= buffer[i++] == 1;  // the number of events
    else good &= buffer[i++] == 11;
    if (format & PERF_FORMAT_TOTAL_TIME_ENABLED) enabled = buffer[i++], good &= enabled > 0;
    if (format & PERF_FORMAT_TOTAL_TIME_RUNNING) good &= buffer[i] > 0 && buffer[i] <= enabled, ++i;
    if (group) good &= buffer[i++] == 11;
    if (format & PERF_FORMAT_ID) good &= buffer[i++] == id;
    if (format & PERF_FORMAT_LOST) good &= buffer[i++] == 0;
    if (size > 0) good &= i == words && got == words * 8;
    for (; i < 8; ++i) good &= buffer[i] == 0x5a5a5a5a5a5a5a5a;
    if (!good) printf(" WRONG");
  }
  errno = 0;
  const long unmapped = read(fd, (void*)64, 64);
  printf(", no memory %ld %s\n", unmapped, strerrorname_np(errno));
  close(fd);
}

int main(void) {
  for (unsigned format = 0; format < 32; ++format) with(format);
  return 0;
}
