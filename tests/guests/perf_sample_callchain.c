// PERF_SAMPLE_CALLCHAIN: the context, the instruction pointer, then the callers as far as frames can be followed.
//: breakpoints
#include "perf.h"

static volatile long long watched;
#if defined(__x86_64__)
#define FRAME HITS __attribute__((optimize("no-omit-frame-pointer", "no-optimize-sibling-calls")))
#else  // a frame that does not save the link register would hide a caller
#define FRAME HITS __attribute__((optimize("no-optimize-sibling-calls")))
#endif
static FRAME void store(void) {
#if defined(__x86_64__)
  asm volatile("" : : "r"(__builtin_frame_address(0)));  // a frame even here; PPC64 follows the link register
#endif
  watched = 1;
  asm volatile("" ::: "memory");
}
static FRAME void middle(void) {
  store();
  asm volatile("" ::: "memory");
}
static FRAME void outer(void) {
  middle();
  asm volatile("" ::: "memory");
}

static void with(const char* what, struct perf_event_attr attr) {
  const int fd = must_open(attr);
  struct ring ring = map_ring(fd, 4);
  outer();
  struct record record;
  if (!next_record(&ring, &record)) printf("no record\n"), exit(1);
  const uint64_t number = record.body[0];
  printf("%s:", what);
  if (number > 0) printf(" user context %d", record.body[1] == (uint64_t)PERF_CONTEXT_USER);
  int inside = 0;
  for (uint64_t i = 2; i <= number && in_hits(record.body[i]); ++i) ++inside;
  printf(" entries %s, in our functions at first %d, size %s\n", number == 0 ? "0" : number <= 3 ? "few" : "some", inside,
         record.header.size == 16 + 8 * number ? "good" : "bad");
  close(fd), unmap_ring(&ring);
}

int main(void) {
  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_CALLCHAIN);
  with("a callchain", attr);
  attr.exclude_callchain_kernel = 1;
  with("without the kernel's", attr);
  attr.sample_max_stack = 2;
  with("of 2 callers at most", attr);
  attr.sample_max_stack = 1;
  with("of 1", attr);
  attr.sample_max_stack = 0;
  attr.exclude_callchain_user = 1;
  with("of neither", attr);
  return 0;
}
