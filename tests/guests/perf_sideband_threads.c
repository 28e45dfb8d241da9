// The records of threads: fork with the new thread and its creator; exit with the thread that ends and, for its parent, the
// parent of its process. That of the process's first thread is the last. All are in the order of time, on one CPU.
//: breakpoints
#include "perf_b.h"

static volatile int watched;
static int tids[8], known;
static const char* name(uint32_t id) {
  static char names[4][8];
  static int next;
  for (int i = 0; i < known; ++i) {
    if (tids[i] == (int)id) return snprintf(names[next = (next + 1) % 4], 8, "%d", i), names[next];
  }
  return tids[known++] = (int)id, name(id);
}
static void* in_thread(void* depth) {
  pthread_t thread;
  watched = 1;
  if (depth != NULL) pthread_create(&thread, NULL, in_thread, (char*)depth - 1), pthread_join(thread, NULL);
  watched = 2;
  return NULL;
}

int main(void) {
  cpu_set_t first;
  CPU_ZERO(&first);
  CPU_SET(0, &first);
  sched_setaffinity(0, sizeof first, &first);
  int go[2];
  char byte;
  if (pipe(go) != 0) return 1;
  name((uint32_t)getpid());
  const int child = fork();
  if (child == 0) {
    if (read(go[0], &byte, 1) != 1) _exit(1);
    in_thread((char*)NULL + 2);
    _exit(0);
  }
  name((uint32_t)child);
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.inherit = attr.task = attr.sample_id_all = 1;
  attr.sample_period = 1;
  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  const int fd = must_open(&attr, child, 0, -1);
  struct ring ring = map_ring(fd, 2);
  if (write(go[1], "", 1) != 1) return 1;
  printf("status %d\n", wait_for(child));
  uint64_t last_time = 0;
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    if (record->type == PERF_RECORD_SAMPLE) {
      printf("sample of %s", name(word32(record, 8))), printf("/%s", name(word32(record, 12)));
    } else {
      printf("%s:", record->type == PERF_RECORD_FORK ? "fork" : record->type == PERF_RECORD_EXIT ? "exit" : "other");
      printf(" pid %s", name(word32(record, 8))), printf(" ppid %s", name(word32(record, 12)));
      printf(" tid %s", name(word32(record, 16))), printf(" ptid %s", name(word32(record, 20)));
      printf(", by %s", name(word32(record, 32))), printf("/%s", name(word32(record, 36)));
      printf(", misc %u", record->misc);
    }
    const uint64_t time = word64(record, record->type == PERF_RECORD_SAMPLE ? 16 : 24);
    printf(", in order %d\n", time >= last_time);
    last_time = time;
  }
  return 0;
}
