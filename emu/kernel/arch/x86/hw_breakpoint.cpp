#include "emu/kernel/arch/x86/hw_breakpoint.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <string>

#include "debugunit/x86/debug_registers.hpp"
#include "emu/kernel/arch/hits.hpp"
#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel::x86_arch {

using debugunit::Register;
using isa::x86::Reg;
using machine::Hex;
using machine::Layer;

namespace dr6 = debugunit::x86::dr6;
namespace dr7 = debugunit::x86::dr7;

namespace {

constexpr std::array kAddressRegisters{Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3};

// ArchHwBreakpoint::type is R/W and LEN of breakpoint 0 in DR7; those of breakpoint n stand 4 bits higher
// each.
std::uint64_t conditions(dr7::Rw rw, dr7::Len len) { return dr7::rw(0, rw) | dr7::len(0, len); }
std::uint64_t dr7_bits(unsigned slot, std::uint64_t type) { return type << (4 * slot) | dr7::g(slot); }

// x86 has no breakpoints on reads alone, nor on data and instructions at once.
Error no_such_type(std::uint32_t type) {
  return refused(EINVAL, "bp_type", [type] {
    const char* const what = type == kHwBreakpointR ? "reads alone (`r`); `rw` takes the writes as well"
                             : (type & kHwBreakpointX) != 0 ? "data and instructions at once"
                                                            : "nothing";
    return fmt::format(
        "x86-64 watches writes, reads and writes, or execution (DR7.R/W, SDM vol. 3B, 17.2.4), and "
        "not {}",
        what);
  });
}

Error not_aligned(const PerfEventAttr& attr) {
  return refused(EINVAL, "bp_addr", [address = attr.bp_addr.value, len = attr.bp_len] {
    return fmt::format(
        "x86-64 watches 1, 2, 4 or 8 bytes at a multiple of the length (SDM vol. 3B, 17.2.5); {:#x} "
        "is not a multiple of {}",
        address, len);
  });
}

constexpr std::uint64_t kDr6Traps = dr6::b(0) | dr6::b(1) | dr6::b(2) | dr6::b(3);

}  // namespace

HwBreakpointUnit::HwBreakpointUnit(const Uses& uses) : uses_(uses), cpus_(uses.cpus) {
  // First in the chain: whoever comes later sees only what is not a breakpoint's.
  constexpr int kFirst = 0x7fffffff;
  uses.die_chain.add("hw_breakpoint_exceptions_notify", kFirst,
                     [this](DieArgs& args) { return hw_breakpoint_handler(args); });
}

Result<ArchHwBreakpoint> HwBreakpointUnit::hw_breakpoint_arch_parse(const PerfEventAttr& attr) {
  ArchHwBreakpoint hw{.address = attr.bp_addr, .len = attr.bp_len};
  const std::uint64_t end = attr.bp_addr.value + attr.bp_len - 1;
  if (end < attr.bp_addr.value) {
    return refused(EINVAL, "bp_len", [address = attr.bp_addr.value, len = attr.bp_len] {
      return fmt::format("{} byte{} from {:#x} on {}", len, len == 1 ? "" : "s", address,
                         len == 0 ? "are none" : "reach beyond the last address");
    });
  }
  dr7::Rw rw{};
  switch (attr.bp_type) {
    case kHwBreakpointW:
      rw = dr7::Rw::Write;
      break;
    case kHwBreakpointR | kHwBreakpointW:
      rw = dr7::Rw::ReadWrite;
      break;
    case kHwBreakpointX:
      // The length of an instruction breakpoint is that of a long, whatever the instruction.
      if (attr.bp_len != sizeof(std::uint64_t)) {
        return refused(EINVAL, "bp_len", [len = attr.bp_len] {
          return fmt::format(
              "an execution breakpoint (`x`) has the length 8, sizeof(long), whatever the "
              "instruction, and {} is not (arch/x86/kernel/hw_breakpoint.c)",
              len);
        });
      }
      hw.type = conditions(dr7::Rw::Execute, dr7::Len::One);
      return hw;
    default:
      return no_such_type(attr.bp_type);
  }
  switch (attr.bp_len) {
    case 1:
      hw.type = conditions(rw, dr7::Len::One);
      break;
    case 2:
      hw.type = conditions(rw, dr7::Len::Two);
      break;
    case 4:
      hw.type = conditions(rw, dr7::Len::Four);
      break;
    case 8:
      hw.type = conditions(rw, dr7::Len::Eight);
      break;
    default:
      // Larger powers of two are AMD's address masks (BPEXT), which the modelled processor lacks.
      if (!std::has_single_bit(attr.bp_len)) {
        return refused(EINVAL, "bp_len", [len = attr.bp_len] {
          return fmt::format(
              "x86-64 watches 1, 2, 4 or 8 bytes (DR7.LEN, SDM vol. 3B, 17.2.4), and {} is none of "
              "these",
              len);
        });
      }
      if (attr.bp_addr.offset_in(attr.bp_len) != 0) return not_aligned(attr);
      return refused(EOPNOTSUPP, "bp_len", [len = attr.bp_len] {
        return fmt::format(
            "x86-64 watches 1, 2, 4 or 8 bytes (DR7.LEN, SDM vol. 3B, 17.2.4); {} want the address "
            "masks of AMD's processors (BPEXT), which this one does not have",
            len);
      });
  }
  if (attr.bp_addr.offset_in(attr.bp_len) != 0) return not_aligned(attr);
  return hw;
}

bool HwBreakpointUnit::arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) {
  const GuestVa task_size = Layout::of(isa::Isa::X86_64).task_size;
  return hw.address >= task_size || hw.address + (hw.len - 1) >= task_size;
}

Status HwBreakpointUnit::arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) {
  PerCpu& state = cpus_[cpu.index()];
  for (unsigned slot = 0; slot < uses_.slots; ++slot) {
    if (state.bp_per_reg[slot] != nullptr) continue;
    state.bp_per_reg[slot] = &event;
    state.dr7 |= dr7_bits(slot, event.hw.type);
    cpu.trace(Layer::HwBreakpoint, "arch_install_hw_breakpoint",
              {{"id", event.id},
               {"register", std::string(debugunit::name(kAddressRegisters[slot]))},
               {"address", Hex{event.hw.address.value}},
               {"DR7", Hex{state.dr7}}});
    // The address before its enabling, so that no moment arms a wrong one.
    cpu.write_debug_register(kAddressRegisters[slot], event.hw.address.value);
    cpu.write_debug_register(Register::Dr7, state.dr7);
    return Done{};
  }
  return Error{EBUSY};
}

void HwBreakpointUnit::arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) {
  PerCpu& state = cpus_[cpu.index()];
  for (unsigned slot = 0; slot < kHbpNum; ++slot) {
    if (state.bp_per_reg[slot] != &event) continue;
    state.bp_per_reg[slot] = nullptr;
    state.dr7 &= ~dr7_bits(slot, conditions(dr7::Rw::ReadWrite, dr7::Len::Four));
    cpu.trace(Layer::HwBreakpoint, "arch_uninstall_hw_breakpoint",
              {{"id", event.id},
               {"register", std::string(debugunit::name(kAddressRegisters[slot]))},
               {"DR7", Hex{state.dr7}}});
    cpu.write_debug_register(Register::Dr7, state.dr7);
    return;
  }
}

void HwBreakpointUnit::hw_breakpoint_disable(machine::Cpu& cpu) {
  if (cpu.read_debug_register(Register::Dr7) != 0) cpu.write_debug_register(Register::Dr7, 0);
}
void HwBreakpointUnit::hw_breakpoint_restore(machine::Cpu& cpu) const {
  const std::uint64_t dr7 = cpus_[cpu.index()].dr7;
  if (dr7 != 0) cpu.write_debug_register(Register::Dr7, dr7);
}

void HwBreakpointUnit::kernel_access(machine::Cpu& cpu, Task& task, const isa::Access& access,
                                     const machine::Cpu::Before& before) {
  const auto match = cpu.debug_unit().match(access, {.privilege = debugunit::Privilege::Kernel});
  if (!match) return;
  for (unsigned slot = 0; slot < kHbpNum; ++slot) {
    PerfEvent* const event = cpus_[cpu.index()].bp_per_reg[slot];
    if ((match->slots >> slot & 1) == 0 || event == nullptr) continue;
    BreakpointHit hit{{.cpu = cpu, .task = &task, .ip = cpu.pc(), .kernel = true}};
    hit.instruction = cpu.pc();
    hit.access = access;
    hit.before = before[slot];
    hit.after = cpu.read_watched(slot);
    uses_.hw_breakpoints.perf_bp_event(*event, hit);
  }
}

std::optional<int> HwBreakpointUnit::debug_exception(machine::Cpu& cpu, Task& task,
                                                     const machine::DebugException& exception) const {
  // DR6 is sticky, so it is read and cleared at once (debug_read_clear_dr6).
  const std::uint64_t status = cpu.read_debug_register(Register::Dr6);
  cpu.write_debug_register(Register::Dr6, dr6::kReset);
  cpu.trace(Layer::Exception, "#DB", {{"DR6", Hex{status}}, {"rip", Hex{cpu.pc().value}}});
  DieArgs args{DieVal::Debug, cpu, task, exception, status & (kDr6Traps | dr6::kBs)};
  const bool icebp = args.dr6 == 0;  // INT1: there is nothing to tell
  const bool kernel = cpu.debug_context().privilege == debugunit::Privilege::Kernel;
  // What a tracer reads as DR6 begins anew; ptrace_triggered() adds its breakpoints.
  if (!kernel) task.breakpoints.dr6 = status & dr6::kBs;
  const Notify answer =
      uses_.die_chain.call(args, [&cpu](const std::string& name) { cpu.trace(Layer::Notifier, name); });
  if (answer == Notify::Stop || kernel) return std::nullopt;  // exc_debug_kernel() sends no signal
  const std::uint64_t reasons = args.dr6 | task.breakpoints.dr6;
  if ((reasons & (dr6::kBs | kDr6Traps)) == 0 && !icebp) return std::nullopt;
  return (reasons & dr6::kBs) != 0    ? isa::linux_abi::kTrapTrace
         : (reasons & kDr6Traps) != 0 ? isa::linux_abi::kTrapHwBkpt
                                      : isa::linux_abi::kTrapBrkpt;
}

Notify HwBreakpointUnit::hw_breakpoint_handler(DieArgs& args) {
  if (args.val != DieVal::Debug || (args.dr6 & kDr6Traps) == 0) return Notify::Done;
  PerCpu& state = cpus_[args.cpu.index()];
  for (unsigned slot = 0; slot < kHbpNum; ++slot) {
    if ((args.dr6 & dr6::b(slot)) == 0) continue;
    PerfEvent* const event = state.bp_per_reg[slot];
    if (event == nullptr) {
      args.dr6 &= ~dr6::b(slot);
      continue;
    }
    // A step is a trap and an instruction breakpoint a fault: where DR6 has both, the breakpoint comes
    // again by itself.
    const bool execute = dr7::rw_of(event->hw.type, 0) == dr7::Rw::Execute;
    if (execute && (args.dr6 & dr6::kBs) != 0) continue;
    args.dr6 &= ~dr6::b(slot);
    BreakpointHit hit = hit_of(args.cpu, args.task, args.exception, slot);
    uses_.hw_breakpoints.perf_bp_event(*event, hit);
    // An instruction breakpoint comes before its instruction: RF lets that pass once on the way back.
    if (execute) {
      args.cpu.set(Reg::rflags, args.cpu.get(Reg::rflags) | isa::x86::kRf);
    }
  }
  const bool ptrace = (args.task.breakpoints.dr6 & kDr6Traps) != 0;
  return !ptrace && args.dr6 == 0 ? Notify::Stop : Notify::Done;
}

}  // namespace trapline::kernel::x86_arch
