// The fields of perf_event_attr that perf_event_open refuses, one by one, by their errno.
//: breakpoints
#include "perf.h"

static volatile long long watched[2] __attribute__((aligned(16)));
static struct perf_event_attr good(void) { return breakpoint_attr(watched, 8, HW_BREAKPOINT_W); }
#define CHANGED(what, ...) do { struct perf_event_attr a = good(); __VA_ARGS__; tell_attr(what, a); } while (0)

static void sample_types(void) {
  for (int bit = 0; bit < 64; ++bit) {
    if (bit == 11 || bit == 12 || bit == 18 || bit == 20 || bit == 21) continue;  // a mask or another field is needed as well
    struct perf_event_attr attr = good();
    attr.sample_type = 1ull << bit;
    const int fd = open_event(&attr);
    printf("%s%s", bit == 0 ? "sample_type: " : " ", fd >= 0 ? "." : strerrorname_np(errno));
    if (fd >= 0) close(fd);
  }
  printf("\nread_format:");
  for (int bit = 0; bit < 64; ++bit) {
    struct perf_event_attr attr = good();
    attr.read_format = 1ull << bit;
    const int fd = open_event(&attr);
    printf(" %s", fd >= 0 ? "." : strerrorname_np(errno));
    if (fd >= 0) close(fd);
  }
  printf("\n");
}

int main(void) {
  CHANGED("good", (void)0);
  CHANGED("misaligned", a.bp_addr = (uintptr_t)watched + 1);
  CHANGED("a kernel address, the kernel excluded", a.bp_addr = 0xffffffff81000000);
  CHANGED("the end of the address space", a.bp_addr = -4ull);
  CHANGED("the null address", a.bp_addr = 0);
  CHANGED("reserved flag", ((unsigned char*)&a)[47] = 0x81);
  CHANGED("__reserved_2", a.__reserved_2 = 1);
  sample_types();
  CHANGED("weight and weight_struct", a.sample_type = PERF_SAMPLE_WEIGHT | PERF_SAMPLE_WEIGHT_STRUCT);
  CHANGED("weight", a.sample_type = PERF_SAMPLE_WEIGHT);
  CHANGED("branch stack, no branches", a.sample_type = PERF_SAMPLE_BRANCH_STACK);
  CHANGED("branch stack", a.sample_type = PERF_SAMPLE_BRANCH_STACK, a.branch_sample_type = PERF_SAMPLE_BRANCH_ANY);
  CHANGED("unused branches", a.branch_sample_type = -1ull);
  CHANGED("period 2^63", a.sample_period = 1ull << 63);
  CHANGED("period 2^63 - 1", a.sample_period = (1ull << 63) - 1);
  CHANGED("frequency 0", a.freq = 1);
  CHANGED("frequency 1", a.freq = 1, a.sample_freq = 1);
  CHANGED("frequency 2^32", a.freq = 1, a.sample_freq = 1ull << 32);
  CHANGED("frequency 2^63", a.freq = 1, a.sample_freq = 1ull << 63);
  const int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
                        CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_REALTIME_ALARM, CLOCK_TAI, 77, -1};
  for (unsigned i = 0; i < sizeof clocks / sizeof *clocks; ++i) {
    printf("%d ", clocks[i]);
    CHANGED("as clock", a.use_clockid = 1, a.clockid = clocks[i]);
  }
  CHANGED("a clock not in use", a.clockid = 77);
  CHANGED("inherit_thread", a.inherit_thread = 1);
  CHANGED("inherit_thread, inherit", a.inherit_thread = 1, a.inherit = 1);
  CHANGED("inherit, a group's values", a.inherit = 1, a.read_format = PERF_FORMAT_GROUP);
  CHANGED("remove_on_exec", a.remove_on_exec = 1);
  CHANGED("remove_on_exec, enable_on_exec", a.remove_on_exec = 1, a.enable_on_exec = 1);
  CHANGED("sigtrap", a.sigtrap = 1);
  CHANGED("sigtrap, remove_on_exec", a.sigtrap = 1, a.remove_on_exec = 1);
  CHANGED("signal data alone", a.sig_data = 5);
  CHANGED("pinned", a.pinned = 1);
  CHANGED("exclusive", a.exclusive = 1);
  CHANGED("precise_ip 1", a.precise_ip = 1);
  CHANGED("precise_ip 3", a.precise_ip = 3);
  CHANGED("aux output", a.aux_output = 1);
  CHANGED("aux sample", a.sample_type = PERF_SAMPLE_AUX, a.aux_sample_size = 64);
  CHANGED("callchain of 5", a.sample_type = PERF_SAMPLE_CALLCHAIN, a.sample_max_stack = 5);
  CHANGED("callchain of 60000", a.sample_type = PERF_SAMPLE_CALLCHAIN, a.sample_max_stack = 60000);
  CHANGED("callchain, no user part", a.sample_type = PERF_SAMPLE_CALLCHAIN, a.exclude_callchain_user = 1);
  CHANGED("config", a.config = 1234);
  CHANGED("side band", a.mmap = a.comm = a.task = a.mmap_data = a.mmap2 = a.comm_exec = a.context_switch = 1);
  CHANGED("namespaces, ksymbols, bpf", a.namespaces = a.ksymbol = a.bpf_event = 1);
  CHANGED("wakeup_events", a.wakeup_events = -1u);
  CHANGED("watermark", a.watermark = 1, a.wakeup_watermark = -1u);
  return 0;
}
