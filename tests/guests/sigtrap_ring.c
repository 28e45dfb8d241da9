// sigtrap beside a ring buffer: the sample of a hit is there when the handler runs, with the same address and the same PC; the
// buffer's being full, or of one page, does not keep the signals from coming.
//: breakpoints
#include "perf_b.h"

static volatile int watched, signals, there, same_pc, same_address, user;
static struct ring ring;
static int take = 1;
static void trapped(int signal, siginfo_t* info, void* context) {
  ++signals;
  if (!take) return;
  const struct perf_event_header* const record = next_record(&ring);
  if (record == NULL) return;
  there += record->type == PERF_RECORD_SAMPLE && record->size == 32 && next_record(&ring) == NULL;
  user += (record->misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER;
  same_pc += word64(record, 8) == PC_OF(context);
  same_address += word64(record, 24) == (uintptr_t)info->si_addr && word32(record, 20) == (uint32_t)syscall(SYS_gettid);
}

int main(void) {
  handle(SIGTRAP, trapped, 0);
  struct perf_event_attr attr = sigtrap_attr(&watched, 4, HW_BREAKPOINT_W);
  attr.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_ADDR;
  const int fd = must_open(&attr, 0, -1, -1);
  ring = map_ring(fd, 1);
  for (int i = 0; i < 300; ++i) watched = i;
  printf("%d signals, %d samples there, %d of user mode", signals, there, user);
  printf(", %d same PC, %d same address\n", same_pc, same_address);
  take = 0, signals = 0;
  for (int i = 0; i < 5000; ++i) watched = i;
  int samples = count_records(&ring, PERF_RECORD_SAMPLE);
  printf("full: %d signals, fewer samples %d, count %ld\n", signals, samples > 0 && samples < 5000, count(fd));
  // Output paused.
  signals = 0;
  printf("paused: %s", outcome_of(ioctl(fd, PERF_EVENT_IOC_PAUSE_OUTPUT, 1)));
  for (int i = 0; i < 20; ++i) watched = i;
  samples = count_records(&ring, PERF_RECORD_SAMPLE);
  printf(", %d signals, %d samples\n", signals, samples);
  return 0;
}
