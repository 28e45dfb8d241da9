// The records of a process that has a breakpoint enabled on exec: comm with the misc bit of exec, mappings, the samples, exit; of
// its inherited child fork, comm and exit, in this order.
//: breakpoints
#include "perf_b.h"
#include <sys/prctl.h>

static volatile int watched;

int main(int argc, char** argv) {
  if (argc > 1) {
    watched = 1;
    const int child = fork();
    if (child == 0) watched = 2, prctl(PR_SET_NAME, "grandchild"), watched = 3, _exit(0);
    wait_for(child);
    watched = 4;
    return 0;
  }
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  int go[2];
  if (pipe(go) != 0) return 1;
  const int child = fork();
  if (child == 0) {
    char byte;
    if (read(go[0], &byte, 1) != 1) _exit(1);
    prctl(PR_SET_NAME, "before");
    execl("/proc/self/exe", "program", "child", (char*)0);
  }
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.disabled = attr.enable_on_exec = attr.inherit = 1;
  attr.comm = attr.comm_exec = attr.task = attr.mmap = attr.mmap2 = attr.sample_id_all = 1;
  attr.sample_period = 1;
  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  const int fd = must_open(&attr, child, 0, -1);
  struct ring ring = map_ring(fd, 8);
  if (write(go[1], "", 1) != 1) return 1;
  const int status = wait_for(child);
  printf("status %d, count %ld\n", status, count(fd));
  uint64_t last_time = 0, maps = 0;
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    const unsigned pid_at = record->type == PERF_RECORD_SAMPLE ? 8 : record->size - 16;
    const uint64_t time = word64(record, pid_at + 8);
    const char* const whose = word32(record, pid_at) == (uint32_t)child ? "child" : "grandchild";
    const int in_order = time >= last_time;
    last_time = time;
    if (record->type == PERF_RECORD_MMAP2 || record->type == PERF_RECORD_MMAP) {
      if (maps++ > 0) continue;  // how many depends on the ISA
      printf("mappings from here on, in order %d, executable %d\n", in_order, word32(record, 64) & PROT_EXEC ? 1 : 0);
    } else if (record->type == PERF_RECORD_COMM) {
      const int of_exec = (record->misc & PERF_RECORD_MISC_COMM_EXEC) != 0;
      printf("%s: comm %s, exec %d, in order %d\n", whose, of_exec ? "" : (char*)record + 16, of_exec, in_order);
    } else if (record->type == PERF_RECORD_FORK || record->type == PERF_RECORD_EXIT) {
      const uint32_t pid = word32(record, 8), parent = word32(record, 12);
      printf("%s: %s of %s, parent %s, in order %d\n", whose, record->type == PERF_RECORD_FORK ? "fork" : "exit",
             pid == (uint32_t)child ? "child" : "grandchild",
             parent == (uint32_t)child ? "child" : parent == (uint32_t)getpid() ? "self" : "other", in_order);
    } else {
      printf("%s: type %u, in order %d, size %u\n", whose, record->type, in_order, record->size);
    }
  }
  printf("mappings %d\n", maps > 0);
  return 0;
}
