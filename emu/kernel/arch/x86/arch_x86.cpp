// x86-64: system call ABI, program start, and arch/x86/kernel/hw_breakpoint.c.
#include <array>
#include <bit>
#include <vector>

#include "debugunit/x86/debug_registers.hpp"
#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/arch/hits.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

using debugunit::Register;
using isa::x86::Reg;

namespace dr6 = debugunit::x86::dr6;
namespace dr7 = debugunit::x86::dr7;

constexpr unsigned kHbpNum = debugunit::x86::kSlots;  // HBP_NUM
constexpr std::array kAddressRegisters{Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3};

// ArchHwBreakpoint::type is R/W and LEN of breakpoint 0 in DR7; those of breakpoint n stand 4 bits higher
// each.
std::uint64_t conditions(dr7::Rw rw, dr7::Len len) { return dr7::rw(0, rw) | dr7::len(0, len); }
std::uint64_t dr7_bits(unsigned slot, std::uint64_t type) { return type << (4 * slot) | dr7::g(slot); }

constexpr std::uint64_t kDr6Traps = dr6::b(0) | dr6::b(1) | dr6::b(2) | dr6::b(3);

class X86Arch final : public Arch {
 public:
  explicit X86Arch(Kernel& kernel) : kernel_(kernel), cpus_(kernel.machine().cpus()) {
    // First in the chain: whoever comes later sees only what is not a breakpoint's.
    constexpr int kFirst = 0x7fffffff;
    kernel.die_chain().add("hw_breakpoint_exceptions_notify", kFirst,
                           [this](DieArgs& args) { return hw_breakpoint_handler(args); });
  }

  SyscallRegisters syscall_registers(machine::Cpu& cpu) const override {
    // System V ABI, AMD64 supplement, A.2.1. SYSCALL itself leaves RIP in RCX and RFLAGS in R11.
    SyscallRegisters call;
    call.number = cpu.get(Reg::rax);
    call.args = {cpu.get(Reg::rdi), cpu.get(Reg::rsi), cpu.get(Reg::rdx),
                 cpu.get(Reg::r10), cpu.get(Reg::r8),  cpu.get(Reg::r9)};
    cpu.set(Reg::rcx, cpu.pc().value);
    cpu.set(Reg::r11, cpu.get(Reg::rflags));
    return call;
  }

  void set_syscall_result(machine::Cpu& cpu, const SyscallResult& result) const override {
    cpu.set(Reg::rax, result ? *result : static_cast<std::uint64_t>(-std::int64_t{result.error().number}));
  }

  bool start_thread(machine::Cpu& cpu, Mm& /*mm*/, const LoadedProgram& program,
                    GuestVa stack) const override {
    cpu.load_fresh();
    cpu.set(Reg::rsp, stack.value);
    cpu.set_pc(program.entry);
    return true;
  }

  std::string_view platform() const override { return "x86_64"; }
  std::uint64_t hwcap() const override { return 0x078bfbfd; }  // CPUID.01H:EDX of the engine's CPU model
  std::string_view machine_name() const override { return "x86_64"; }

  Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const override {
    ArchHwBreakpoint hw{.address = attr.bp_addr, .len = attr.bp_len};
    const std::uint64_t end = attr.bp_addr.value + attr.bp_len - 1;
    if (end < attr.bp_addr.value) return Error{EINVAL};
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
        if (attr.bp_len != sizeof(std::uint64_t)) return Error{EINVAL};
        hw.type = conditions(dr7::Rw::Execute, dr7::Len::One);
        return hw;
      default:
        return Error{EINVAL};  // x86 has no breakpoints on reads alone, nor on data and instructions at once
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
        if (!std::has_single_bit(attr.bp_len) || attr.bp_addr.offset_in(attr.bp_len) != 0)
          return Error{EINVAL};
        return Error{EOPNOTSUPP};
    }
    if (attr.bp_addr.offset_in(attr.bp_len) != 0) return Error{EINVAL};
    return hw;
  }

  bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) const override {
    const GuestVa task_size = Layout::of(isa::Isa::X86_64).task_size;
    return hw.address >= task_size || hw.address + (hw.len - 1) >= task_size;
  }

  Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    PerCpu& state = cpus_[cpu.index()];
    for (unsigned slot = 0; slot < kHbpNum; ++slot) {
      if (state.bp_per_reg[slot] != nullptr) continue;
      state.bp_per_reg[slot] = &event;
      state.dr7 |= dr7_bits(slot, event.hw.type);
      kernel_.trace(cpu, Layer::HwBreakpoint, "arch_install_hw_breakpoint",
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

  void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    PerCpu& state = cpus_[cpu.index()];
    for (unsigned slot = 0; slot < kHbpNum; ++slot) {
      if (state.bp_per_reg[slot] != &event) continue;
      state.bp_per_reg[slot] = nullptr;
      state.dr7 &= ~dr7_bits(slot, conditions(dr7::Rw::ReadWrite, dr7::Len::Four));
      kernel_.trace(cpu, Layer::HwBreakpoint, "arch_uninstall_hw_breakpoint",
                    {{"id", event.id},
                     {"register", std::string(debugunit::name(kAddressRegisters[slot]))},
                     {"DR7", Hex{state.dr7}}});
      cpu.write_debug_register(Register::Dr7, state.dr7);
      return;
    }
  }

  void debug_exception(machine::Cpu& cpu, Task& task, const machine::DebugException& exception) override {
    // DR6 is sticky, so it is read and cleared at once (debug_read_clear_dr6).
    const std::uint64_t status = cpu.read_debug_register(Register::Dr6);
    cpu.write_debug_register(Register::Dr6, dr6::kReset);
    kernel_.trace(cpu, Layer::Exception, "#DB", {{"DR6", Hex{status}}, {"rip", Hex{cpu.pc().value}}});
    DieArgs args{DieVal::Debug, cpu, task, exception, status & (kDr6Traps | dr6::kBs)};
    const bool icebp = args.dr6 == 0;  // INT1: there is nothing to tell
    const Notify answer = kernel_.die_chain().call(args, kernel_.tracing() ? asked(cpu) : nullptr);
    if (answer == Notify::Stop) return;
    if (icebp) {
      kernel_.force_signal(task, {isa::linux_abi::kSigTrap, isa::linux_abi::kTrapBrkpt, cpu.pc()});
    } else if ((args.dr6 & dr6::kBs) != 0) {
      kernel_.force_signal(task, {isa::linux_abi::kSigTrap, isa::linux_abi::kTrapTrace, cpu.pc()});
    }
  }

 private:
  struct PerCpu {
    std::array<PerfEvent*, kHbpNum> bp_per_reg{};
    std::uint64_t dr7 = 0;  // cpu_dr7: what our breakpoints want of it
  };

  std::function<void(const std::string&)> asked(machine::Cpu& cpu) {
    return [this, &cpu](const std::string& name) { kernel_.trace(cpu, Layer::Notifier, name); };
  }

  Notify hw_breakpoint_handler(DieArgs& args) {
    if (args.val != DieVal::Debug || (args.dr6 & kDr6Traps) == 0) return Notify::Done;
    PerCpu& state = cpus_[args.cpu.index()];
    for (unsigned slot = 0; slot < kHbpNum; ++slot) {
      if ((args.dr6 & dr6::b(slot)) == 0) continue;
      args.dr6 &= ~dr6::b(slot);
      PerfEvent* const event = state.bp_per_reg[slot];
      if (event == nullptr) continue;
      kernel_.hw_breakpoints().perf_bp_event(*event, hit_of(args.cpu, args.task, args.exception, slot));
      // An instruction breakpoint comes before its instruction: RF lets that pass once on the way back.
      if (dr7::rw_of(event->hw.type, 0) == dr7::Rw::Execute) {
        args.cpu.set(Reg::rflags, args.cpu.get(Reg::rflags) | isa::x86::kRf);
      }
    }
    return args.dr6 == 0 ? Notify::Stop : Notify::Done;
  }

  Kernel& kernel_;
  std::vector<PerCpu> cpus_;
};

}  // namespace

std::unique_ptr<Arch> make_x86_arch(Kernel& kernel) { return std::make_unique<X86Arch>(kernel); }

}  // namespace trapline::kernel
