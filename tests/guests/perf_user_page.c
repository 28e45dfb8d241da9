// The fields of the first page of a ring buffer: what they are at first, after hits, when the event is disabled and reset.
// Of a breakpoint, the count and times there are those of when it was mapped or last reset.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(int times) { for (int i = 0; i < times; ++i) watched = i; }

static void tell(const char* what, volatile struct perf_event_mmap_page* page, int fd) {
  uint64_t values[3];
  read(fd, values, sizeof values);
  printf("%s: version %u %u, lock %s, index %u, offset %ld, head %ld, tail %ld\n", what, page->version, page->compat_version,
         page->lock % 2 ? "odd" : "even", page->index, (long)page->offset, (long)page->data_head, (long)page->data_tail);
  printf("  capabilities: bit 0 %u, deprecated %u, rdpmc %u; times: enabled %s, running %s, not later than read %d\n",
         (unsigned)page->cap_bit0, (unsigned)page->cap_bit0_is_deprecated, (unsigned)page->cap_user_rdpmc,
         page->time_enabled ? "some" : "none", page->time_running ? "some" : "none",
         page->time_enabled <= values[1] && page->time_running <= values[2]);
}

int main(void) {
  for (unsigned pages = 0; pages <= 4; pages = pages ? pages * 2 : 1) {
    struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_IP);
    attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    attr.disabled = pages == 4;
    const int fd = must_open(attr);
    if (pages == 2) store(7);  // counted before it is mapped
    struct ring ring = map_ring(fd, pages);
    volatile struct perf_event_mmap_page* const page = ring.page;
    printf("%u pages: data at %s, size %d pages, aux %d %d %d %d, size of its fields %u\n", pages,
           page->data_offset == page_size() ? "the second page" : "?", (int)(page->data_size / page_size()), (int)page->aux_head,
           (int)page->aux_tail, (int)page->aux_offset, (int)page->aux_size, page->size);
    tell("at first", page, fd);
    store(3), tell("3 hits", page, fd);
    ioctl(fd, PERF_EVENT_IOC_DISABLE, 0), tell("disabled", page, fd);
    ioctl(fd, PERF_EVENT_IOC_ENABLE, 0), tell("enabled", page, fd);
    store(2), ioctl(fd, PERF_EVENT_IOC_RESET, 0), tell("reset after 2 hits more", page, fd);
    const uint32_t lock = page->lock;
    ioctl(fd, PERF_EVENT_IOC_RESET, 0);
    printf("  another reset: the lock moved on by %u\n", page->lock - lock);
    bool zero = true;
    for (unsigned i = page->size; i < 1024; ++i) zero &= ((volatile unsigned char*)page)[i] == 0;
    for (unsigned i = sizeof *page; i < page_size(); ++i) zero &= ((volatile unsigned char*)page)[i] == 0;
    printf("  all else zero %d\n", zero);
    // What the program writes stays, and does no harm, but for the tail.
    page->data_size = 123, page->data_offset = 5, page->version = 9;
    store(1);
    printf("  written: version %u, offset %d, size %d, head %ld\n", page->version, (int)page->data_offset, (int)page->data_size,
           (long)page->data_head);
    page->data_head = 1;
    store(1);
    printf("  the head written, then a hit: %ld\n", (long)page->data_head);
    close(fd), unmap_ring(&ring);
  }
  return 0;
}
