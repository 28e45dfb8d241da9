#include "emu/scenario/perf/near_misses.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

// What an access of this kind is called, and which bit of bp_type it takes.
std::string_view kind_name(isa::AccessKind kind) { return kind == isa::AccessKind::Read ? "read" : "write"; }

bool is_of_type(std::uint32_t bp_type, isa::AccessKind kind) {
  return (bp_type & (kind == isa::AccessKind::Read ? kernel::kHwBreakpointR : kernel::kHwBreakpointW)) != 0;
}

}  // namespace

std::vector<std::size_t> events_missed(const Scenario& scenario, const std::vector<EventResult>& events) {
  std::vector<std::size_t> missed;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const EventSpec& spec = scenario.events[i];
    const bool data = spec.watch && spec.attr.bp_type != kernel::kHwBreakpointX;
    if (!data || spec.observe || spec.arm || spec.disarm || !events[i].opened || events[i].error ||
        events[i].reading.count != 0)
      continue;
    const bool expected = std::ranges::any_of(scenario.expect.events, [i](const EventExpectation& expect) {
      const auto& count = expect.reading.count;
      return expect.event == i && ((count && count->value.hold(0)) || (expect.hits && expect.hits->empty()));
    });
    if (!expected) missed.push_back(i);
  }
  return missed;
}

NearMisses::NearMisses(const Scenario& scenario, std::span<const kernel::PerfEventAttr> attrs,
                       kernel::Kernel& kernel, const kernel::Task& main,
                       const std::vector<std::size_t>& events)
    : scenario_(scenario), kernel_(kernel), main_(main.tid()) {
  for (const std::size_t event : events) {
    observers_.push_back(kernel_.machine().observers().add(
        {.first = attrs[event].bp_addr, .size = attrs[event].bp_len, .reads = true, .writes = true},
        [this, event](const machine::Observation& what) { saw(event, what); }));
  }
}

NearMisses::~NearMisses() {
  for (const auto id : observers_) kernel_.machine().observers().remove(id);
}

void NearMisses::saw(std::size_t event, const machine::Observation& what) {
  ++misses_[event][why(scenario_.events[event], what)];
}

std::string NearMisses::why(const EventSpec& spec, const machine::Observation& what) const {
  const std::string_view kind = kind_name(what.access.kind);
  if (!is_of_type(spec.attr.bp_type, what.access.kind))
    return fmt::format("{}, which its `type` leaves out", kind);
  if (what.kernel && spec.attr.exclude_kernel)
    return fmt::format("{} by the kernel, which `exclude` leaves out", kind);
  if (!what.kernel && spec.attr.exclude_user)
    return fmt::format("{} by the program, which `exclude` leaves out", kind);
  if (spec.cpu && spec.cpu->value != what.cpu.index())
    return fmt::format("{} on CPU {}, and it is bound to another", kind, what.cpu.index());
  const kernel::Task* const task = kernel_.scheduler().running(what.cpu.index());
  if (task != nullptr && spec.task == 1 && task->tid() != main_) {
    return fmt::format("{} by {}/{}, and it is bound to main{}", kind, task->comm, task->tid(),
                       spec.attr.inherit ? "" : " (`inherit` is off)");
  }
  return fmt::format("{} by {} that it did not count", kind,
                     task == nullptr ? "nobody" : fmt::format("{}/{}", task->comm, task->tid()));
}

std::vector<std::string> NearMisses::of(std::size_t event) const {
  std::vector<std::string> texts;
  const auto known = misses_.find(event);
  if (known == misses_.end()) return texts;
  for (const auto& [reason, count] : known->second) {
    const std::size_t end = std::min(reason.find_first_of(" ,"), reason.size());
    const std::string kind = reason.substr(0, end);
    texts.push_back(counted(count, kind, kind + "s") + reason.substr(end));
  }
  return texts;
}

}  // namespace trapline::scenario
