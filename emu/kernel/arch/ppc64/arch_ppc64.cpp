// PPC64: system call ABI, program start, and what a tracer asks for. Hardware breakpoints: hw_breakpoint.hpp.
#include <utility>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/arch/ppc64/hw_breakpoint.hpp"
#include "emu/kernel/arch/ppc64/perf_regs.hpp"
#include "emu/kernel/arch/ppc64/ptrace.hpp"
#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "emu/kernel/arch/ppc64/vdso.hpp"
#include "emu/kernel/mm/elf.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/ppc64/special.hpp"

namespace trapline::kernel {

namespace {

using debugunit::Model;
using isa::ppc64::gpr;

// ThreadArch::trap
constexpr std::uint64_t kSystemCallVector = 0xc00;
constexpr std::uint64_t kNoRestart = 1;  // the call's result is the program's

class Ppc64Arch final : public Arch {
  using Reg = isa::ppc64::Reg;

 public:
  explicit Ppc64Arch(const ArchUses& uses)
      : model_(uses.machine.spec().debug_unit),
        slots_(uses.slots),
        signals_(uses.signals),
        hw_breakpoints_(uses.hw_breakpoints),
        breakpoints_(uses) {}

  // Linux Documentation/powerpc/syscall64-abi.rst: number in r0, arguments in r3 to r8, an error as a
  // positive number with CR0.SO.
  void enter_system_call(machine::Cpu& cpu, ThreadArch& thread) const override {
    thread.orig = cpu.get(Reg::r3);
    thread.trap = kSystemCallVector;
  }
  // arch/powerpc/kernel/traps.c
  SignalInfo signal_of_instruction(machine::Cpu& cpu, bool privileged) const override {
    using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals and their codes
    return {kSigIll, privileged ? kIllPrvOpc : kIllIllOpc, cpu.pc()};
  }
  SignalInfo signal_of_breakpoint(machine::Cpu& cpu) const override {
    return {isa::linux_abi::kSigTrap, isa::linux_abi::kTrapBrkpt, cpu.pc()};
  }
  std::optional<int> step_over_call(bool /*emulated*/) const override { return isa::linux_abi::kTrapTrace; }

  std::uint32_t audit_arch(const ThreadArch& /*thread*/) const override { return 0x80000015; }
  SyscallRegisters syscall_registers(machine::Cpu& cpu, const ThreadArch& /*thread*/) const override {
    SyscallRegisters call;
    call.number = cpu.get(Reg::r0);
    call.call = isa::linux_abi::syscall_of(isa::Isa::Ppc64, call.number);
    for (unsigned i = 0; i < call.args.size(); ++i) call.args[i] = cpu.get(gpr(3 + i));
    return call;
  }
  std::int64_t syscall_result(machine::Cpu& cpu) const override {
    const auto value = static_cast<std::int64_t>(cpu.get(Reg::r3));
    return (cpu.get(Reg::cr) & isa::ppc64::kCr0So) != 0 ? -value : value;
  }

  int interrupted_call(machine::Cpu& cpu, const ThreadArch& thread) const override {
    if (thread.trap != kSystemCallVector) return 0;
    const std::int64_t error = -syscall_result(cpu);
    const bool known = (error >= kErestartSys && error <= kErestartNoHand) || error == kErestartRestartBlock;
    return known ? static_cast<int>(error) : 0;
  }
  void restart_call(machine::Cpu& cpu, ThreadArch& thread, bool restart_syscall) const override {
    constexpr std::uint64_t kScSize = 4;
    constexpr std::uint64_t kRestartSyscall = 0;
    if (restart_syscall) {
      cpu.set(Reg::r0, kRestartSyscall);
    } else {
      cpu.set(Reg::r3, thread.orig);
    }
    cpu.set_pc(cpu.pc() - kScSize);
  }
  void no_more_restart(ThreadArch& thread) const override {
    if (thread.trap == kSystemCallVector) thread.trap |= kNoRestart;
  }

  void set_up_child(machine::Cpu& cpu, ThreadArch& /*thread*/, GuestVa stack,
                    std::optional<std::uint64_t> tls) const override {
    set_syscall_result(cpu, std::uint64_t{0});
    if (stack.value != 0) cpu.set(Reg::r1, stack.value);
    if (tls) cpu.set(gpr(13), *tls);
  }
  GuestVa stack_pointer(machine::Cpu& cpu) const override { return GuestVa(cpu.get(Reg::r1)); }

  void user_enable_single_step(machine::Cpu& cpu, Mm& /*mm*/, ThreadArch& thread, bool block) const override {
    thread.user_single_step = true;
    cpu.set_single_step(true, block);
  }
  void user_disable_single_step(machine::Cpu& cpu, ThreadArch& thread) const override {
    thread.user_single_step = false;
    cpu.set_single_step(false);
  }

  // pt_regs::trap is the vector's address (Power ISA Book III-S, 6.5).
  void enter_exception(ThreadArch& thread, const machine::Stop& stop) const override {
    constexpr std::uint64_t kDecrementer = 0x900, kProgram = 0x700, kTrace = 0xd00, kDsi = 0x300;
    thread.trap = kDecrementer;
    if (const auto* fault = std::get_if<machine::Fault>(&stop)) {
      thread.trap = fault->vector;
    } else if (std::holds_alternative<machine::SoftwareBreakpoint>(stop)) {
      thread.trap = kProgram;
    } else if (const auto* debug = std::get_if<machine::DebugException>(&stop)) {
      thread.trap = debug->match.slots != 0 ? kDsi : kTrace;
    }
  }

  // Above the user's part a segment interrupt comes before, and tells no more than the address: but for the
  // kernel's own regions, which have segments (slb_allocate_user(), slb_allocate_kernel()).
  SignalInfo bad_page_fault(machine::Cpu& /*cpu*/, ThreadArch& thread, isa::AccessKind kind, GuestVa address,
                            const MmFault& fault, bool present) const override {
    constexpr std::uint64_t kDsi = 0x300, kIsi = 0x400, kSegment = 0x80;
    constexpr std::uint64_t kNoPte = 0x40000000, kProtFault = 0x08000000;
    constexpr GuestVa kPageOffset(0xc000000000000000), kVmemmapEnd(0xc00e000000000000);
    thread.trap = kind == isa::AccessKind::Execute ? kIsi : kDsi;
    thread.fault_address = address.value;
    const bool kernels = address >= kPageOffset && address < kVmemmapEnd;
    if (address >= Layout::of(isa::Isa::Ppc64).task_size && !kernels) {
      thread.trap |= kSegment;
      return {isa::linux_abi::kSigSegv, isa::linux_abi::kSegvBndErr, address};
    }
    thread.error_code =
        (present ? kProtFault : kNoPte) | (kind == isa::AccessKind::Write ? isa::ppc64::kDsisrStore : 0);
    return {fault.signal, fault.code, address};
  }

  void set_syscall_result(machine::Cpu& cpu, const SyscallResult& result) const override {
    const std::uint64_t cr = cpu.get(Reg::cr) & ~isa::ppc64::kCr0So;
    cpu.set(Reg::cr, result ? cr : cr | isa::ppc64::kCr0So);
    cpu.set(Reg::r3, result ? *result : static_cast<std::uint64_t>(result.error().number));
  }

  void setup_additional_pages(Mm& mm) override { ppc64_arch::map_vdso(mm); }

  // There is no device tree: r3 is 0.
  void start_image(machine::Cpu& cpu, GuestVa entry, GuestVa stack) const override {
    cpu.load_fresh();
    constexpr std::uint64_t kFrame = 112;  // what a function may write of its caller's
    cpu.set(Reg::r1, stack.value - kFrame);
    cpu.set(Reg::r12, entry.value);
    cpu.set_pc(entry);
  }

  bool start_thread(machine::Cpu& cpu, Mm& mm, const LoadedProgram& program, GuestVa stack) const override {
    const std::uint64_t r0 = cpu.get(Reg::r0);  // stays what it was: the number of execve(2)
    cpu.load_fresh();
    cpu.set(Reg::r0, r0);
    GuestVa entry = program.start;
    if (program.descriptor) {
      // An ELFv1 entry point is a descriptor: the code's address, then the TOC's. Nothing has relocated them
      // yet.
      const auto code = mm.read_word(program.start, 8);
      const auto toc = mm.read_word(program.start + 8, 8);
      if (!code || !toc) return false;
      entry = GuestVa(*code + program.bias);
      cpu.set(Reg::r2, *toc + program.bias);
    } else {
      cpu.set(Reg::r12, entry.value);  // ELFv2: a function finds its TOC from its own address
    }
    mm.elf2 = !program.descriptor;
    machine::VsxState vectors;
    vectors.vscr = machine::kVscrNj;  // Java mode is off until a program wants it
    cpu.set_vsx_state(vectors);
    cpu.set(Reg::r1, stack.value);
    cpu.set_pc(entry);
    return true;
  }

  // The processor is the oldest of those with the debug unit that the machine has.
  std::string_view platform() const override {
    switch (model_) {
      case Model::Dawr:
        return "power8";
      case Model::Dawr2:
        return "power10";
      default:
        return "power7";
    }
  }
  std::uint64_t hwcap() const override {
    // PPC_FEATURE_32, 64, HAS_ALTIVEC, HAS_FPU, HAS_MMU, SMT, ICACHE_SNOOP, ARCH_2_05, ARCH_2_06, HAS_VSX
    // (arch/powerpc/include/uapi/asm/cputable.h)
    return 0x80000000 | 0x40000000 | 0x10000000 | 0x08000000 | 0x04000000 | 0x00004000 | 0x00002000 |
           0x00001000 | 0x00000100 | 0x00000080;
  }
  std::uint64_t hwcap2() const override {
    // Not what the engine lacks: the DSCR, transactional memory, event-based branches, darn, scv, prefixed
    // instructions and so the whole of ARCH_3_1, MMA.
    constexpr std::uint64_t kArch207 = 0x80000000, kIsel = 0x08000000, kTar = 0x04000000,
                            kVecCrypto = 0x02000000, kArch300 = 0x00800000,
                            kIeee128 = 0x00400000;  // PPC_FEATURE2_*
    constexpr std::uint64_t kPower8 = kArch207 | kIsel | kTar | kVecCrypto;
    switch (model_) {
      case Model::Dawr:
        return kPower8;
      case Model::Dawr2:
        return kPower8 | kArch300 | kIeee128;
      default:
        return 0;
    }
  }
  std::string_view machine_name() const override { return "ppc64"; }

  // What PTRACE_GET_DEBUGREG reads stays.
  void flush_ptrace_hw_breakpoint(Task& task) const override { task.breakpoints.events = {}; }

  bool setup_rt_frame(machine::Cpu& cpu, Mm& mm, ThreadArch& thread,
                      const SignalDelivery& delivery) const override {
    return ppc64_arch::setup_rt_frame(cpu, mm, thread, delivery);
  }
  std::optional<SignalReturn> rt_sigreturn(machine::Cpu& cpu, Mm& mm, ThreadArch& thread) const override {
    return ppc64_arch::rt_sigreturn(cpu, mm, thread);
  }
  std::uint64_t min_signal_stack() const override { return ppc64_arch::kMinSigStkSz; }

  std::optional<Result<std::uint64_t>> peek_user(machine::Cpu& cpu, const ThreadArch& thread,
                                                 std::uint64_t offset) const override {
    return ppc64_arch::peek_user(cpu, thread, offset);
  }
  std::optional<Status> poke_user(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t offset,
                                  std::uint64_t value) const override {
    return ppc64_arch::poke_user(cpu, thread, offset, value);
  }
  Result<Regset> regset_of(unsigned type) const override { return ppc64_arch::regset_of(type); }
  Result<std::vector<std::byte>> regset(machine::Cpu& cpu, const ThreadArch& thread,
                                        unsigned type) const override {
    return ppc64_arch::regset(cpu, thread, type);
  }
  Status set_regset(machine::Cpu& cpu, ThreadArch& thread, unsigned type,
                    std::span<const std::byte> bytes) const override {
    return ppc64_arch::set_regset(cpu, thread, type, bytes);
  }
  std::optional<RegsetRequest> regset_request(std::uint64_t request) const override {
    return ppc64_arch::regset_request(request);
  }
  Result<std::uint64_t> peek_debug_register(const Task& /*task*/, std::uint64_t /*offset*/) const override {
    return Error{EIO};
  }
  Status poke_debug_register(Task& /*task*/, std::uint64_t /*offset*/, std::uint64_t /*value*/) override {
    return Error{EIO};
  }
  SyscallResult ptrace_request(Syscall& call, machine::Cpu& /*cpu*/, Task& target) override {
    return ppc64_arch::ptrace_request(call, target, {hw_breakpoints_, model_, slots_});
  }

  std::uint64_t perf_reg_mask() const override { return ppc64_arch::kPerfRegs; }
  std::size_t perf_regs(machine::Cpu& cpu, const ThreadArch& thread, std::uint64_t mask,
                        std::span<std::uint64_t> out) const override {
    return ppc64_arch::perf_regs(cpu, thread, mask, out);
  }
  void perf_callchain_user(machine::Cpu& cpu, const Mm& mm, PerfCallchain& chain) const override {
    ppc64_arch::perf_callchain_user(cpu, mm, chain);
  }

  Status hw_breakpoint_slots(std::uint32_t bp_type) const override {
    if ((bp_type & (kHwBreakpointR | kHwBreakpointW)) != 0) return Done{};
    return refused(EOPNOTSUPP, "bp_type",
                   "PPC64 watches data alone (`r`, `w`, `rw`): Linux has no registers for breakpoints on "
                   "instructions there (hw_breakpoint_slots of arch/powerpc)");
  }
  Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const override {
    return breakpoints_.hw_breakpoint_arch_parse(attr);
  }
  bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) const override {
    return ppc64::HwBreakpointUnit::arch_check_bp_in_kernelspace(hw);
  }
  Status arch_reserve_bp_slot(const PerfEvent& event) override {
    return breakpoints_.arch_reserve_bp_slot(event);
  }
  void arch_move_bp_slot(const PerfEvent& event, const PerfEventAttr& to) override {
    breakpoints_.arch_move_bp_slot(event, to);
  }
  void arch_release_bp_slot(const PerfEvent& event) override { breakpoints_.arch_release_bp_slot(event); }
  Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    return breakpoints_.arch_install_hw_breakpoint(event, cpu);
  }
  void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    breakpoints_.arch_uninstall_hw_breakpoint(event, cpu);
  }
  // hw_breakpoint_handler() and single_step_dabr_instruction() arm them anew afterwards.
  bool disarmed_in_callback(bool /*kernel*/) const override { return true; }
  void set_breakpoint(machine::Cpu& cpu, unsigned slot, GuestVa address, std::uint16_t type) override {
    breakpoints_.set_debugger_breakpoint(cpu, slot, address, type);
  }
  void set_symbol_size(const SymbolSize& size) override { breakpoints_.set_symbol_size(size); }
  void hw_breakpoint_disable(machine::Cpu& cpu) override { breakpoints_.hw_breakpoint_disable(cpu); }
  void hw_breakpoint_restore(machine::Cpu& cpu) override { breakpoints_.hw_breakpoint_restore(cpu); }
  // arch/powerpc/kernel/traps.c: programs may ask which processor it is.
  bool emulate_instruction(machine::Cpu& cpu, Task& task) const override {
    const auto word = task.mm->read_word(cpu.pc(), 4);
    const auto target =
        word ? isa::ppc64::processor_version_read(static_cast<std::uint32_t>(*word)) : std::nullopt;
    if (!target) return false;
    const auto version = [this]() -> std::uint64_t {
      switch (model_) {
        case Model::Dawr:
          return 0x004d0200;
        case Model::Dawr2:
          return 0x00800200;
        default:
          return 0x003f0203;
      }
    };
    cpu.set(gpr(*target), version());
    cpu.set_pc(cpu.pc() + 4);
    return true;
  }

  void thread_change_pc(machine::Cpu& cpu, Task& task) override { breakpoints_.thread_change_pc(cpu, task); }
  void return_to_user(Task& task) override { ppc64::HwBreakpointUnit::return_to_user(task); }
  void kernel_access(machine::Cpu& cpu, Task& task, const isa::Access& access,
                     const machine::Cpu::Before& before) override {
    const auto trap = breakpoints_.kernel_access(cpu, task, access, before);
    if (trap) signals_.force_sig_fault(task, {isa::linux_abi::kSigTrap, trap->code, trap->address});
  }
  void debug_exception(machine::Cpu& cpu, Task& task, const machine::DebugException& exception) override {
    const auto trap = breakpoints_.debug_exception(cpu, task, exception);
    if (trap) signals_.force_sig_fault(task, {isa::linux_abi::kSigTrap, trap->code, trap->address});
  }

 private:
  Model model_;
  unsigned slots_;
  Signals& signals_;
  HwBreakpoints& hw_breakpoints_;
  ppc64::HwBreakpointUnit breakpoints_;
};

}  // namespace

std::unique_ptr<Arch> make_ppc64_arch(const ArchUses& uses) { return std::make_unique<Ppc64Arch>(uses); }

}  // namespace trapline::kernel
