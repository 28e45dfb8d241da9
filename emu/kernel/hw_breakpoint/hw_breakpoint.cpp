#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "emu/kernel/task/task.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

using machine::Hex;
using machine::Layer;

namespace {

SlotConstraints::Request request_of(const PerfEvent& event) { return {event.task, event.cpu}; }

// Those that may need a register of the CPU at once with what `task` asks for: of the CPU's own, and of that
// task; where none asks, of the task that has most there.
std::vector<const PerfEvent*> holders_on(const std::list<const PerfEvent*>& all, const Task* task,
                                         unsigned cpu) {
  std::vector<const PerfEvent*> holders;
  std::vector<std::vector<const PerfEvent*>> of_tasks;
  for (const PerfEvent* const event : all) {
    if (event->cpu >= 0 && static_cast<unsigned>(event->cpu) != cpu) continue;
    if (event->task == nullptr) {
      holders.push_back(event);
      continue;
    }
    if (task != nullptr && event->task != task) continue;
    const auto same = std::ranges::find_if(
        of_tasks, [event](const auto& events) { return events.front()->task == event->task; });
    if (same == of_tasks.end())
      of_tasks.push_back({event});
    else
      same->push_back(event);
  }
  const auto most = std::ranges::max_element(
      of_tasks, {}, [](const std::vector<const PerfEvent*>& events) { return events.size(); });
  if (most != of_tasks.end()) holders.insert(holders.end(), most->begin(), most->end());
  return holders;
}

// By the name that its front end gave it, and whose it is: "writes (counter/1000)".
std::string holder_name(const PerfEvent& event) {
  const PerfEvent& opened = event.parent != nullptr ? *event.parent : event;
  const std::string what = event.ptrace           ? "ptrace"
                           : opened.label.empty() ? fmt::format("event {}", opened.id)
                                                  : opened.label;
  const std::string whose =
      event.task == nullptr ? "" : fmt::format("{}/{}", event.task->comm, event.task->tid());
  const std::string where =
      event.cpu < 0 ? "" : fmt::format("{}CPU {}", whose.empty() ? "" : ", ", event.cpu);
  return fmt::format("{} ({}{})", what, whose, where);
}

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
    const SlotConstraints::Request request = request_of(event);
    if (!constraints_.reserve(request))
      return refused(ENOSPC, "", [this, request] { return why_no_slot(request); });
    event.slot_reserved = true;
    event.slot_holder = slot_holders_.insert(slot_holders_.end(), &event);
    return Done{};
  }
  const auto breakpoint = [this](const PerfEvent* member) { return member->pmu == this; };
  const auto members = static_cast<unsigned>(std::ranges::count_if(leader.siblings, breakpoint)) +
                       (!event.group_leader() && breakpoint(&leader) ? 1 : 0);
  const unsigned room = constraints_.room(request_of(event));
  if (members < room) return Done{};
  return refused(ENOSPC, "group_fd", [this, members, room] {
    return fmt::format(
        "all of a group are on at once: it would have {} breakpoints, and of {} registers {} for it "
        "beside what is pinned",
        members + 1, constraints_.slots(), room == 1 ? "1 is left" : fmt::format("{} are left", room));
  });
}

Status HwBreakpoints::reserve_bp_slot(PerfEvent& event) {
  const std::uint32_t type = event.attr.bp_type;
  if (type == kHwBreakpointEmpty || type == kHwBreakpointInvalid) {
    return refused(
        EINVAL, "bp_type",
        "a breakpoint watches something (HW_BREAKPOINT_R, _W, _X), and not data and instructions at once");
  }
  if (const Status room = take_slot(event); !room) return room;
  if (!event.slot_reserved) return Done{};
  const Status reserved = arch_.arch_reserve_bp_slot(event);
  if (!reserved) give_slot_back(event);
  return reserved;
}

void HwBreakpoints::release_bp_slot(PerfEvent& event) {
  if (!event.slot_reserved) return;
  arch_.arch_release_bp_slot(event);
  give_slot_back(event);
}

void HwBreakpoints::give_slot_back(PerfEvent& event) {
  event.slot_reserved = false;
  slot_holders_.erase(event.slot_holder);
  constraints_.release(request_of(event));
}

// The fullest of the CPUs that the request concerns, and for whom its registers are kept.
std::string HwBreakpoints::why_no_slot(const SlotConstraints::Request& request) const {
  std::vector<const PerfEvent*> most;
  unsigned fullest = 0;
  const auto first = static_cast<unsigned>(std::max(request.cpu, 0));
  const unsigned end = request.cpu < 0 ? core_.cpus() : first + 1;
  for (unsigned cpu = first; cpu < end; ++cpu) {
    std::vector<const PerfEvent*> here = holders_on(slot_holders_, request.task, cpu);
    if (here.size() <= most.size()) continue;
    most = std::move(here);
    fullest = cpu;
  }
  const unsigned slots = constraints_.slots();
  std::string text =
      fmt::format("CPU {} has {} breakpoint register{}, kept for ", fullest, slots, slots == 1 ? "" : "s");
  constexpr std::size_t kMostNamed = 8;
  for (std::size_t i = 0; i < std::min(most.size(), kMostNamed); ++i)
    text += (i == 0 ? "" : ", ") + holder_name(*most[i]);
  if (most.size() > kMostNamed) text += fmt::format(" and {} more", most.size() - kMostNamed);
  return text;
}

Result<ArchHwBreakpoint> HwBreakpoints::hw_breakpoint_parse(const PerfEventAttr& attr) const {
  auto hw = arch_.hw_breakpoint_arch_parse(attr);
  if (!hw) return hw;
  // A guest program is root, so kernel addresses are allowed; but not where the event would then never count.
  if (arch_.arch_check_bp_in_kernelspace(*hw) && attr.exclude_kernel) {
    return refused(EINVAL, "bp_addr", [address = attr.bp_addr.value] {
      return fmt::format(
          "{:#x} is the kernel's, and what the kernel does is excluded (exclude_kernel): it would "
          "never count",
          address);
    });
  }
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
  if ((event.attr.sample_type & kSampleBranchStack) != 0)
    return refused(EOPNOTSUPP, "sample_type", "a breakpoint has no branch stack");
  if (const Status slots = arch_.hw_breakpoint_slots(event.attr.bp_type); !slots) return slots;
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
  const Status changed =
      rest == breakpoint.attr
          ? change(breakpoint, attr)
          : Status(refused(EINVAL, "",
                           "MODIFY_ATTRIBUTES changes bp_addr, bp_type, bp_len and disabled, and all else of "
                           "struct perf_event_attr is as the event was opened"));
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

void HwBreakpoints::stray_hit(PerfEvent& event, const BreakpointHit& hit) {
  ++event.stray_hits;
  if (const auto& told = event.opened().stray) told(event, hit);
}

void HwBreakpoints::perf_bp_event(PerfEvent& event, BreakpointHit& hit) {
  hit.cpu.trace(Layer::HwBreakpoint, "perf_bp_event",
                {{"id", event.id}, {"address", Hex{event.attr.bp_addr.value}}, {"ip", Hex{hit.ip.value}}});
  if (hit.kernel ? event.attr.exclude_kernel : event.attr.exclude_user) return;
  hit.address = event.attr.bp_addr;
  core_.swevent(event, 1, hit);
}

}  // namespace trapline::kernel
