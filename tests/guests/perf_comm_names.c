// PERF_RECORD_COMM: of a name by prctl(2) and by /proc/PID/comm, of the thread itself and of another of its process. The record is
// about who is named, and goes to the events of who names.
//: breakpoints
#include "perf_b.h"
#include <sys/prctl.h>

static struct ring ring;
static pid_t self;

static void show(const char* what) {
  printf("%s:", what);
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    if (record->type != PERF_RECORD_COMM) continue;
    const char* const name = (const char*)record + 16;
    const uint32_t by = word32(record, record->size - 4);
    printf(" \"%s\" pid %d, of %s, by %s, exec %d", name, word32(record, 8) == (uint32_t)self,
           word32(record, 12) == (uint32_t)self ? "itself" : "another", by == (uint32_t)self ? "itself" : "another",
           (record->misc & PERF_RECORD_MISC_COMM_EXEC) != 0);
  }
  printf("\n");
}
static long name(const char* path, const char* text) {
  const int fd = open(path, O_WRONLY);
  const long written = write(fd, text, strlen(text));
  close(fd);
  return written;
}

static int wait_here[2], ready[2];
static void* other(void* unused) {
  (void)unused;
  char byte = 0;
  const int tid = (int)syscall(SYS_gettid);
  write(ready[1], &tid, sizeof tid);
  read(wait_here[0], &byte, 1);
  name("/proc/thread-self/comm", "itself");
  write(ready[1], &tid, sizeof tid);
  return NULL;
}

int main(void) {
  self = getpid();
  struct perf_event_attr attr = software_attr(PERF_COUNT_SW_DUMMY);
  attr.comm = attr.comm_exec = attr.sample_id_all = 1;
  attr.sample_type = PERF_SAMPLE_TID;
  ring = map_ring(must_open(&attr, 0, -1, -1), 1);
  prctl(PR_SET_NAME, "by prctl"), show("prctl");
  printf("%ld ", name("/proc/self/comm", "by a file")), show("comm");
  printf("%ld ", name("/proc/self/comm", "longer than a name may be")), show("a long one");
  printf("%ld ", name("/proc/self/comm", "")), show("an empty one");
  pipe(wait_here), pipe(ready);
  pthread_t thread;
  pthread_create(&thread, NULL, other, NULL);
  int tid;
  read(ready[0], &tid, sizeof tid);
  show("a thread");
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
  printf("%ld ", name(path, "another's")), show("another's");
  write(wait_here[1], "", 1);
  read(ready[0], &tid, sizeof tid);
  show("of a thread that is not watched");
  pthread_join(thread, NULL);
  return 0;
}
