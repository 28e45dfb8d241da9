#include "host_breakpoint.hpp"

#include <stdexcept>

#if defined(__x86_64__) && defined(__linux__)

#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <optional>

#include "measuring.hpp"

namespace trapline::benchmarks::host {

namespace {

[[gnu::noinline]] void watched_function() { asm volatile(""); }

class BreakpointEvent {
 public:
  BreakpointEvent(std::uint32_t type, const void* address) {
    perf_event_attr attr{};
    attr.type = PERF_TYPE_BREAKPOINT;
    attr.size = sizeof attr;
    attr.bp_type = type;
    attr.bp_addr = reinterpret_cast<std::uintptr_t>(address);
    attr.bp_len = HW_BREAKPOINT_LEN_8;
    attr.exclude_kernel = 1;
    attr.exclude_hv = 1;
    fd_ = static_cast<int>(syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC));
    if (fd_ < 0) throw std::runtime_error("the host refuses a breakpoint event");
  }
  ~BreakpointEvent() { close(fd_); }
  BreakpointEvent(const BreakpointEvent&) = delete;
  BreakpointEvent& operator=(const BreakpointEvent&) = delete;

  std::uint64_t count() const {
    std::uint64_t value = 0;
    if (read(fd_, &value, sizeof value) != static_cast<ssize_t>(sizeof value)) return 0;
    return value;
  }

 private:
  int fd_ = -1;
};

void loop(Work work, std::uint64_t& variable, std::uint64_t n) {
  switch (work) {
    case Work::StoreOnly:
      asm volatile(
          "1: movq %0, (%1)\n"
          "   decq %0\n"
          "   jnz 1b\n"
          : "+r"(n)
          : "r"(&variable)
          : "cc", "memory");
      break;
    case Work::RareStore:
      asm volatile(
          "1: movq %0, (%1)\n"
          "   movl $332, %%edx\n"
          "2: addq %%rdx, %%rax\n"
          "   decl %%edx\n"
          "   jnz 2b\n"
          "   decq %0\n"
          "   jnz 1b\n"
          : "+r"(n)
          : "r"(&variable)
          : "rax", "rdx", "cc", "memory");
      break;
    case Work::Executions:
      for (; n != 0; --n) watched_function();
      break;
  }
}

}  // namespace

double run(Work work, bool counted, std::uint64_t n) {
  alignas(8) std::uint64_t variable = 0;
  std::optional<BreakpointEvent> event;
  if (counted && work == Work::Executions) {
    event.emplace(HW_BREAKPOINT_X, reinterpret_cast<const void*>(watched_function));
  } else if (counted) {
    event.emplace(HW_BREAKPOINT_W, &variable);
  }
  const Stopwatch watch;
  loop(work, variable, n);
  const double seconds = watch.seconds();
  if (event && event->count() != n) throw std::runtime_error("the host's breakpoint event misses hits");
  return seconds;
}

bool can_count() {
  constexpr std::uint64_t kSome = 100;
  try {
    for (const Work work : {Work::StoreOnly, Work::Executions}) run(work, true, kSome);
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace trapline::benchmarks::host

#else

namespace trapline::benchmarks::host {

double run(Work /*work*/, bool /*counted*/, std::uint64_t /*n*/) {
  throw std::runtime_error("the host has no breakpoint events that we know");
}

bool can_count() { return false; }

}  // namespace trapline::benchmarks::host

#endif
