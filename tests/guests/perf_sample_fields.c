// The size of a sample with each sample_type alone, and with ever more of them; the misc bits; whether sample_id_all matters.
//: breakpoints
#include "perf.h"

static volatile long long watched;
static HITS void store(void) { watched = 1; }

static struct record record;
static void sample(struct perf_event_attr attr) {
  attr.sample_regs_user = attr.sample_regs_intr = attr.sample_type & (PERF_SAMPLE_REGS_USER | PERF_SAMPLE_REGS_INTR) ? 7 : 0;
  attr.exclude_callchain_user = 1;  // a callchain is of no entries then
  const int fd = must_open(attr);
  struct ring ring = map_ring(fd, 1);
  store();
  if (!next_record(&ring, &record)) printf("no sample\n"), exit(1);
  const bool only = !next_record(&ring, &(struct record){});
  printf("%s", only && record.header.type == PERF_RECORD_SAMPLE ? "" : "MORE RECORDS ");
  close(fd), unmap_ring(&ring);
}

int main(void) {
  static const struct { const char* name; uint64_t type; } types[] = {
      {"none", 0}, {"identifier", PERF_SAMPLE_IDENTIFIER}, {"ip", PERF_SAMPLE_IP}, {"tid", PERF_SAMPLE_TID},
      {"time", PERF_SAMPLE_TIME}, {"addr", PERF_SAMPLE_ADDR}, {"id", PERF_SAMPLE_ID}, {"stream_id", PERF_SAMPLE_STREAM_ID},
      {"cpu", PERF_SAMPLE_CPU}, {"period", PERF_SAMPLE_PERIOD}, {"read", PERF_SAMPLE_READ}, {"callchain", PERF_SAMPLE_CALLCHAIN},
      {"raw", PERF_SAMPLE_RAW}, {"regs_user", PERF_SAMPLE_REGS_USER}, {"stack_user", PERF_SAMPLE_STACK_USER},
      {"weight", PERF_SAMPLE_WEIGHT}, {"data_src", PERF_SAMPLE_DATA_SRC}, {"transaction", PERF_SAMPLE_TRANSACTION},
      {"regs_intr", PERF_SAMPLE_REGS_INTR}, {"phys_addr", PERF_SAMPLE_PHYS_ADDR}, {"data_page_size", PERF_SAMPLE_DATA_PAGE_SIZE},
      {"code_page_size", PERF_SAMPLE_CODE_PAGE_SIZE}, {"weight_struct", PERF_SAMPLE_WEIGHT_STRUCT}};
  enum { kTypes = sizeof types / sizeof *types };
  uint64_t all = 0;
  for (int i = 0; i < kTypes; ++i) {
    sample(sampling(&watched, 8, 1, types[i].type));
    printf("%s: %u", types[i].name, record.header.size);
    if (types[i].type != PERF_SAMPLE_WEIGHT_STRUCT) all |= types[i].type;
    sample(sampling(&watched, 8, 1, all));
    printf(", with those before %u, misc %s\n", record.header.size,
           (record.header.misc & PERF_RECORD_MISC_CPUMODE_MASK) == PERF_RECORD_MISC_USER ? "user" : "?");
  }
  const uint64_t formats[] = {PERF_FORMAT_GROUP, PERF_FORMAT_ID, PERF_FORMAT_LOST, PERF_FORMAT_TOTAL_TIME_ENABLED, 31};
  for (int i = 0; i < 5; ++i) {
    struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_READ);
    attr.read_format = formats[i];
    sample(attr), printf("read of format %d: %u", (int)formats[i], record.header.size);
    attr.sample_id_all = 1;
    sample(attr), printf(", with sample_id_all %u\n", record.header.size);
  }
  for (unsigned size = 0; size <= 65528; size = size * 4 + 8) {
    struct perf_event_attr attr = sampling(&watched, 8, 1, PERF_SAMPLE_STACK_USER);
    attr.sample_stack_user = size > 512 ? 512 : size;
    sample(attr), printf("%u bytes of the stack: %u\n", attr.sample_stack_user, record.header.size);
  }
  return 0;
}
