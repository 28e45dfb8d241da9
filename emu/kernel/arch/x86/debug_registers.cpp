#include "emu/kernel/arch/x86/debug_registers.hpp"

#include "debugunit/x86/debug_registers.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel::x86_arch {

namespace {

namespace dr6 = debugunit::x86::dr6;
namespace dr7 = debugunit::x86::dr7;

constexpr std::uint64_t kDebugRegisters = 848;  // offsetof(struct user, u_debugreg)
constexpr unsigned kSlots = debugunit::x86::kSlots;
constexpr unsigned kDr6 = 6;
constexpr unsigned kDr7 = 7;

// DR_CONTROL_RESERVED: bits of DR7 that are dropped. GD is one of them, and so are LE, GE and what is above
// bit 31 not.
constexpr std::uint64_t kDr7Reserved = 0xffffffff0000fc00;

unsigned number_of(std::uint64_t offset) { return static_cast<unsigned>((offset - kDebugRegisters) / 8); }

struct Condition {
  bool enabled = false;
  dr7::Rw rw{};
  dr7::Len len{};
};

Condition condition_of(std::uint64_t value, unsigned slot) {
  return {(value >> (2 * slot) & 3) != 0, dr7::rw_of(value, slot), dr7::len_of(value, slot)};
}

std::uint64_t bytes_of(dr7::Len len) {
  switch (len) {
    case dr7::Len::One:
      return 1;
    case dr7::Len::Two:
      return 2;
    case dr7::Len::Eight:
      return 8;
    default:
      return 4;
  }
}

// arch_bp_generic_fields()
Status fill(PerfEventAttr& attr, const Condition& condition) {
  switch (condition.rw) {
    case dr7::Rw::Execute:
      if (condition.len != dr7::Len::One) {
        return refused(
            EINVAL, "DR7.LEN",
            "DR7.LEN of an execution breakpoint is 00b (SDM vol. 3B, 17.2.4; arch_bp_generic_fields)");
      }
      attr.bp_type = kHwBreakpointX;
      break;
    case dr7::Rw::Write:
      attr.bp_type = kHwBreakpointW;
      break;
    case dr7::Rw::ReadWrite:
      attr.bp_type = kHwBreakpointR | kHwBreakpointW;
      break;
    default:
      return refused(
          EINVAL, "DR7.R/W",
          "DR7.R/W of 10b watches I/O ports (SDM vol. 3B, 17.2.4), which Linux has no breakpoints for");
  }
  attr.bp_len = condition.rw == dr7::Rw::Execute ? sizeof(std::uint64_t) : bytes_of(condition.len);
  attr.disabled = !condition.enabled;
  return Done{};
}

Status register_breakpoint(HwBreakpoints& breakpoints, Task& task, unsigned slot, std::uint64_t address,
                           const Condition& condition) {
  PerfEventAttr attr = hw_breakpoint_init();
  attr.exclude_kernel = true;  // ptrace_breakpoint_init()
  attr.bp_addr = isa::GuestVa(address);
  if (const Status filled = fill(attr, condition); !filled) return filled;
  const auto triggered = [&task, slot](PerfEvent&, const BreakpointHit&) {
    task.breakpoints.dr6 |= dr6::b(slot);
  };
  auto event = breakpoints.register_user_hw_breakpoint(attr, triggered, task, /*ptrace=*/true);
  if (!event) return event.error();
  task.breakpoints.events[slot] = std::move(*event);
  return Done{};
}

// An address makes a breakpoint, though a disabled one: it needs a register from now on.
Status set_address(HwBreakpoints& breakpoints, Task& task, unsigned slot, std::uint64_t address) {
  PerfEventRef& event = task.breakpoints.events[slot];
  if (event == nullptr) {
    return register_breakpoint(breakpoints, task, slot, address, {false, dr7::Rw::Write, dr7::Len::One});
  }
  PerfEventAttr attr = event->attr;
  attr.bp_addr = isa::GuestVa(address);
  return breakpoints.modify_user_hw_breakpoint(*event, attr);
}

Status apply_control(HwBreakpoints& breakpoints, Task& task, std::uint64_t value) {
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    const Condition condition = condition_of(value, slot);
    PerfEventRef& event = task.breakpoints.events[slot];
    if (event == nullptr) {
      if (!condition.enabled) continue;
      if (const Status done = register_breakpoint(breakpoints, task, slot, 0, condition); !done) return done;
      continue;
    }
    PerfEventAttr attr = event->attr;
    if (const Status filled = fill(attr, condition); !filled) return filled;
    if (const Status done = breakpoints.modify_user_hw_breakpoint(*event, attr); !done) return done;
  }
  return Done{};
}

// DR7 as the breakpoints have it (ptrace_get_dr7).
std::uint64_t control_of(const Task& task) {
  std::uint64_t value = 0;
  for (unsigned slot = 0; slot < kSlots; ++slot) {
    const PerfEventRef& event = task.breakpoints.events[slot];
    if (event == nullptr || event->attr.disabled) continue;
    value |= event->hw.type << (4 * slot) | dr7::g(slot);
  }
  return value;
}

}  // namespace

Result<std::uint64_t> ptrace_get_debugreg(const Task& task, std::uint64_t offset) {
  const unsigned number = number_of(offset);
  const PtraceBreakpoints& state = task.breakpoints;
  if (number < kSlots) {
    return state.events[number] == nullptr ? 0 : state.events[number]->hw.address.value;
  }
  if (number == kDr6) return state.dr6 ^ dr6::kReset;  // as the processor has it: reserved bits are ones
  if (number == kDr7) return state.dr7;
  return std::uint64_t{0};
}

Status ptrace_set_debugreg(HwBreakpoints& breakpoints, Task& task, std::uint64_t offset,
                           std::uint64_t value) {
  const unsigned number = number_of(offset);
  PtraceBreakpoints& state = task.breakpoints;
  if (number < kSlots) return set_address(breakpoints, task, number, value);
  if (number == kDr6) {
    state.dr6 = value ^ dr6::kReset;
    return Done{};
  }
  if (number != kDr7)
    return refused(EIO, "u_debugreg",
                   "DR4 and DR5 are DR6 and DR7 by another name, and ptrace(2) sets neither");
  const std::uint64_t old = control_of(task);
  const Status done = apply_control(breakpoints, task, value & ~kDr7Reserved);
  if (done) {
    state.dr7 = value;
  } else {
    (void)apply_control(breakpoints, task, old);
  }
  return done;
}

}  // namespace trapline::kernel::x86_arch
