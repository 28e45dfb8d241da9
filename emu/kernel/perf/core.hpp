// The perf core (kernel/events/core.c): makes events, keeps them in contexts, schedules them in and out with
// their task or CPU, counts, and takes overflows to whoever is to know. It knows nothing of what a PMU
// counts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "emu/kernel/perf/context.hpp"
#include "emu/kernel/perf/environment.hpp"
#include "emu/kernel/perf/output.hpp"
#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

class PerfCore {
 public:
  explicit PerfCore(const PerfEnvironment& environment);

  void register_pmu(Pmu& pmu) { pmus_.push_back(&pmu); }

  // --- Life of events (core.cpp) ---
  struct Request {
    PerfEventAttr attr;
    Task* task = nullptr;
    int cpu = -1;                // with a task, -1: on all CPUs
    PerfEvent* group = nullptr;  // its leader, which is on the same task and CPU
    PerfEvent::OverflowHandler overflow{};
    bool ptrace = false;
    PerfEvent* parent = nullptr;  // the event that was opened, of one that is inherited
  };
  // An event on `task` (on one CPU of it, or with cpu -1 on all), or with no task on `cpu`. It counts nothing
  // before it is installed. The errors are those of the PMU; ENOENT where no PMU knows the type; ENOMEM.
  Result<PerfEventRef> create(const Request& request);
  void install(PerfEvent& event);
  // Both, and enabled unless attr.disabled.
  Result<PerfEventRef> open(const Request& request);

  // Told of each event that was opened and is about to go, with what it counted; not of inherited ones.
  using Closing = std::function<void(const PerfEvent&)>;
  void set_closing(Closing told) { closing_ = std::move(told); }

  // ENABLE, DISABLE and RESET: of one event and what was inherited from it.
  void enable(PerfEvent& event);
  void disable(PerfEvent& event);
  void reset(PerfEvent& event);
  // Of it and what was inherited from it; of all in its group.
  void for_children(PerfEvent& event, const std::function<void(PerfEvent&)>& action);
  void for_group(PerfEvent& event, const std::function<void(PerfEvent&)>& action);
  // `more` overflows, and then it is disabled.
  void refresh(PerfEvent& event, std::int32_t more);
  void set_period(PerfEvent& event, std::uint64_t period);
  void enable_one(PerfEvent& event);
  void disable_one(PerfEvent& event);

  struct Reading {
    std::uint64_t count = 0;
    std::uint64_t time_enabled = 0;  // nanoseconds
    std::uint64_t time_running = 0;
  };
  // With what was inherited.
  Reading read(PerfEvent& event);
  // Whether the groups that were inherited are still as the leader's own. Else what they counted is no sum of
  // anything: read(2) of the group is ECHILD.
  static bool same_groups(const PerfEvent& leader);
  // In the order of perf_event_open(2), "Reading results", by read_format.
  std::vector<std::uint64_t> read_values(PerfEvent& event);
  // How many bytes these are, with so many siblings in its group.
  static std::size_t read_size(const PerfEvent& event, std::size_t siblings);

  // --- With tasks (tasks.cpp) ---
  void sched_in(Task& task, machine::Cpu& cpu);
  void sched_out(Task& task);
  // fork(2): what is inherited. ENOSPC: there is no room for a breakpoint of the child's.
  Status init_task(Task& parent, Task& child, bool thread, bool clear_signal_handlers);
  void exec(Task& task);
  // The task is gone: its events count no more.
  void exit_task(Task& task);

  // --- With CPUs (hotplug.cpp) ---
  // The CPU goes away: its events are switched off, and stay so when it is back. An event of one that is
  // away is ENODEV.
  void exit_cpu(unsigned cpu);
  // It is back. `loads_registers`: with the events that went with it, as before there was perf.
  void init_cpu(unsigned cpu, bool loads_registers);
  bool online(unsigned cpu) const { return cpus_[cpu].online; }

  // --- Hits (overflow.cpp) ---
  // The hardware, or the kernel, counted `events` for an event that is on a CPU (perf_swevent_event).
  void swevent(PerfEvent& event, std::uint64_t events, const PerfOccurrence& at);
  // One overflow; true: the event has reached its limit.
  bool overflow(PerfEvent& event, const PerfOccurrence& at, std::uint64_t period);
  // After a sample period was set, or an event comes onto a CPU: how many periods are over.
  static std::uint64_t start_period(PerfEvent& event);
  // The SIGTRAPs of what the task's last instruction, the kernel for it, or a timer hit. To be called before
  // a task that has ended is deleted.
  void send_traps();
  // Somebody may read now (perf_event_wakeup).
  void wake_up(PerfEvent& event);

  // --- Buffers (core.cpp) ---
  // Where the event's records go, of which other events may have a part. Null: nowhere.
  void set_buffer(PerfEvent& event, std::shared_ptr<RingBuffer> buffer);
  RingBuffer* buffer_of(PerfEvent& event);
  // PERF_EVENT_IOC_SET_OUTPUT: the event's records go where those of `to` do; null: to a buffer of its own.
  // EINVAL where one of the two must not or has no buffer.
  Status set_output(PerfEvent& event, PerfEvent* to);
  void update_user_page(PerfEvent& event);

  PerfContext& cpu_context(unsigned cpu) { return cpu_contexts_[cpu]; }
  unsigned cpus() const { return static_cast<unsigned>(cpus_.size()); }
  const PerfArch& arch() const { return arch_; }
  PerfOutput& output() { return output_; }
  // The CPU whose hardware an enabled event should be on now, or null.
  machine::Cpu* cpu_for(const PerfEvent& event);
  // Nanoseconds since the start, on that CPU.
  std::uint64_t clock(unsigned cpu) const;

 private:
  friend struct ReleaseEvent;
  // --- core.cpp ---
  void release(PerfEvent& event);
  void remove(PerfEvent& event, EventState state);
  static void leave_group(PerfEvent& event);
  PerfContext& context_of(const PerfEvent& event);

  // --- schedule.cpp ---
  void set_state(PerfEvent& event, EventState state);
  void update_time(PerfEvent& event);
  void update_context_time(PerfContext& context) const;
  void activate(PerfContext& context, unsigned cpu) const;
  bool event_sched_in(PerfEvent& event, machine::Cpu& cpu);
  void event_sched_out(PerfEvent& event);
  bool group_sched_in(PerfEvent& leader, machine::Cpu& cpu);
  void group_sched_out(PerfEvent& leader);
  bool group_can_go_on(const PerfEvent& leader, unsigned cpu, bool counters_left) const;
  void sched_in_groups(PerfContext& context, bool pinned, machine::Cpu& cpu);
  void sched_out_groups(PerfContext& context, bool pinned);
  void schedule_new(PerfEvent& event);
  void resched(const PerfEvent& event, machine::Cpu& cpu);
  void rotate(unsigned index);
  void plan_rotation(unsigned cpu);
  PerfContext* task_context(unsigned cpu);

  // --- tasks.cpp ---
  Status inherit_group(PerfEvent& leader, Task& child);
  Result<PerfEvent*> inherit_event(PerfEvent& event, Task& child, PerfEvent* leader);
  void exit_event(PerfEvent& event);

  // --- overflow.cpp ---
  static void adjust_period(PerfEvent& event, std::uint64_t nanoseconds, std::uint64_t count);
  void plan_tick();
  void tick();
  void signal_trap(PerfEvent& event, const PerfOccurrence& at);
  void signal_owner(PerfEvent& event);

  machine::Machine& machine_;
  Scheduler& scheduler_;
  Timers& timers_;
  PerfArch& arch_;
  PerfUpcalls& upcalls_;
  PerfOutput output_;
  std::vector<Pmu*> pmus_;
  std::vector<PerfContext> cpu_contexts_;
  struct PerCpu {
    bool exclusive = false;        // an exclusive group is on: no other may
    unsigned hardware_events = 0;  // on, of PMUs whose counters can run short
    Timer rotation;
    bool online = true;
    // What went away with the CPU, and is not released: as it was.
    std::vector<std::pair<PerfEvent*, EventState>> left{};
  };
  std::vector<PerCpu> cpus_;
  Timer tick_;  // while there are events with a frequency
  struct Trap {
    std::uint32_t type = 0;
    std::uint64_t data = 0;
    isa::GuestVa address;
    Task* task = nullptr;
  };
  std::vector<Trap> traps_;  // to be sent
  std::uint64_t next_id_ = 1;
  Closing closing_;
};

}  // namespace trapline::kernel
