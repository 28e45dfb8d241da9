// Which mappings of an event there are: a page and a power of two of pages, shared, from the start, all of the same size.
//: breakpoints
#include "perf.h"
#include <setjmp.h>

static sigjmp_buf again;
static void handler(int number) { siglongjmp(again, number); }
// The signal of writing there, if any.
static const char* written(volatile char* at) {
  const int number = sigsetjmp(again, 1);
  if (number == 0) return *at = 1, "fine";
  return sigabbrev_np(number);
}

static volatile long long watched;
static HITS void store(void) {
  watched = 1;
  asm volatile("" ::: "memory");
}
static int fd;
static void* map(const char* what, size_t size, int protection, int flags, off_t offset) {
  errno = 0;
  void* const at = mmap(NULL, size, protection, flags, fd, offset);
  printf("%s: %s\n", what, at != MAP_FAILED ? "ok" : strerrorname_np(errno));
  return at;
}
static void tell(const char* what, size_t size, int protection, int flags, off_t offset) {
  void* const at = map(what, size, protection, flags, offset);
  if (at != MAP_FAILED) munmap(at, size);
}

int main(void) {
  signal(SIGSEGV, handler);
  signal(SIGBUS, handler);
  const size_t page = page_size();
  const int all = PROT_READ | PROT_WRITE;
  fd = must_open(sampling(&watched, 8, 1, PERF_SAMPLE_IP));
  for (size_t pages = 1; pages <= 18; ++pages) printf("%zu of ", pages - 1), tell("data", pages * page, all, MAP_SHARED, 0);
  printf("32 of "), tell("data", 33 * page, all, MAP_SHARED, 0);
  printf("33 of "), tell("data", 34 * page, all, MAP_SHARED, 0);
  tell("2 pages and a byte", 2 * page + 1, all, MAP_SHARED, 0);
  tell("not a whole page", 2 * page - 1, all, MAP_SHARED, 0);
  tell("private", 2 * page, all, MAP_PRIVATE, 0);
  tell("read-only", 2 * page, PROT_READ, MAP_SHARED, 0);
  tell("write-only", 2 * page, PROT_WRITE, MAP_SHARED, 0);
  tell("no access", 2 * page, PROT_NONE, MAP_SHARED, 0);
  tell("private, read-only", 2 * page, PROT_READ, MAP_PRIVATE, 0);
  tell("from the second page", page, all, MAP_SHARED, page);
  tell("from the third page", 2 * page, all, MAP_SHARED, 2 * page);
  tell("from within a page", 2 * page, all, MAP_SHARED, 8);
  tell("nothing", 0, all, MAP_SHARED, 0);

  // A second mapping, while the first is there.
  char* const first = map("2 of data", 3 * page, all, MAP_SHARED, 0);
  char* const second = map("2 of data again", 3 * page, all, MAP_SHARED, 0);
  tell("1 of data", 2 * page, all, MAP_SHARED, 0);
  tell("4 of data", 5 * page, all, MAP_SHARED, 0);
  tell("no data", page, all, MAP_SHARED, 0);
  tell("the data's second page", page, all, MAP_SHARED, 2 * page);
  tell("behind it", page, all, MAP_SHARED, 3 * page);
  const volatile struct perf_event_mmap_page* const user_page = (void*)second;
  store();
  printf("both show the same %d, head %d\n", memcmp(first, second, 3 * page) == 0, (int)user_page->data_head);
  first[1032] = 7;
  printf("what is written is seen %d\n", second[1032] == 7);
  munmap(first, 3 * page);
  store();
  printf("one unmapped, head of the other %d\n", (int)user_page->data_head);
  tell("1 of data", 2 * page, all, MAP_SHARED, 0);
  munmap(second, 3 * page);
  tell("both unmapped, 1 of data", 2 * page, all, MAP_SHARED, 0);

  // Other uses of it: only the first page can be written.
  char* const at = map("2 of data", 3 * page, all, MAP_SHARED, 0);
  printf("written: the first page %s", written(at + 1040));
  printf(", the second %s, the third %s\n", written(at + page), written(at + 3 * page - 1));
  char* const unwritable = map("2 of data, read-only", 3 * page, PROT_READ, MAP_SHARED, 0);
  printf("written: the first page %s, the second %s\n", written(unwritable + 1040), written(unwritable + page));
  munmap(unwritable, 3 * page);
  int ends[2];
  pipe(ends), write(ends[1], "abc", 3);
  errno = 0;
  printf("read into the second page: %s", outcome(read(ends[0], at + page, 1)));
  printf(", into the first: %s", outcome(read(ends[0], at + 1040, 1)));
  printf(", written from the second: %s\n", outcome(write(ends[1], at + page, 1)));
  errno = 0;
  printf("mremap longer: %s", outcome(mremap(at, 3 * page, 5 * page, 0) == MAP_FAILED ? -1 : 0));
  printf(", moved and longer: %s\n", outcome(mremap(at, 3 * page, 5 * page, MREMAP_MAYMOVE) == MAP_FAILED ? -1 : 0));
  printf("mprotect read-only: %s", outcome(mprotect(at, 3 * page, PROT_READ)));
  printf(", back: %s\n", outcome(mprotect(at, 3 * page, all)));
  const pid_t child = fork();
  if (child == 0) signal(SIGSEGV, SIG_DFL), *(volatile char*)at, _exit(0);
  int status;
  waitpid(child, &status, 0);
  printf("a child's access: signal %s\n", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "none");
  munmap(at, 3 * page), close(fd);

  struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_IP);
  attr.inherit = 1;
  fd = must_open(attr), tell("inherited", 2 * page, all, MAP_SHARED, 0), close(fd);
  fd = must_open(breakpoint_attr(&watched, 8, HW_BREAKPOINT_W)), tell("counting", 2 * page, all, MAP_SHARED, 0);
  return 0;
}
