#include "emu/kernel/hw_breakpoint/slots.hpp"

#include <algorithm>

namespace trapline::kernel {

SlotConstraints::SlotConstraints(unsigned cpus, unsigned slots)
    : cpus_(cpus),
      slots_(slots),
      cpu_pinned_(cpus),
      cpu_pinned_histogram_(slots),
      tasks_everywhere_(slots),
      tasks_on_cpu_(cpus, Histogram(slots)) {}

void SlotConstraints::Histogram::move(unsigned from, unsigned to) {
  if (from != 0) --holders_[from];
  if (to != 0) ++holders_[to];
}

unsigned SlotConstraints::Histogram::max() const {
  for (std::size_t n = holders_.size() - 1; n > 0; --n) {
    if (holders_[n] != 0) return static_cast<unsigned>(n);
  }
  return 0;
}

// The registers in use on the fullest CPU that the request concerns, without the request.
unsigned SlotConstraints::needed(const Request& request) const {
  const auto known = request.task == nullptr ? tasks_.end() : tasks_.find(request.task);
  const TaskCounts* const counts = known == tasks_.end() ? nullptr : &known->second;
  const auto on = [&](unsigned cpu) {
    if (request.task != nullptr) return cpu_pinned_[cpu] + (counts == nullptr ? 0 : counts->on(cpu));
    return cpu_pinned_[cpu] + std::max(tasks_everywhere_.max(), tasks_on_cpu_[cpu].max());
  };
  if (request.cpu >= 0) return on(static_cast<unsigned>(request.cpu));
  // The task's number is the same on all CPUs, so the fullest CPU decides.
  if (counts == nullptr || counts->bound_anywhere == 0) {
    return cpu_pinned_histogram_.max() + (counts == nullptr ? 0 : counts->everywhere);
  }
  unsigned most = 0;
  for (unsigned cpu = 0; cpu < cpus_; ++cpu) most = std::max(most, on(cpu));
  return most;
}

void SlotConstraints::toggle(const Request& request, int direction) {
  const auto moved = [direction](unsigned n) {
    return static_cast<unsigned>(static_cast<int>(n) + direction);
  };
  if (request.task == nullptr) {
    unsigned& pinned = cpu_pinned_[static_cast<unsigned>(request.cpu)];
    cpu_pinned_histogram_.move(pinned, moved(pinned));
    pinned = moved(pinned);
    return;
  }
  TaskCounts& counts = tasks_[request.task];
  const auto enter = [&](bool in) {
    const auto put = [in](Histogram& histogram, unsigned n) {
      in ? histogram.move(0, n) : histogram.move(n, 0);
    };
    if (counts.bound_anywhere == 0) {
      put(tasks_everywhere_, counts.everywhere);
    } else {
      for (unsigned cpu = 0; cpu < cpus_; ++cpu) put(tasks_on_cpu_[cpu], counts.on(cpu));
    }
  };
  enter(false);
  if (request.cpu < 0) {
    counts.everywhere = moved(counts.everywhere);
  } else {
    counts.on_cpu.resize(cpus_);
    unsigned& bound = counts.on_cpu[static_cast<unsigned>(request.cpu)];
    bound = moved(bound);
    counts.bound_anywhere = moved(counts.bound_anywhere);
  }
  enter(true);
  if (counts.everywhere == 0 && counts.bound_anywhere == 0) tasks_.erase(request.task);
}

Status SlotConstraints::reserve(const Request& request) {
  if (needed(request) + 1 > slots_) return Error{ENOSPC};
  toggle(request, +1);
  return Done{};
}

void SlotConstraints::release(const Request& request) { toggle(request, -1); }

}  // namespace trapline::kernel
