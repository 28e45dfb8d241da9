// One perf event (struct perf_event): what it counts, for whom, and its state.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "emu/kernel/perf/attr.hpp"
#include "emu/machine/stop.hpp"

namespace trapline::machine {
class Cpu;
}

namespace trapline::kernel {

class Pmu;
class Task;

// struct arch_hw_breakpoint: what the instruction set made of the generic request when it accepted it.
struct ArchHwBreakpoint {
  isa::GuestVa address;   // as asked for
  std::uint64_t len = 0;  // as asked for, in bytes
  std::uint64_t type =
      0;  // in the encoding of the control register: x86 R/W and LEN as in DR7; PPC64 DABR and DABRX bits
  bool extraneous = false;  // PPC64: the hit being stepped over is a stray one
};

// One hit of a breakpoint, on its way up.
struct BreakpointHit {
  machine::Cpu& cpu;
  Task* task = nullptr;        // who ran
  isa::GuestVa ip{};           // the PC at the callback (regs->ip, regs->nip)
  isa::GuestVa instruction{};  // whose access or fetch matched
  isa::Access access{};        // the first that matched; for an execution its fetch
  machine::WatchedBytes
      before{};  // the watched bytes before the instruction, where the breakpoint is on data
  machine::WatchedBytes after{};
  bool kernel = false;  // the kernel's own access, for the task
};

enum class EventState : std::uint8_t {
  Error,     // PERF_EVENT_STATE_ERROR: pinned, and could not be scheduled
  Off,       // disabled
  Inactive,  // enabled, not on a CPU
  Active,    // on a CPU and counting
};

class PerfEvent {
 public:
  // Called at each overflow; for the core API's events (period 1) at each hit.
  using OverflowHandler = std::function<void(PerfEvent&, const BreakpointHit&)>;

  std::uint64_t id = 0;
  PerfEventAttr attr;
  Pmu* pmu = nullptr;
  Task* task = nullptr;             // null: whatever runs on `cpu`
  std::shared_ptr<Task> task_held;  // the event may outlive its task's end
  int cpu = -1;                     // -1: wherever the task runs
  EventState state = EventState::Off;
  unsigned on_cpu = 0;  // while Active
  std::uint64_t count = 0;
  std::uint64_t stray_hits =
      0;  // of the register, outside of the bytes asked for: counted here, delivered to nobody
  OverflowHandler overflow_handler;
  bool ptrace = false;  // the overflow handler is ptrace_triggered(): a breakpoint that a tracer set
  ArchHwBreakpoint hw;

  // Cycles for which the event was enabled, and of these those on a CPU; complete up to `time_stamp`.
  std::uint64_t time_enabled = 0;
  std::uint64_t time_running = 0;
  std::uint64_t time_stamp = 0;
};

// A performance monitoring unit (struct pmu): the kind of hardware behind an event.
class Pmu {
 public:
  virtual std::string_view name() const = 0;
  // Accepts the event, or says why not; ENOENT: not of this kind. What it reserves, release() gives back.
  virtual Status event_init(PerfEvent& event) = 0;
  virtual void release(PerfEvent& event) = 0;
  // Puts the event on a CPU's hardware, and takes it off.
  virtual Status add(PerfEvent& event, machine::Cpu& cpu) = 0;
  virtual void del(PerfEvent& event, machine::Cpu& cpu) = 0;

 protected:
  ~Pmu() = default;
};

}  // namespace trapline::kernel
