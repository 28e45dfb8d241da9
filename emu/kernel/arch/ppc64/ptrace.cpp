#include "emu/kernel/arch/ppc64/ptrace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel::ppc64_arch {

namespace {

// asm/ptrace.h
enum Request : std::uint64_t {
  kGetDebugReg = 25,
  kSetDebugReg = 26,
  kDelHwDebug = 0x87,
  kSetHwDebug = 0x88,
  kGetHwDbgInfo = 0x89,
};

// Bits of a DABR value, and of the kernel's HW_BRK_TYPE_*.
constexpr std::uint64_t kRead = 1;
constexpr std::uint64_t kWrite = 2;
constexpr std::uint64_t kTranslate = 4;
constexpr std::uint64_t kFlags = kRead | kWrite | kTranslate;
constexpr std::uint64_t kDabrLength = 8;  // DABR_MAX_LEN

constexpr int kEnotSupp = 524;  // ENOTSUPP, which no C library has a name for

std::uint32_t bp_type(bool read, bool write) {
  return (read ? kHwBreakpointR : 0) | (write ? kHwBreakpointW : 0);
}

// A breakpoint of the tracer's. It disables itself when it is hit: the interface has been one-shot since
// DABR.
Result<PerfEventRef> register_breakpoint(const DebugRegisters& registers, Task& target, std::uint64_t address,
                                         std::uint64_t length, std::uint32_t type) {
  PerfEventAttr attr = hw_breakpoint_init();
  attr.bp_addr = GuestVa(address);
  attr.bp_len = length;
  attr.bp_type = type;
  const auto triggered = [&breakpoints = registers.hw_breakpoints](PerfEvent& event, const BreakpointHit&) {
    PerfEventAttr once = event.attr;
    once.disabled = true;
    (void)breakpoints.modify_user_hw_breakpoint(event, once);
  };
  return registers.hw_breakpoints.register_user_hw_breakpoint(attr, triggered, target, /*ptrace=*/true);
}

SyscallResult get_debugreg(Syscall& call, const Task& target) {
  if (call.args[2] > 0) return Error{EINVAL};  // one DABR, and no IABR
  return call.mm().write_word(call.address(3), target.breakpoints.dabr, 8) ? SyscallResult(std::uint64_t{0})
                                                                           : Error{EFAULT};
}

SyscallResult set_debugreg(Syscall& call, Task& target, const DebugRegisters& registers) {
  const std::uint64_t data = call.args[3];
  if (call.args[2] > 0) return refused(EINVAL, "addr", "PTRACE_SET_DEBUGREG knows one register, number 0");
  if ((data & ~kFlags) >= call.mm().layout().task_size.value)
    return refused(EIO, "data", "the address is not one of user memory (TASK_SIZE)");
  if (data != 0 && (data & kTranslate) == 0)
    return refused(EIO, "data", "DABR.BT (4) must be set: a program's accesses are translated");
  PerfEventRef& event = target.breakpoints.events[0];
  const bool wanted = (data & (kRead | kWrite)) != 0;
  if (!wanted) {
    event.reset();
    return 0;
  }
  const std::uint32_t type = bp_type((data & kRead) != 0, (data & kWrite) != 0);
  if (event != nullptr) {
    PerfEventAttr attr = event->attr;
    attr.bp_addr = GuestVa(data & ~kFlags);
    attr.bp_len = kDabrLength;
    attr.bp_type = type;
    attr.disabled = false;
    const Status done = registers.hw_breakpoints.modify_user_hw_breakpoint(*event, attr);
    if (!done) return done.error();
  } else {
    auto made = register_breakpoint(registers, target, data & ~kFlags, kDabrLength, type);
    if (!made) return made.error();
    event = std::move(*made);
  }
  target.breakpoints.dabr = data;
  return 0;
}

// struct ppc_debug_info: six 32-bit words, and the features.
SyscallResult get_info(Syscall& call, const DebugRegisters& registers) {
  constexpr std::uint64_t kRange = 4, kDawr = 0x10, kArch31 = 0x20;  // PPC_DEBUG_FEATURE_DATA_BP_*
  const debugunit::Model model = registers.model;
  std::uint64_t features = kRange;
  if (model != debugunit::Model::Dabr) features |= kDawr;
  if (model == debugunit::Model::Dawr2) features |= kArch31;
  const std::array<std::uint64_t, 6> words{1, 0, registers.slots, 0, sizeof(std::uint64_t), 0};
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!call.mm().write_word(call.address(3) + 4 * i, words[i], 4)) return Error{EFAULT};
  }
  return call.mm().write_word(call.address(3) + 24, features, 8) ? SyscallResult(std::uint64_t{0})
                                                                 : Error{EFAULT};
}

// struct ppc_hw_breakpoint: version, trigger_type, addr_mode, condition_mode; addr, addr2, condition_value.
SyscallResult set_hwdebug(Syscall& call, Task& target, const DebugRegisters& registers) {
  enum : std::uint64_t { kTriggerRead = 2, kTriggerWrite = 4 };
  enum : std::uint64_t { kExact = 0, kRangeInclusive = 1 };
  std::array<std::uint64_t, 4> words{};
  std::array<std::uint64_t, 3> values{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto word = call.mm().read_word(call.address(3) + 4 * i, 4);
    if (!word) return Error{EFAULT};
    words[i] = *word;
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = call.mm().read_word(call.address(3) + 16 + 8 * i, 8);
    if (!value) return Error{EFAULT};
    values[i] = *value;
  }
  const auto [version, trigger, mode, condition] = words;
  if (version != 1) return refused(kEnotSupp, "version", "struct ppc_hw_breakpoint has version 1");
  constexpr std::uint64_t kReadWrite = kTriggerRead | kTriggerWrite;
  if ((trigger & kReadWrite) == 0 || (trigger & ~kReadWrite) != 0) {
    return refused(
        EINVAL, "trigger_type",
        "a trigger is PPC_BREAKPOINT_TRIGGER_READ (2), _WRITE (4) or both: there are no registers for "
        "breakpoints on instructions");
  }
  if (condition != 0)
    return refused(EINVAL, "condition_mode",
                   "neither DABR nor DAWR has conditions (PPC_BREAKPOINT_CONDITION_NONE)");
  if (values[0] >= call.mm().layout().task_size.value)
    return refused(EIO, "addr", "the address is not one of user memory (TASK_SIZE)");
  if (mode != kExact && mode != kRangeInclusive) {
    return refused(EINVAL, "addr_mode",
                   "an address is exact (PPC_BREAKPOINT_MODE_EXACT) or begins a range (_RANGE_INCLUSIVE)");
  }
  // "Inclusive" it is by name: the second address is the first one past the range.
  const std::uint64_t length = mode == kExact ? 1 : values[1] - values[0];
  const auto events = std::span(target.breakpoints.events).first(std::min(registers.slots, 4u));
  const auto empty = std::ranges::find_if(events, [](const PerfEventRef& event) { return event == nullptr; });
  if (empty == events.end()) {
    return refused(ENOSPC, "", [slots = events.size()] {
      return fmt::format(
          "the task has as many watchpoints as the processor has registers, {} (PPC_PTRACE_GETHWDBGINFO); "
          "PPC_PTRACE_DELHWDEBUG gives one back, also where its hit has disabled it",
          slots);
    });
  }
  auto made = register_breakpoint(registers, target, values[0], length,
                                  bp_type((trigger & kTriggerRead) != 0, (trigger & kTriggerWrite) != 0));
  if (!made) return made.error();
  *empty = std::move(*made);
  return static_cast<std::uint64_t>(empty - events.begin()) + 1;
}

SyscallResult del_hwdebug(Syscall& call, Task& target, const DebugRegisters& registers) {
  const std::uint64_t handle = call.args[3];
  if (handle < 1 || handle > std::min(registers.slots, 4u))
    return refused(EINVAL, "data", "the handle is none that PPC_PTRACE_SETHWDEBUG can have returned");
  PerfEventRef& event = target.breakpoints.events[handle - 1];
  if (event == nullptr) return refused(ENOENT, "data", "there is no watchpoint of this handle any more");
  event.reset();
  return 0;
}

}  // namespace

SyscallResult ptrace_request(Syscall& call, Task& target, const DebugRegisters& registers) {
  switch (call.args[0]) {
    case kGetDebugReg:
      return get_debugreg(call, target);
    case kSetDebugReg:
      return set_debugreg(call, target, registers);
    case kGetHwDbgInfo:
      return get_info(call, registers);
    case kSetHwDebug:
      return set_hwdebug(call, target, registers);
    case kDelHwDebug:
      return del_hwdebug(call, target, registers);
    default:
      return Error{EIO};
  }
}

}  // namespace trapline::kernel::ppc64_arch
