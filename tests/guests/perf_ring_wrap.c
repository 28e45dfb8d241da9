// Records that wrap around the end of the ring buffer's data: headers and fields are whole again when put together.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

int main(void) {
  // Sizes of a sample that do and don't divide the buffer's.
  const uint64_t types[] = {0, PERF_SAMPLE_ADDR, PERF_SAMPLE_ADDR | PERF_SAMPLE_READ,
                            PERF_SAMPLE_ADDR | PERF_SAMPLE_READ | PERF_SAMPLE_TID,
                            PERF_SAMPLE_ADDR | PERF_SAMPLE_READ | PERF_SAMPLE_TID | PERF_SAMPLE_IP};
  for (int type = 0; type < 5; ++type) {
    struct perf_event_attr attr = sampling(&watched, 8, 1, types[type]);
    const int fd = must_open(attr);
    struct ring ring = map_ring(fd, 1);
    const uint64_t size = 8 * (type + 1);
    long hits = 0, samples = 0, wrapped = 0, bad = 0;
    const long capacity = (long)(ring.size / size);
    struct record record;
    for (int turn = 0; turn < 5; ++turn) {
      store((int)(capacity * 2 / 3));
      hits += capacity * 2 / 3;
      for (uint64_t at = ring.tail; next_record(&ring, &record); at = ring.tail) {
        ++samples;
        wrapped += at / ring.size != (at + size - 1) / ring.size;
        const uint64_t* field = record.body;
        bad += record.header.type != PERF_RECORD_SAMPLE || record.header.size != size;
        bad += record.header.misc != PERF_RECORD_MISC_USER;
        if (types[type] & PERF_SAMPLE_IP) bad += !in_hits(*field++);
        if (types[type] & PERF_SAMPLE_TID) bad += *(uint32_t*)field++ != getpid();
        if (types[type] & PERF_SAMPLE_ADDR) bad += *field++ != (uintptr_t)&watched;
        if (types[type] & PERF_SAMPLE_READ) bad += *field++ != samples;
      }
      release(&ring);
    }
    printf("%d bytes a sample: hits and samples as many %d, bad %ld, head and tail grow on %d, wrapped %s\n", (int)size,
           samples == hits, bad, head_of(&ring) == hits * size && ring.page->data_tail == hits * size, wrapped ? "some" : "none");
    close(fd), unmap_ring(&ring);
  }
  return 0;
}
