// The core API of hardware breakpoints and the breakpoint PMU below it (kernel/events/hw_breakpoint.c): every
// breakpoint, from whichever front end, is a perf event that goes through here.
#pragma once

#include <list>
#include <string>
#include <vector>

#include "emu/kernel/hw_breakpoint/arch.hpp"
#include "emu/kernel/hw_breakpoint/slots.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

class HwBreakpoints final : public Pmu {
 public:
  // `share_slots`: KernelSpec::share_slots.
  HwBreakpoints(PerfCore& core, HwBreakpointArch& arch, unsigned slots, bool share_slots);

  // A breakpoint on a task, wherever it runs; `triggered` is called at each hit. `ptrace`: PerfEvent::ptrace.
  // EINVAL, EOPNOTSUPP: the instruction set has no such breakpoint; ENOSPC: no slot left; EPERM: a kernel
  // address.
  Result<PerfEventRef> register_user_hw_breakpoint(const PerfEventAttr& attr,
                                                   PerfEvent::OverflowHandler triggered, Task& task,
                                                   bool ptrace = false);
  // Gives a breakpoint another address, type, length or state. On an error it is as before.
  Status modify_user_hw_breakpoint(PerfEvent& breakpoint, const PerfEventAttr& attr);
  // PERF_EVENT_IOC_MODIFY_ATTRIBUTES: EINVAL where something changes that is not the breakpoint's own. It is
  // enabled again, unless the attributes that it then has say otherwise.
  Status modify_breakpoint(PerfEvent& breakpoint, const PerfEventAttr& attr);
  // One on each of `cpus`, or none at all.
  Result<std::vector<PerfEventRef>> register_wide_hw_breakpoint(const PerfEventAttr& attr,
                                                                const PerfEvent::OverflowHandler& triggered,
                                                                const std::vector<unsigned>& cpus);

  // A register of the hardware matched for this event.
  void perf_bp_event(PerfEvent& event, BreakpointHit& hit);
  // It matched outside of the bytes asked for: nobody is told, but who observes the event from outside.
  static void stray_hit(PerfEvent& event, const BreakpointHit& hit);

  std::string_view name() const override { return "breakpoint"; }
  Status event_init(PerfEvent& event) override;
  void release(PerfEvent& event) override;
  Status add(PerfEvent& event, machine::Cpu& cpu) override;
  void del(PerfEvent& event, machine::Cpu& cpu) override;
  // With a register kept for each, none is ever missing: the PMU is one of software (perf_sw_context).
  bool software() const override { return !share_slots_; }

 private:
  Status register_perf_hw_breakpoint(PerfEvent& event);
  Status change(PerfEvent& breakpoint, const PerfEventAttr& attr);
  Status reserve_bp_slot(PerfEvent& event);
  Status take_slot(PerfEvent& event);
  void release_bp_slot(PerfEvent& event);
  Result<ArchHwBreakpoint> hw_breakpoint_parse(const PerfEventAttr& attr) const;
  void give_slot_back(PerfEvent& event);
  std::string why_no_slot(const SlotConstraints::Request& request) const;

  PerfCore& core_;
  HwBreakpointArch& arch_;
  SlotConstraints constraints_;
  std::list<const PerfEvent*> slot_holders_;  // for which registers are kept, as they came
  bool share_slots_;
};

// The attributes that callers of the core API start from (hw_breakpoint_init): pinned, and every hit an
// overflow.
PerfEventAttr hw_breakpoint_init();

}  // namespace trapline::kernel
