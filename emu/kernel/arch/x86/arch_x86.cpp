// x86-64: system call ABI and program start.
#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/arch/x86/debug_registers.hpp"
#include "emu/kernel/arch/x86/hw_breakpoint.hpp"
#include "emu/kernel/arch/x86/perf_regs.hpp"
#include "emu/kernel/arch/x86/signal_frame.hpp"
#include "emu/kernel/arch/x86/step.hpp"
#include "emu/kernel/arch/x86/user_regs.hpp"
#include "emu/kernel/arch/x86/vdso.hpp"
#include "emu/kernel/arch/x86/vsyscall.hpp"
#include "emu/kernel/mm/elf.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/x86/canonical.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kNoCall = ~std::uint64_t{0};  // ThreadArch::orig outside of system calls

class X86Arch final : public Arch {
  using Reg = isa::x86::Reg;

 public:
  explicit X86Arch(const ArchUses& uses)
      : signals_(uses.signals),
        hw_breakpoints_(uses.hw_breakpoints),
        breakpoints_({uses.machine.cpus(), uses.slots, uses.die_chain, uses.hw_breakpoints}),
        vdso_(uses.machine) {}

  // SYSCALL itself leaves RIP in RCX and RFLAGS in R11.
  void enter_system_call(machine::Cpu& cpu, ThreadArch& thread) const override {
    thread.orig = cpu.get(Reg::rax);
    thread.compat_call = false;
    cpu.set(Reg::rax, static_cast<std::uint64_t>(-std::int64_t{ENOSYS}));
    cpu.set(Reg::rcx, cpu.pc().value);
    cpu.set(Reg::r11, cpu.get(Reg::rflags));
  }

  // INT 0x80 (CONFIG_IA32_EMULATION): the number and the arguments are 32 bits of other registers.
  bool enter_system_call32(machine::Cpu& cpu, ThreadArch& thread) const override {
    thread.orig = cpu.get(Reg::rax) & 0xffffffff;
    thread.compat_call = true;
    cpu.set(Reg::rax, static_cast<std::uint64_t>(-std::int64_t{ENOSYS}));
    return true;
  }

  // arch/x86/kernel/traps.c
  SignalInfo signal_of_instruction(machine::Cpu& cpu, bool privileged) const override {
    using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals and their codes
    return privileged ? SignalInfo{kSigSegv, kSiKernel, {}} : SignalInfo{kSigIll, kIllIllOpn, cpu.pc()};
  }
  SignalInfo signal_of_breakpoint(machine::Cpu& /*cpu*/) const override {
    return {isa::linux_abi::kSigTrap, isa::linux_abi::kSiKernel, {}};
  }
  std::optional<int> step_over_call(bool emulated) const override {
    return emulated ? std::nullopt : std::optional(isa::linux_abi::kTrapBrkpt);
  }

  std::uint32_t audit_arch(const ThreadArch& thread) const override {
    constexpr std::uint32_t kAmd64 = 0xc000003e, kI386 = 0x40000003;
    return thread.compat_call ? kI386 : kAmd64;
  }

  // System V ABI, AMD64 supplement, A.2.1. Of RAX the kernel looks at the lower half, as a signed number.
  SyscallRegisters syscall_registers(machine::Cpu& cpu, const ThreadArch& thread) const override {
    const auto number = static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(thread.orig)});
    const bool none = number == ~std::uint64_t{0};
    if (thread.compat_call) {
      SyscallRegisters registers{
          .number = number, .call = isa::linux_abi::syscall_of_ia32(number), .none = none};
      constexpr std::array kArguments{Reg::rbx, Reg::rcx, Reg::rdx, Reg::rsi, Reg::rdi, Reg::rbp};
      std::ranges::transform(kArguments, registers.args.begin(),
                             [&cpu](Reg reg) { return cpu.get(reg) & 0xffffffff; });
      return registers;
    }
    return {.number = number,
            .call = isa::linux_abi::syscall_of(isa::Isa::X86_64, number),
            .none = none,
            .args = {cpu.get(Reg::rdi), cpu.get(Reg::rsi), cpu.get(Reg::rdx), cpu.get(Reg::r10),
                     cpu.get(Reg::r8), cpu.get(Reg::r9)}};
  }

  void set_syscall_result(machine::Cpu& cpu, const SyscallResult& result) const override {
    cpu.set(Reg::rax, result ? *result : static_cast<std::uint64_t>(-std::int64_t{result.error().number}));
  }
  std::int64_t syscall_result(machine::Cpu& cpu) const override {
    return static_cast<std::int64_t>(cpu.get(Reg::rax));
  }

  int interrupted_call(machine::Cpu& cpu, const ThreadArch& thread) const override {
    if (thread.orig == kNoCall) return 0;
    const std::int64_t error = -syscall_result(cpu);
    const bool known = (error >= kErestartSys && error <= kErestartNoHand) || error == kErestartRestartBlock;
    return known ? static_cast<int>(error) : 0;
  }

  void restart_call(machine::Cpu& cpu, ThreadArch& thread, bool restart_syscall) const override {
    constexpr std::uint64_t kSyscallSize = 2;  // and that of INT 0x80
    constexpr std::uint64_t kRestartSyscall = 219;
    constexpr std::uint64_t kRestartSyscall32 = 0;
    const std::uint64_t restart = thread.compat_call ? kRestartSyscall32 : kRestartSyscall;
    cpu.set(Reg::rax, restart_syscall ? restart : thread.orig);
    cpu.set_pc(cpu.pc() - kSyscallSize);
  }
  void no_more_restart(ThreadArch& /*thread*/) const override {}

  void set_up_child(machine::Cpu& cpu, ThreadArch& /*thread*/, GuestVa stack,
                    std::optional<std::uint64_t> tls) const override {
    cpu.set(Reg::rax, 0);
    if (stack.value != 0) cpu.set(Reg::rsp, stack.value);
    if (tls) cpu.set(Reg::fs_base, *tls);
  }
  GuestVa stack_pointer(machine::Cpu& cpu) const override { return GuestVa(cpu.get(Reg::rsp)); }

  void user_enable_single_step(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, bool block) const override {
    x86_arch::user_enable_single_step(cpu, mm, thread, block);
  }
  void user_disable_single_step(machine::Cpu& cpu, ThreadArch& thread) const override {
    x86_arch::user_disable_single_step(cpu, thread);
  }

  void enter_exception(ThreadArch& thread, const machine::Stop& stop) const override {
    thread.orig = kNoCall;
    thread.compat_call = false;
    if (const auto* fault = std::get_if<machine::Fault>(&stop)) {
      thread.trap_number = fault->vector;
      thread.error_code = 0;
    } else if (std::holds_alternative<machine::SoftwareBreakpoint>(stop)) {
      thread.trap_number = 3;
      thread.error_code = 0;
    } else if (std::holds_alternative<machine::DebugException>(stop)) {
      thread.trap_number = 1;
      thread.error_code = 0;
    }
  }

  // Intel SDM vol. 3A, 4.7: the error code of a page fault. Outside of the canonical halves it is none, but
  // #SS or #GP, and no address comes with it.
  SignalInfo bad_page_fault(machine::Cpu& cpu, ThreadArch& thread, isa::AccessKind kind, GuestVa address,
                            const MmFault& fault, bool present) const override {
    constexpr std::uint64_t kPresent = 1, kWrite = 2, kUser = 4, kFetch = 16;
    if (!isa::x86::is_canonical(address)) {
      const bool stack = kind != isa::AccessKind::Execute && cpu.stack_segment(cpu.pc());
      thread.trap_number = stack ? 12 : 13;
      thread.error_code = 0;
      return {stack ? isa::linux_abi::kSigBus : isa::linux_abi::kSigSegv, isa::linux_abi::kSiKernel, {}};
    }
    thread.trap_number = 14;
    // Whether the kernel has a page at one of its addresses is not told (sanitize_error_code()).
    const bool shown = present || address >= Layout::of(isa::Isa::X86_64).task_size;
    thread.error_code = kUser | (shown ? kPresent : 0) |
                        (kind == isa::AccessKind::Write     ? kWrite
                         : kind == isa::AccessKind::Execute ? kFetch
                                                            : 0);
    thread.fault_address = address.value;
    return {fault.signal, fault.code, address};
  }

  void setup_additional_pages(Mm& mm) override { vdso_.map(mm); }
  void update_vsyscall(std::uint64_t latest) override { vdso_.update(latest); }
  std::optional<Vma> gate_vma() const override {
    constexpr std::uint64_t kSize = 0x1000;
    Vma vma;
    vma.start = x86_arch::kVsyscallPage;
    vma.end = vma.start + kSize;
    vma.permissions.execute = true;
    vma.name = "[vsyscall]";
    return vma;
  }
  bool emulate_vsyscall(machine::Cpu& cpu, Task& task, GuestVa address, const MakeCall& call) const override {
    return x86_arch::emulate_vsyscall(cpu, task, address, call);
  }
  bool start_thread(machine::Cpu& cpu, Mm& /*mm*/, const LoadedProgram& program,
                    GuestVa stack) const override {
    const std::uint64_t rax = cpu.get(Reg::rax);  // will be what execve(2) returns
    cpu.load_fresh();
    cpu.set(Reg::rax, rax);
    cpu.set(Reg::rsp, stack.value);
    cpu.set_pc(program.start);
    return true;
  }

  void start_image(machine::Cpu& cpu, GuestVa entry, GuestVa stack) const override {
    cpu.load_fresh();
    cpu.set(Reg::rsp, stack.value);
    cpu.set_pc(entry);
  }

  std::string_view platform() const override { return "x86_64"; }
  std::uint64_t hwcap() const override { return 0x078bfbfd; }  // CPUID.01H:EDX of the engine's CPU model
  std::string_view machine_name() const override { return "x86_64"; }

  bool setup_rt_frame(machine::Cpu& cpu, Mm& mm, ThreadArch& thread,
                      const SignalDelivery& delivery) const override {
    return x86_arch::setup_rt_frame(cpu, mm, thread, delivery);
  }
  std::optional<SignalReturn> rt_sigreturn(machine::Cpu& cpu, Mm& mm, ThreadArch& thread) const override {
    return x86_arch::rt_sigreturn(cpu, mm, thread);
  }
  std::uint64_t min_signal_stack() const override { return x86_arch::kMinSigStkSz; }

  std::optional<Result<std::uint64_t>> peek_user(machine::Cpu& cpu, const ThreadArch& thread,
                                                 std::uint64_t offset) const override {
    return x86_arch::peek_user(cpu, thread, offset);
  }
  std::optional<Status> poke_user(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t offset,
                                  std::uint64_t value) const override {
    return x86_arch::poke_user(cpu, thread, offset, value);
  }
  Result<Regset> regset_of(unsigned type) const override { return x86_arch::regset_of(type); }
  Result<std::vector<std::byte>> regset(machine::Cpu& cpu, const ThreadArch& thread,
                                        unsigned type) const override {
    return x86_arch::regset(cpu, thread, type);
  }
  Status set_regset(machine::Cpu& cpu, ThreadArch& thread, unsigned type,
                    std::span<const std::byte> bytes) const override {
    return x86_arch::set_regset(cpu, thread, type, bytes);
  }
  std::optional<RegsetRequest> regset_request(std::uint64_t request) const override {
    return x86_arch::regset_request(request);
  }
  Result<std::uint64_t> peek_debug_register(const Task& task, std::uint64_t offset) const override {
    return x86_arch::ptrace_get_debugreg(task, offset);
  }
  Status poke_debug_register(Task& task, std::uint64_t offset, std::uint64_t value) override {
    return x86_arch::ptrace_set_debugreg(hw_breakpoints_, task, offset, value);
  }
  SyscallResult ptrace_request(Syscall& call, machine::Cpu& cpu, Task& target) override;

  std::uint64_t perf_reg_mask() const override { return x86_arch::kPerfRegs; }
  std::uint64_t perf_extended_regs() const override { return ~std::uint64_t{0} << 32; }  // XMM0 to XMM15
  std::size_t perf_regs(machine::Cpu& cpu, const ThreadArch& /*thread*/, std::uint64_t mask,
                        std::span<std::uint64_t> out) const override {
    return x86_arch::perf_regs(cpu, mask, out);
  }
  void perf_callchain_user(machine::Cpu& cpu, const Mm& mm, PerfCallchain& chain) const override {
    x86_arch::perf_callchain_user(cpu, mm, chain);
  }

  Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const override {
    return x86_arch::HwBreakpointUnit::hw_breakpoint_arch_parse(attr);
  }
  bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) const override {
    return x86_arch::HwBreakpointUnit::arch_check_bp_in_kernelspace(hw);
  }
  Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    return breakpoints_.arch_install_hw_breakpoint(event, cpu);
  }
  void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    breakpoints_.arch_uninstall_hw_breakpoint(event, cpu);
  }
  // exc_debug_kernel() switches them off, exc_debug_user() does not.
  bool disarmed_in_callback(bool kernel) const override { return kernel; }
  void hw_breakpoint_disable(machine::Cpu& cpu) override {
    x86_arch::HwBreakpointUnit::hw_breakpoint_disable(cpu);
  }
  void hw_breakpoint_restore(machine::Cpu& cpu) override { breakpoints_.hw_breakpoint_restore(cpu); }
  void kernel_access(machine::Cpu& cpu, Task& task, const isa::Access& access,
                     const machine::Cpu::Before& before) override {
    breakpoints_.kernel_access(cpu, task, access, before);
  }
  void debug_exception(machine::Cpu& cpu, Task& task, const machine::DebugException& exception) override {
    if (const auto code = breakpoints_.debug_exception(cpu, task, exception))
      signals_.force_sig_fault(task, {isa::linux_abi::kSigTrap, *code, cpu.pc()});
  }
  void flush_ptrace_hw_breakpoint(Task& task) const override { task.breakpoints = {}; }

 private:
  Signals& signals_;
  HwBreakpoints& hw_breakpoints_;
  x86_arch::HwBreakpointUnit breakpoints_;
  x86_arch::Vdso vdso_;
};

SyscallResult X86Arch::ptrace_request(Syscall& call, machine::Cpu& cpu, Task& /*target*/) {
  enum : std::uint64_t { kGetThreadArea = 25, kSetThreadArea = 26, kArchPrctl = 30 };
  enum : std::uint64_t { kSetGs = 0x1001, kSetFs = 0x1002, kGetFs = 0x1003, kGetGs = 0x1004 };
  // Descriptors for threads of 32-bit code, of which there are none.
  if (call.args[0] == kGetThreadArea || call.args[0] == kSetThreadArea) {
    constexpr std::size_t kUserDescSize = 16;
    std::array<std::byte, kUserDescSize> description{};
    if (call.integer(2) < 0) return Error{EIO};
    if (call.args[0] == kSetThreadArea && !call.mm().read(call.address(3), description)) return Error{EFAULT};
    return Error{EINVAL};
  }
  if (call.args[0] != kArchPrctl) return Error{EIO};
  switch (call.args[3]) {
    case kSetGs:
    case kSetFs:
      if (call.address(2) >= Layout::of(isa::Isa::X86_64).task_size) return Error{EPERM};
      cpu.set(call.args[3] == kSetFs ? Reg::fs_base : Reg::gs_base, call.args[2]);
      return 0;
    case kGetFs:
    case kGetGs: {
      const std::uint64_t base = cpu.get(call.args[3] == kGetFs ? Reg::fs_base : Reg::gs_base);
      return call.mm().write_word(call.address(2), base, 8) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
    }
    default:
      return Error{EINVAL};
  }
}

}  // namespace

std::unique_ptr<Arch> make_x86_arch(const ArchUses& uses) { return std::make_unique<X86Arch>(uses); }

}  // namespace trapline::kernel
