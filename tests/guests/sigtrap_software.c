// sigtrap of a software event: page faults send SIGTRAP with the event's type and the address of the fault, once each.
#include "perf_b.h"

static volatile int signals, at_page[8], types[8], flags[8];
static volatile uint64_t data[8];
static volatile char* base;
static size_t page;
static void trapped(int signal, siginfo_t* info, void* context) {
  if (signals < 8) {
    at_page[signals] = (int)(((volatile char*)info->si_addr - base) / (long)page);
    types[signals] = (int)perf_type(info), flags[signals] = (int)perf_flags(info), data[signals] = perf_data(info);
  }
  ++signals;
}
static void show(const char* what) {
  printf("%s: %d signals", what, signals);
  for (int i = 0; i < signals && i < 8; ++i) printf(", page %d data %d", at_page[i], (int)data[i]);
  for (int i = 0; i < signals && i < 8; ++i) printf(", type %d flags %d", types[i], flags[i]);
  printf("\n");
  signals = 0;
}

int main(void) {
  page = (size_t)sysconf(_SC_PAGESIZE);
  base = mmap(NULL, page * 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  handle(SIGTRAP, trapped, 0);
  raise(SIGTRAP), signals = 0;  // its pages are there now
  show("nothing");
  struct perf_event_attr attr = software_attr(PERF_COUNT_SW_PAGE_FAULTS);
  attr.sigtrap = attr.remove_on_exec = 1;
  attr.sample_period = 1;
  attr.exclude_kernel = 1;
  attr.sig_data = 5;
  attr.disabled = 1;
  const int fd = must_open(&attr, 0, -1, -1);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  base[page * 3] = 1;
  base[page * 3 + 8] = 2;
  base[page * 5] = 3;
  const char read = base[page * 6];
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  show("three pages");
  printf("count %ld\n", count(fd));
  ioctl(fd, PERF_EVENT_IOC_RESET, 0);
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  madvise((void*)base, page * 20, MADV_DONTNEED);
  for (int i = 0; i < 4; ++i) base[page * (size_t)i] = 1;
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  show("dropped and touched");
  printf("count %ld\n", count(fd));
  attr.config = PERF_COUNT_SW_DUMMY;
  printf("dummy: %s\n", outcome_of(open_on(&attr, 0, -1, -1)));
  attr.remove_on_exec = 0;
  printf("not removed on exec: %s\n", outcome_of(open_on(&attr, 0, -1, -1)));
  return 0;
}
