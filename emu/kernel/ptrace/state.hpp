// What ptrace(2) keeps of a traced task.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/signal/siginfo.hpp"
#include "emu/kernel/task/relation.hpp"

namespace trapline::kernel {

class Task;

// What a tracee that goes on shall stop for next.
enum class Resume : std::uint8_t { Continue, Syscall, Sysemu };

// What is so of it while one and the same traces it.
struct PtraceAttachment {
  bool by_outsider = false;  // PTRACE_TRACEME of the machine's first process
  bool seized = false;
  std::uint32_t options = 0;  // PTRACE_O_*
  std::uint64_t message = 0;  // PTRACE_GETEVENTMSG
  Resume resumed_by = Resume::Continue;

  // While the task is stopped: what wait(2) has yet to report, which is the status without its lower byte,
  // and the stop's siginfo_t (none in a group-stop of a task that was attached to).
  int exit_code = 0;
  std::optional<SigInfo> info{};
  bool listening = false;          // PTRACE_LISTEN
  bool reporting_signal = false;   // the stop is for a signal about to be delivered
  bool signal_of_process = false;  // which was sent to the process, not to the task
  int data = 0;                    // the signal that the tracer let it go on with
};

struct PtraceState : PtraceAttachment {
  explicit PtraceState(Task& self) : tracer(self) {}

  Membership<Task, Task> tracer;  // null: not traced

  bool traced() const { return tracer.get() != nullptr; }
  void reset() {
    tracer.leave();
    static_cast<PtraceAttachment&>(*this) = {};
  }
};

// The breakpoints that a tracer set on a task, each of them a perf event. They go with the task, and stay
// when the tracer does. A new thread or child has none, but the registers' values as a tracer reads them.
struct PtraceBreakpoints {
  std::array<PerfEventRef, 4> events;
  std::uint64_t dr6 = 0;   // x86: virtual_dr6, what the tracer reads as DR6
  std::uint64_t dr7 = 0;   // x86: ptrace_dr7, what it wrote
  std::uint64_t dabr = 0;  // PPC64: what PTRACE_SET_DEBUGREG set last

  void copy_registers(const PtraceBreakpoints& other) {
    dr6 = other.dr6;
    dr7 = other.dr7;
    dabr = other.dabr;
  }
};

}  // namespace trapline::kernel
