// context_switch: a record for each time the task leaves its CPU and one for each return, by turns; the count of the software
// event context-switches is that of those that left. The task sleeps several times, and waits for another.
//: breakpoints
//: cpus 4
#include "perf_b.h"

static volatile int watched;

int main(void) {
  struct perf_event_attr attr = breakpoint_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.context_switch = 1;
  attr.sample_id_all = 1;
  attr.sample_period = 1;
  attr.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_TIME;
  const int fd = must_open(&attr, 0, -1, -1);
  struct perf_event_attr switches = software_attr(PERF_COUNT_SW_CONTEXT_SWITCHES);
  const int counter = must_open(&switches, 0, -1, -1);
  struct ring ring = map_ring(fd, 16);
  int to[2], from[2];
  if (pipe(to) != 0 || pipe(from) != 0) return 1;
  const int child = fork();
  if (child == 0) {
    char byte;
    close(to[1]);
    while (read(to[0], &byte, 1) == 1) if (usleep(500), write(from[1], "", 1) != 1) break;
    _exit(0);
  }
  close(to[0]);
  char byte;
  for (int i = 0; i < 10; ++i) {
    watched = i;
    if (write(to[1], "", 1) != 1 || read(from[0], &byte, 1) != 1) return 1;
  }
  for (int i = 0; i < 5; ++i) watched = i, usleep(500);
  watched = 1;
  close(to[1]), wait_for(child);
  ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
  const long counted = count(counter);
  long outs = 0, ins = 0, samples = 0, wrong_turn = 0, wrong_order = 0, wrong_size = 0, wrong_task = 0, samples_out = 0;
  int out = 0;
  uint64_t last_time = 0;
  for (const struct perf_event_header* record; (record = next_record(&ring)) != NULL;) {
    const int is_switch = record->type == PERF_RECORD_SWITCH;
    const int leaves = is_switch && (record->misc & PERF_RECORD_MISC_SWITCH_OUT) != 0;
    wrong_task += word32(record, 8) != (uint32_t)getpid() || word32(record, 12) != (uint32_t)getpid();
    wrong_order += word64(record, 16) < last_time;
    wrong_size += record->size != 24;
    last_time = word64(record, 16);
    if (!is_switch) {
      ++samples, samples_out += out;
      continue;
    }
    wrong_turn += leaves == out;
    outs += leaves, ins += !leaves;
    out = leaves;
  }
  printf("samples %ld, none while away %d\n", samples, samples_out == 0);
  printf("switches at least 15 %d, by turns %d, as many in as out %d\n", outs >= 15, wrong_turn == 0, outs == ins);
  printf("order %d, size %d, task %d\n", wrong_order == 0, wrong_size == 0, wrong_task == 0);
  printf("context-switches counts about as many %d\n", counted - outs <= 2 && outs - counted <= 2);
  return 0;
}
