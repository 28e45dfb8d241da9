// One perf event (struct perf_event): what it counts, for whom, and its state.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/perf/attr.hpp"
#include "emu/kernel/task/timers.hpp"
#include "emu/kernel/task/wait_queue.hpp"
#include "emu/machine/physical_memory.hpp"
#include "emu/machine/stop.hpp"

namespace trapline::machine {
class Cpu;
}

namespace trapline::kernel {

class File;
class PerfCore;
class PerfEvent;
class Pmu;
class RingBuffer;
class SharedMemory;
class Task;
struct PerfContext;

// struct arch_hw_breakpoint: what the instruction set made of the generic request when it accepted it.
struct ArchHwBreakpoint {
  isa::GuestVa address;   // as asked for
  std::uint64_t len = 0;  // as asked for, in bytes
  // In the encoding of the control register: x86 R/W and LEN as in DR7; PPC64 DABR and DABRX bits.
  std::uint64_t type = 0;
  bool extraneous = false;  // PPC64: the hit being stepped over is a stray one
};

// Where and for whom something countable happened (pt_regs, as far as a perf event asks for them).
struct PerfOccurrence {
  machine::Cpu& cpu;
  Task* task = nullptr;    // who ran; null: nobody
  isa::GuestVa ip{};       // the user's PC (regs->ip, regs->nip)
  isa::GuestVa address{};  // perf_sample_data::addr
  bool kernel = false;     // in the kernel, for the task
};

// One hit of a breakpoint, on its way up.
struct BreakpointHit : PerfOccurrence {
  isa::GuestVa instruction{};      // whose access or fetch matched
  isa::Access access{};            // the first that matched; for an execution its fetch
  machine::WatchedBytes before{};  // the watched bytes before the instruction, of a breakpoint on data
  machine::WatchedBytes after{};
};

enum class EventState : std::uint8_t {
  Exit,      // PERF_EVENT_STATE_EXIT: its task is gone, or has other memory
  Error,     // PERF_EVENT_STATE_ERROR: pinned, and could not be scheduled
  Off,       // disabled
  Inactive,  // enabled, not on a CPU
  Active,    // on a CPU and counting
};

// Deletes an event by taking it out of the core first.
struct ReleaseEvent {
  PerfCore* core = nullptr;
  void operator()(PerfEvent* event) const;
};
using PerfEventRef = std::unique_ptr<PerfEvent, ReleaseEvent>;

class PerfEvent {
 public:
  // Called at each overflow of the core API's events, in place of what perf's own do.
  using OverflowHandler = std::function<void(PerfEvent&, const BreakpointHit&)>;
  // Told of each overflow, beside all that comes of it; of a breakpoint the occurrence is a BreakpointHit. It
  // must leave events as they are.
  using Observer = std::function<void(const PerfEvent&, const PerfOccurrence&)>;

  // What one takes of the host's memory, in bytes, roughly, with its places in lists and tables.
  static constexpr std::uint64_t kFootprint = 1536;

  std::uint64_t id = 0;
  std::optional<machine::Charge> charge;  // of kFootprint
  PerfEventAttr attr;
  Pmu* pmu = nullptr;
  Task* task = nullptr;             // null: whatever runs on `cpu`
  std::shared_ptr<Task> task_held;  // the event may outlive its task's end
  int cpu = -1;                     // -1: wherever the task runs
  Task* owner = nullptr;            // who opened it, while it lives

  // --- Scheduling ---
  PerfContext* context = nullptr;      // null: it counts no more
  PerfEvent* leader = this;            // of its group
  bool in_group = false;               // of a sibling: that it has joined (PERF_ATTACH_GROUP)
  std::vector<PerfEvent*> siblings;    // of a leader, in the order in which they came
  std::uint64_t group_generation = 0;  // of a leader: how often they changed
  EventState state = EventState::Off;
  unsigned on_cpu = 0;  // while Active

  // --- Counting ---
  std::uint64_t count = 0;
  // Nanoseconds for which the event was enabled, and of these those on a CPU; complete up to `time_stamp` of
  // its context's time.
  std::uint64_t time_enabled = 0;
  std::uint64_t time_running = 0;
  std::uint64_t time_stamp = 0;
  std::uint64_t stray_hits = 0;  // of the register, outside of the bytes asked for: delivered to nobody

  // --- Inheritance ---
  PerfEvent* parent = nullptr;                     // the event that was opened, of a child's
  std::map<std::uint64_t, PerfEventRef> children;  // by id
  std::uint64_t child_count = 0;                   // of children that are gone
  std::uint64_t child_time_enabled = 0;
  std::uint64_t child_time_running = 0;

  // --- Sampling (struct hw_perf_event) ---
  std::uint64_t sample_period = 0;  // with attr.freq it is adjusted
  std::uint64_t last_period = 0;
  std::int64_t period_left = 0;  // it overflows when this is not negative any more
  std::uint64_t freq_time_stamp = 0;
  std::uint64_t freq_count_stamp = 0;
  std::int32_t limit = 0;         // PERF_EVENT_IOC_REFRESH: overflows left until it is disabled; 0: no limit
  Timer timer;                    // of what counts time: when it overflows next
  std::uint64_t count_stamp = 0;  // and up to when it has counted
  OverflowHandler overflow_handler;
  Observer observer;    // of the event that was opened, for all that is inherited from it
  Observer stray;       // likewise, of hits outside of the bytes asked for: a BreakpointHit without values
  bool ptrace = false;  // the overflow handler is ptrace_triggered(): a breakpoint that a tracer set

  // --- Output ---
  std::shared_ptr<RingBuffer> buffer;
  std::weak_ptr<SharedMemory> mapping;  // what mappings of its own descriptor hold; expired: there are none
  std::uint64_t lost_samples = 0;
  WaitQueue waiters;
  int pending_kill = 0;  // POLL_IN or POLL_HUP, to tell with SIGIO
  File* file = nullptr;  // which the descriptors of the event that was opened name; its owner gets SIGIO

  ArchHwBreakpoint hw;
  bool slot_reserved = false;                           // a register is kept for it, wherever it may count
  std::list<const PerfEvent*>::iterator slot_holder{};  // then its place among those of HwBreakpoints

  std::string label;  // what its front end calls it, for people; "": nothing

  PerfEvent& opened() { return parent != nullptr ? *parent : *this; }
  bool group_leader() const { return leader == this; }
  std::uint64_t total_count() const { return count + child_count; }
};

// A performance monitoring unit (struct pmu): the kind of hardware behind an event.
class Pmu {
 public:
  virtual std::string_view name() const = 0;
  // Accepts the event, or says why not; ENOENT: not of this kind. What it reserves, release() gives back.
  virtual Status event_init(PerfEvent& event) = 0;
  virtual void release(PerfEvent& /*event*/) {}
  // Puts the event on a CPU's hardware, and takes it off.
  virtual Status add(PerfEvent& event, machine::Cpu& cpu) = 0;
  virtual void del(PerfEvent& event, machine::Cpu& cpu) = 0;
  // Brings the count up to date, where the event does not do so by itself.
  virtual void read(PerfEvent& /*event*/) {}
  // The period was changed from outside.
  virtual void restart(PerfEvent& /*event*/) {}
  // Without PERF_PMU_CAP_NO_NMI: an overflow may come in an NMI.
  virtual bool in_nmi() const { return true; }
  // PERF_EV_CAP_SOFTWARE: counters never run short, so its groups can always go on.
  virtual bool software() const { return true; }

 protected:
  ~Pmu() = default;
};

}  // namespace trapline::kernel
