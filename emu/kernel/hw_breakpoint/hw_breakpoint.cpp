#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"

#include <algorithm>
#include <utility>

#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

using machine::Hex;
using machine::Layer;

namespace {

SlotConstraints::Request request_of(const PerfEvent& event) { return {event.task, event.cpu}; }

}  // namespace

PerfEventAttr hw_breakpoint_init() {
  PerfEventAttr attr;
  attr.type = kPerfTypeBreakpoint;
  attr.pinned = true;
  attr.sample_period = 1;
  return attr;
}

HwBreakpoints::HwBreakpoints(PerfCore& core, HwBreakpointArch& arch, unsigned slots, bool share_slots)
    : core_(core), arch_(arch), constraints_(core.cpus(), slots), share_slots_(share_slots) {
  // A machine without breakpoint registers has no breakpoint PMU: opening one is ENOENT, as without
  // CONFIG_HAVE_HW_BREAKPOINT.
  if (slots != 0) core.register_pmu(*this);
}

// Where registers are shared, none is kept for a group that is not pinned; but all of it must fit beside what
// is.
Status HwBreakpoints::take_slot(PerfEvent& event) {
  const PerfEvent& leader = *event.leader;
  if (!share_slots_ || leader.attr.pinned) {
    const Status reserved = constraints_.reserve(request_of(event));
    event.slot_reserved = static_cast<bool>(reserved);
    return reserved;
  }
  const auto breakpoint = [this](const PerfEvent* member) { return member->pmu == this; };
  const auto members = static_cast<unsigned>(std::ranges::count_if(leader.siblings, breakpoint)) +
                       (!event.group_leader() && breakpoint(&leader) ? 1 : 0);
  return members < constraints_.room(request_of(event)) ? Status(Done{}) : Error{ENOSPC};
}

Status HwBreakpoints::reserve_bp_slot(PerfEvent& event) {
  const std::uint32_t type = event.attr.bp_type;
  if (type == kHwBreakpointEmpty || type == kHwBreakpointInvalid) return Error{EINVAL};
  if (const Status room = take_slot(event); !room) return room;
  if (!event.slot_reserved) return Done{};
  const Status reserved = arch_.arch_reserve_bp_slot(event);
  if (!reserved) {
    constraints_.release(request_of(event));
    event.slot_reserved = false;
  }
  return reserved;
}

void HwBreakpoints::release_bp_slot(PerfEvent& event) {
  if (!std::exchange(event.slot_reserved, false)) return;
  arch_.arch_release_bp_slot(event);
  constraints_.release(request_of(event));
}

Result<ArchHwBreakpoint> HwBreakpoints::hw_breakpoint_parse(const PerfEventAttr& attr) const {
  auto hw = arch_.hw_breakpoint_arch_parse(attr);
  if (!hw) return hw;
  // A guest program is root, so kernel addresses are allowed; but not where the event would then never count.
  if (arch_.arch_check_bp_in_kernelspace(*hw) && attr.exclude_kernel) return Error{EINVAL};
  return hw;
}

Status HwBreakpoints::register_perf_hw_breakpoint(PerfEvent& event) {
  if (const Status reserved = reserve_bp_slot(event); !reserved) return reserved;
  auto hw = hw_breakpoint_parse(event.attr);
  if (!hw) {
    release_bp_slot(event);
    return hw.error();
  }
  event.hw = *hw;
  return Done{};
}

Status HwBreakpoints::event_init(PerfEvent& event) {
  if (event.attr.type != kPerfTypeBreakpoint) return Error{ENOENT};
  const bool branches = (event.attr.sample_type & kSampleBranchStack) != 0;
  if (branches || !arch_.has_hw_breakpoints_of(event.attr.bp_type)) return Error{EOPNOTSUPP};
  return register_perf_hw_breakpoint(event);
}

void HwBreakpoints::release(PerfEvent& event) { release_bp_slot(event); }

Status HwBreakpoints::add(PerfEvent& event, machine::Cpu& cpu) {
  return arch_.arch_install_hw_breakpoint(event, cpu);
}

void HwBreakpoints::del(PerfEvent& event, machine::Cpu& cpu) {
  arch_.arch_uninstall_hw_breakpoint(event, cpu);
}

Result<PerfEventRef> HwBreakpoints::register_user_hw_breakpoint(const PerfEventAttr& attr,
                                                                PerfEvent::OverflowHandler triggered,
                                                                Task& task, bool ptrace) {
  PerfCore::Request request{attr, &task, -1};
  request.overflow = std::move(triggered);
  request.ptrace = ptrace;
  return core_.open(request);
}

// The breakpoint is off. What it was given before stays where the new is refused.
Status HwBreakpoints::change(PerfEvent& breakpoint, const PerfEventAttr& attr) {
  auto hw = hw_breakpoint_parse(attr);
  if (!hw) return hw.error();
  arch_.arch_move_bp_slot(breakpoint, attr);
  breakpoint.attr.bp_addr = attr.bp_addr;
  breakpoint.attr.bp_type = attr.bp_type;
  breakpoint.attr.bp_len = attr.bp_len;
  breakpoint.attr.disabled = attr.disabled;
  breakpoint.hw = *hw;
  return Done{};
}

Status HwBreakpoints::modify_user_hw_breakpoint(PerfEvent& breakpoint, const PerfEventAttr& attr) {
  core_.disable_one(breakpoint);
  const Status changed = change(breakpoint, attr);
  if (!breakpoint.attr.disabled) core_.enable_one(breakpoint);
  return changed;
}

Status HwBreakpoints::modify_breakpoint(PerfEvent& breakpoint, const PerfEventAttr& attr) {
  breakpoint.attr.sig_data = attr.sig_data;
  core_.disable_one(breakpoint);
  PerfEventAttr rest = attr;
  rest.bp_addr = breakpoint.attr.bp_addr;
  rest.bp_type = breakpoint.attr.bp_type;
  rest.bp_len = breakpoint.attr.bp_len;
  rest.disabled = breakpoint.attr.disabled;
  const Status changed = rest == breakpoint.attr ? change(breakpoint, attr) : Status(Error{EINVAL});
  if (!breakpoint.attr.disabled) core_.enable_one(breakpoint);
  return changed;
}

Result<std::vector<PerfEventRef>> HwBreakpoints::register_wide_hw_breakpoint(
    const PerfEventAttr& attr, const PerfEvent::OverflowHandler& triggered,
    const std::vector<unsigned>& cpus) {
  std::vector<PerfEventRef> events;
  for (const unsigned cpu : cpus) {
    PerfCore::Request request{attr, nullptr, static_cast<int>(cpu)};
    request.overflow = triggered;
    auto event = core_.open(request);
    if (!event) return event.error();
    events.push_back(std::move(*event));
  }
  return events;
}

void HwBreakpoints::perf_bp_event(PerfEvent& event, BreakpointHit& hit) {
  hit.cpu.trace(Layer::HwBreakpoint, "perf_bp_event",
                {{"id", event.id}, {"address", Hex{event.attr.bp_addr.value}}, {"ip", Hex{hit.ip.value}}});
  if (hit.kernel ? event.attr.exclude_kernel : event.attr.exclude_user) return;
  hit.address = event.attr.bp_addr;
  core_.swevent(event, 1, hit);
}

}  // namespace trapline::kernel
