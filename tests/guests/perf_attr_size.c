// The size in perf_event_attr: 0, of the older versions, of newer ones with and without anything in them, and no memory there.
//: breakpoints
#include "perf.h"

static volatile long long watched;

// A size refused is replaced by the kernel's own.
static void with_size(const char* name, unsigned size, unsigned nonzero) {
  static unsigned char bytes[3 * 65536] __attribute__((aligned(65536)));
  memset(bytes, 0, sizeof bytes);
  struct perf_event_attr* const attr = (void*)bytes;
  *attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr->size = size;
  if (nonzero) bytes[nonzero] = 1;
  const int fd = open_event(attr);
  printf("size %s: %s", name, outcome(fd));
  if (attr->size == size) printf(", it stays\n");
  else printf(", it becomes %s\n", attr->size >= PERF_ATTR_SIZE_VER7 && attr->size < 512 ? "the kernel's" : "something else");
  if (fd >= 0) close(fd);
}

int main(void) {
  // Size 0 means 64, the first version's, which has no bp_len yet: no breakpoint is that short.
  const unsigned sizes[] = {0, 1, 8, 63, 64, 72, 73, 80, 96, 104, 112, 120, 127, 128, 512, 4095, 1u << 31, -1u};
  for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
    char name[16];
    sprintf(name, "%u", sizes[i]), with_size(name, sizes[i], 0);
  }
  const unsigned page = (unsigned)page_size();
  with_size("a page", page, 0);
  with_size("a page and a byte", page + 1, 0);
  with_size("two pages", 2 * page, 0);
  with_size("a page, byte 512 set", page, 512);
  with_size("a page, its last byte set", page, page - 1);
  with_size("4000, the byte behind set", 4000, 4000);
  with_size("72, the byte 75 behind it set", 72, 75);

  // A copy of a short version does not see what is behind.
  struct perf_event_attr attr = breakpoint_attr(&watched, 8, HW_BREAKPOINT_W);
  attr.read_format = ~0ull;
  tell_attr("read_format within", attr);
  attr.read_format = 0;
  attr.use_clockid = 1;
  attr.clockid = 77;
  tell_attr("clockid within", attr);
  attr.size = offsetof(struct perf_event_attr, clockid);
  tell_attr("clockid behind, so 0", attr);
  attr.use_clockid = 0;
  attr.sample_type = PERF_SAMPLE_STACK_USER;
  attr.sample_stack_user = 7;
  attr.size = sizeof attr;
  tell_attr("sample_stack_user within", attr);
  attr.size = PERF_ATTR_SIZE_VER2;
  tell_attr("sample_stack_user behind", attr);

  char* const pages = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(pages + page_size(), page_size());
  struct perf_event_attr* at = (void*)(pages + page_size() - 100);
  memset(at, 0, 100);
  memcpy(at, &attr, 100);
  at->sample_type = 0;
  at->size = 96;
  tell_open("96 of 100 bytes there", open_event(at));
  at->size = 100;
  tell_open("100 of 100", open_event(at));
  at->size = 104;
  tell_open("104 of 100", open_event(at));
  at->size = 4000;
  tell_open("4000 of 100", open_event(at));
  at->size = page + 1;
  tell_open("more than a page of 100", open_event(at));
  at->size = 7;
  mprotect(pages, page_size(), PROT_READ);
  tell_open("7, read-only", open_event(at));
  printf("it is still 7: %d\n", at->size == 7);
  tell_open("NULL", open_event(NULL));
  tell_open("the null page", open_event((void*)64));
  tell_open("a kernel address", open_event((void*)-4096l));
  return 0;
}
