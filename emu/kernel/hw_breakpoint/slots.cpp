#include "emu/kernel/hw_breakpoint/slots.hpp"

#include <algorithm>

namespace trapline::kernel {

namespace {

unsigned counted_by(unsigned n, int direction) {
  return static_cast<unsigned>(static_cast<int>(n) + direction);
}

}  // namespace

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
  const auto cpu = static_cast<unsigned>(request.cpu);
  if (request.task == nullptr) {
    return cpu_pinned_[cpu] + std::max(tasks_everywhere_.max(), tasks_on_cpu_[cpu].max());
  }
  const auto counts = tasks_.find(request.task);
  const bool known = counts != tasks_.end();
  const unsigned everywhere = known ? counts->second.everywhere : 0;
  const std::uint8_t* const on_cpu = known ? counts->second.on_cpu.get() : nullptr;
  if (request.cpu >= 0) return cpu_pinned_[cpu] + everywhere + (on_cpu == nullptr ? 0 : on_cpu[cpu]);
  unsigned most = cpu_pinned_histogram_.max();
  for (unsigned i = 0; on_cpu != nullptr && i < cpus_; ++i) most = std::max(most, cpu_pinned_[i] + on_cpu[i]);
  return most + everywhere;
}

void SlotConstraints::toggle(const Request& request, int direction) {
  const auto cpu = static_cast<unsigned>(request.cpu);
  if (request.task == nullptr) {
    const unsigned pinned = counted_by(cpu_pinned_[cpu], direction);
    cpu_pinned_histogram_.move(cpu_pinned_[cpu], pinned);
    cpu_pinned_[cpu] = pinned;
    return;
  }
  TaskCounts& counts = tasks_[request.task];
  if (request.cpu < 0) {
    const unsigned everywhere = counted_by(counts.everywhere, direction);
    tasks_everywhere_.move(counts.everywhere, everywhere);
    for (unsigned i = 0; counts.on_cpu != nullptr && i < cpus_; ++i) {
      const unsigned bound = counts.on_cpu[i];
      if (bound != 0) tasks_on_cpu_[i].move(counts.everywhere + bound, everywhere + bound);
    }
    counts.everywhere = everywhere;
  } else {
    if (counts.on_cpu == nullptr) counts.on_cpu = std::make_unique<std::uint8_t[]>(cpus_);
    const unsigned before = counts.on_cpu[cpu];
    const unsigned after = counted_by(before, direction);
    tasks_on_cpu_[cpu].move(before == 0 ? 0 : counts.everywhere + before,
                            after == 0 ? 0 : counts.everywhere + after);
    counts.on_cpu[cpu] = static_cast<std::uint8_t>(after);
    counts.bound = counted_by(counts.bound, direction);
    if (counts.bound == 0) counts.on_cpu.reset();
  }
  if (counts.everywhere == 0 && counts.bound == 0) tasks_.erase(request.task);
}

unsigned SlotConstraints::room(const Request& request) const {
  const unsigned used = needed(request);
  return used < slots_ ? slots_ - used : 0;
}

Status SlotConstraints::reserve(const Request& request) {
  if (needed(request) + 1 > slots_) return Error{ENOSPC};
  toggle(request, +1);
  return Done{};
}

void SlotConstraints::release(const Request& request) { toggle(request, -1); }

}  // namespace trapline::kernel
