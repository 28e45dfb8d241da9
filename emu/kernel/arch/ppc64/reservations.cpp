#include "emu/kernel/arch/ppc64/reservations.hpp"

#include <algorithm>

#include "debugunit/ppc64/dawr.hpp"

namespace trapline::kernel::ppc64 {

namespace {

WatchedRange range_of(const PerfEventAttr& attr) { return WatchedRange::of(attr.bp_addr, attr.bp_len); }

// Others are refused when they are parsed, which comes after the reservation.
bool watchable(const WatchedRange& range) {
  return range.first < range.end && range.size() <= debugunit::ppc64::kRangeLimit;
}

// Calls visit(number, mask) for each block that the range is in, with the doublewords in it.
template <class Visit>
void for_each_block(const WatchedRange& range, unsigned in_block, const Visit& visit) {
  std::uint64_t first = range.first.value / kHwBreakpointSize;
  const std::uint64_t last = (range.end.value - 1) / kHwBreakpointSize;
  while (first <= last) {
    const std::uint64_t number = first / in_block;
    const std::uint64_t here = std::min(last, number * in_block + in_block - 1);
    visit(number, ~std::uint64_t{0} >> (in_block - 1 - (here - first)) << first % in_block);
    first = here + 1;
  }
}

}  // namespace

bool Reservations::Doublewords::any(const WatchedRange& range) const {
  bool found = false;
  for_each_block(range, kInBlock, [&](std::uint64_t number, std::uint64_t mask) {
    const auto block = blocks_.find(number);
    found = found || (block != blocks_.end() && (block->second->watched & mask) != 0);
  });
  return found;
}

void Reservations::Doublewords::change(const WatchedRange& range, int direction) {
  for_each_block(range, kInBlock, [&](std::uint64_t number, std::uint64_t mask) {
    auto& block = blocks_[number];
    if (block == nullptr) block = std::make_unique<Block>();
    for (; mask != 0; mask &= mask - 1) {
      std::uint32_t& count = block->counts[static_cast<unsigned>(std::countr_zero(mask))];
      count += static_cast<std::uint32_t>(direction);
      const std::uint64_t bit = mask & -mask;
      block->watched = count == 0 ? block->watched & ~bit : block->watched | bit;
    }
    if (block->watched == 0) blocks_.erase(number);
  });
}

bool Reservations::conflicts(const PerfEvent& event) const {
  const WatchedRange range = range_of(event.attr);
  if (event.task != nullptr) {
    const auto in_the_way = [&](const Known& other) {
      return other.event != nullptr && other.ptrace != event.ptrace && range.overlaps(other.range);
    };
    const auto own = of_tasks_.find(event.task);
    if (own != of_tasks_.end() && std::ranges::any_of(own->second, in_the_way)) return true;
  }
  // A tracer's meets all that are bound to a CPU, and one that is bound to a CPU alone meets every task.
  if (!event.ptrace && event.task != nullptr) return false;
  if (watchable(range)) return event.ptrace ? of_cpus_.any(range) : of_tracers_.any(range);
  return std::ranges::any_of(counted_, [&](const auto& other) {
    return other.first->ptrace != event.ptrace && range.overlaps(other.second);
  });
}

// Among its task's, or null: it is bound to a CPU, or was not added.
Reservations::Known* Reservations::known(const PerfEvent& event) {
  if (event.task == nullptr || event.cpu >= 0) return nullptr;
  const auto own = of_tasks_.find(event.task);
  if (own == of_tasks_.end()) return nullptr;
  Known* const at = std::ranges::find(own->second, &event, &Known::event);
  return at == own->second.end() ? nullptr : at;
}

void Reservations::add(const PerfEvent& event) {
  const WatchedRange range = range_of(event.attr);
  if (event.task != nullptr && event.cpu < 0) {
    *std::ranges::find(of_tasks_[event.task], nullptr, &Known::event) = {&event, range, event.ptrace};
  }
  if (!event.ptrace && event.cpu < 0) return;
  counted_[&event] = range;
  if (watchable(range)) side_of(event).add(range);
}

void Reservations::remove(const PerfEvent& event) {
  if (Known* const own = known(event)) {
    *own = {};
    const auto all = of_tasks_.find(event.task);
    if (std::ranges::count(all->second, nullptr, &Known::event) == kHbpNumMax) of_tasks_.erase(all);
  }
  if (const auto counted = counted_.find(&event); counted != counted_.end()) {
    if (watchable(counted->second)) side_of(event).remove(counted->second);
    counted_.erase(counted);
  }
}

void Reservations::move(const PerfEvent& event, const PerfEventAttr& to) {
  if (Known* const own = known(event)) own->range = range_of(to);
  const auto counted = counted_.find(&event);
  if (counted == counted_.end()) return;
  WatchedRange& range = counted->second;
  if (watchable(range)) side_of(event).remove(range);
  range = range_of(to);
  if (watchable(range)) side_of(event).add(range);
}

}  // namespace trapline::kernel::ppc64
