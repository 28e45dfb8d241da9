// Records besides samples: comm (prctl), mmap and mmap2 (executable mappings, and data with mmap_data), fork, with the fields of
// sample_id_all at their ends; their order. A dummy event carries them, or a breakpoint. An offset of -1 stands for that of
// private anonymous memory, its address.
//: breakpoints
//: args dummy
//: args breakpoint
//: args dummy data
#include "perf_b.h"
#include <sys/prctl.h>

static volatile int watched;
static struct ring ring;
static uint64_t last_time, id;
static int self;

static void name_pid(const char* what, uint32_t pid) {
  printf(" %s %s", what, (int)pid == self ? "self" : pid != 0 ? "other" : "0");
}
// The fields of the end: tid, time, id, cpu, identifier.
static void end_of(const struct perf_event_header* record) {
  const unsigned at = record->size - 40;
  const uint64_t time = word64(record, at + 8);
  name_pid(", end:", word32(record, at));
  printf(", later %d, id %d %d, cpu %d, reserved %d\n", time >= last_time, word64(record, at + 16) == id,
         word64(record, at + 32) == id, word32(record, at + 24) < 1024, word32(record, at + 28));
  last_time = time;
}
static void show(const char* what) {
  printf("%s\n", what);
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    const char* const bytes = (const char*)record;
    if (record->type == PERF_RECORD_COMM) {
      printf("  comm misc %#x size %u", record->misc & ~7, record->size);
      name_pid("pid", word32(record, 8)), name_pid("tid", word32(record, 12)), printf(" \"%s\"", bytes + 16);
    } else if (record->type == PERF_RECORD_FORK || record->type == PERF_RECORD_EXIT) {
      printf("  %s size %u", record->type == PERF_RECORD_FORK ? "fork" : "exit", record->size);
      name_pid("pid", word32(record, 8)), name_pid("ppid", word32(record, 12));
      name_pid("tid", word32(record, 16)), name_pid("ptid", word32(record, 20));
      printf(", time %d", word64(record, 24) > 0);
    } else if (record->type == PERF_RECORD_MMAP || record->type == PERF_RECORD_MMAP2) {
      const int second = record->type == PERF_RECORD_MMAP2;
      printf("  mmap%s misc %#x", second ? "2" : "", record->misc & ~7), name_pid("pid", word32(record, 8));
      const size_t page = (size_t)sysconf(_SC_PAGESIZE);
      const uint64_t offset = word64(record, 32);
      const int in_pages = offset == word64(record, 16) ? -1 : (int)(offset / page);
      printf(", %d pages, offset %d", (int)(word64(record, 24) / page), in_pages);
      if (second) printf(", prot %d flags %d", word32(record, 64), word32(record, 68));
      printf(" \"%s\"", bytes + (second ? 72 : 40));
    } else if (record->type == PERF_RECORD_SAMPLE) {
      printf("  sample size %u\n", record->size);
      continue;
    } else {
      printf("  type %u", record->type);
    }
    end_of(record);
  }
}

int main(int argc, char** argv) {
  self = getpid();
  struct perf_event_attr attr = software_attr(PERF_COUNT_SW_DUMMY);
  if (argc > 1 && argv[1][0] == 'b') {
    attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
    attr.sample_period = 1;
  }
  attr.comm = attr.task = attr.mmap = attr.mmap2 = attr.sample_id_all = 1;
  if (argc > 2) attr.mmap2 = 0, attr.mmap_data = 1;
  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_IDENTIFIER;
  const int fd = must_open(&attr, 0, -1, -1);
  ioctl(fd, PERF_EVENT_IOC_ID, &id);
  ring = map_ring(fd, 8);
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  prctl(PR_SET_NAME, "short"), show("name");
  watched = 1, prctl(PR_SET_NAME, "fifteen letters and more"), show("store, long name");
  char* at = mmap(NULL, page * 3, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  show("executable mapping, anonymous");
  munmap(at, page * 3);
  at = mmap(NULL, page * 2, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS, -1, 0), munmap(at, page * 2);
  show("shared");
  at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  show("data mapping");
  mprotect(at, page, PROT_READ | PROT_EXEC), show("made executable by mprotect");
  munmap(at, page), show("unmapped");
  int child = fork();
  if (child == 0) prctl(PR_SET_NAME, "child"), watched = 2, _exit(0);
  wait_for(child), show("fork, not inherited");
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  prctl(PR_SET_NAME, "disabled"), watched = 3, show("disabled");
  ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
  prctl(PR_SET_NAME, "enabled"), watched = 4, show("enabled");
  return 0;
}
