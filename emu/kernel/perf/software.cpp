#include "emu/kernel/perf/software.hpp"

#include <algorithm>
#include <vector>

#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

// Cycles: for an event that comes onto a CPU or leaves it, that counts, and whose timer goes off.
constexpr std::uint64_t kSwitching = 20;
constexpr std::uint64_t kCounting = 20;
constexpr std::uint64_t kExpiry = 200;

SoftwareEvent kind_of(const PerfEvent& event) { return static_cast<SoftwareEvent>(event.attr.config); }

bool counts_time(const PerfEvent& event) {
  return kind_of(event) == SoftwareEvent::CpuClock || kind_of(event) == SoftwareEvent::TaskClock;
}

}  // namespace

SoftwareEvents::SoftwareEvents(PerfCore& core, Scheduler& scheduler, Timers& timers)
    : core_(core), scheduler_(scheduler), timers_(timers) {
  core.register_pmu(*this);
}

Status SoftwareEvents::event_init(PerfEvent& event) {
  if (event.attr.type != kPerfTypeSoftware) return Error{ENOENT};
  if ((event.attr.sample_type & kSampleBranchStack) != 0)
    return refused(EOPNOTSUPP, "sample_type", "a software event has no branch stack");
  if (event.attr.config >= kSoftwareEvents) return Error{ENOENT};
  if (counts_time(event) && event.attr.sampling() && event.attr.freq) {
    // A frequency is a period here, once and for all.
    event.attr.sample_period = kSecond / event.attr.sample_period;
    event.attr.freq = false;
    event.sample_period = event.last_period = event.attr.sample_period;
  }
  return Done{};
}

Status SoftwareEvents::add(PerfEvent& event, machine::Cpu& cpu) {
  cpu.charge(kSwitching);
  ++active_[event.attr.config];
  if (counts_time(event)) {
    event.count_stamp = core_.clock(event.on_cpu);
    start_timer(event);
  }
  return Done{};
}

void SoftwareEvents::del(PerfEvent& event, machine::Cpu& cpu) {
  cpu.charge(kSwitching);
  --active_[event.attr.config];
  if (!counts_time(event)) return;
  read(event);
  event.timer.cancel();
}

void SoftwareEvents::read(PerfEvent& event) {
  if (!counts_time(event)) return;
  const std::uint64_t now = core_.clock(event.on_cpu);
  if (now <= event.count_stamp) return;
  event.count += now - event.count_stamp;
  event.count_stamp = now;
}

void SoftwareEvents::restart(PerfEvent& event) {
  if (!counts_time(event)) return;
  event.timer.cancel();
  start_timer(event);
}

// --- Samples of time (perf_swevent_hrtimer) ---

void SoftwareEvents::start_timer(PerfEvent& event) {
  if (!event.attr.sampling()) return;
  constexpr std::uint64_t kShortest = 10'000;  // nanoseconds
  const std::uint64_t period = std::max(kShortest, event.sample_period);
  event.timer = timers_.set(core_.clock(event.on_cpu) + period, [this, &event] { expire(event); });
}

void SoftwareEvents::expire(PerfEvent& event) {
  event.timer.cancel();
  if (event.state != EventState::Active) return;
  machine::Cpu& cpu = scheduler_.machine().cpu(event.on_cpu);
  cpu.charge(kExpiry);
  read(event);
  Task* const task = scheduler_.running(cpu.index());
  const bool idle = task == nullptr;
  const bool excluded = idle ? event.attr.exclude_idle || event.attr.exclude_kernel : event.attr.exclude_user;
  if (!excluded) {
    PerfOccurrence at{.cpu = cpu, .task = task, .kernel = idle};
    if (!idle) at.ip = cpu.pc();
    if (core_.overflow(event, at, event.last_period)) return;
  }
  if (event.state == EventState::Active) start_timer(event);
}

// --- Events ---

void SoftwareEvents::count(SoftwareEvent what, const PerfOccurrence& at) {
  std::vector<PerfEvent*> hit;
  const auto look = [&](const PerfContext& context) {
    for (PerfEvent* const event : context.events) {
      const bool same = event->pmu == this && kind_of(*event) == what;
      const bool excluded = at.kernel ? event->attr.exclude_kernel : event->attr.exclude_user;
      if (same && event->state == EventState::Active && event->on_cpu == at.cpu.index() && !excluded)
        hit.push_back(event);
    }
  };
  if (at.task != nullptr) look(at.task->perf);
  look(core_.cpu_context(at.cpu.index()));
  at.cpu.charge(kCounting * hit.size());
  for (PerfEvent* const event : hit) core_.swevent(*event, 1, at);
}

}  // namespace trapline::kernel
