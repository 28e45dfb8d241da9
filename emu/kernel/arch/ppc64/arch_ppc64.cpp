// PPC64: system call ABI, program start, and arch/powerpc/kernel/hw_breakpoint.c for a machine with one DABR.
#include <algorithm>
#include <utility>
#include <vector>

#include "debugunit/ppc64/dabr.hpp"
#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/arch/hits.hpp"
#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "emu/kernel/kernel.hpp"
#include "isa/ppc64/special.hpp"

namespace trapline::kernel {

namespace {

namespace dabr = debugunit::ppc64::dabr;
namespace dabrx = debugunit::ppc64::dabrx;
using debugunit::Register;
using isa::ppc64::gpr;
using isa::ppc64::Reg;

constexpr std::uint64_t kHwBreakpointSize = 8;  // HW_BREAKPOINT_SIZE: the doubleword that DABR watches

// DSISR after a data storage interrupt (Power ISA Book III-S, 6.5.3; arch/powerpc/include/asm/reg.h).
constexpr std::uint64_t kDsisrStore = 0x02000000;      // DSISR_ISSTORE
constexpr std::uint64_t kDsisrDabrMatch = 0x00400000;  // DSISR_DABRMATCH

// ArchHwBreakpoint::type: the DABR bits, and DABRX's above them.
constexpr unsigned kDabrxShift = 3;
constexpr std::uint64_t dabr_of(const ArchHwBreakpoint& hw) {
  return hw.address.align_down(kHwBreakpointSize).value | (hw.type & ~dabr::kDab);
}
constexpr std::uint64_t dabrx_of(const ArchHwBreakpoint& hw) { return hw.type >> kDabrxShift; }

// ThreadArch::trap
constexpr std::uint64_t kSystemCallVector = 0xc00;
constexpr std::uint64_t kNoRestart = 1;  // the call's result is the program's

class Ppc64Arch final : public Arch {
 public:
  explicit Ppc64Arch(Kernel& kernel) : kernel_(kernel), cpus_(kernel.machine().cpus()) {
    constexpr int kFirst = 0x7fffffff;
    kernel.die_chain().add("hw_breakpoint_exceptions_notify", kFirst, [this](DieArgs& args) {
      switch (args.val) {
        case DieVal::DabrMatch:
          return hw_breakpoint_handler(args);
        case DieVal::SStep:
          return single_step_dabr_instruction(args);
        default:
          return Notify::Done;
      }
    });
  }

  // Linux Documentation/powerpc/syscall64-abi.rst: number in r0, arguments in r3 to r8, an error as a
  // positive number with CR0.SO.
  void enter_system_call(machine::Cpu& cpu, ThreadArch& thread) const override {
    thread.orig = cpu.get(Reg::r3);
    thread.trap = kSystemCallVector;
  }
  SyscallRegisters syscall_registers(machine::Cpu& cpu, const ThreadArch& /*thread*/) const override {
    SyscallRegisters call;
    call.number = cpu.get(Reg::r0);
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

  void record_page_fault(ThreadArch& thread, isa::AccessKind kind, GuestVa address,
                         bool present) const override {
    constexpr std::uint64_t kDsi = 0x300, kIsi = 0x400;
    constexpr std::uint64_t kNoPte = 0x40000000, kProtFault = 0x08000000;
    thread.trap = kind == isa::AccessKind::Execute ? kIsi : kDsi;
    thread.fault_address = address.value;
    thread.error_code = (present ? kProtFault : kNoPte) | (kind == isa::AccessKind::Write ? kDsisrStore : 0);
  }

  void set_syscall_result(machine::Cpu& cpu, const SyscallResult& result) const override {
    const std::uint64_t cr = cpu.get(Reg::cr) & ~isa::ppc64::kCr0So;
    cpu.set(Reg::cr, result ? cr : cr | isa::ppc64::kCr0So);
    cpu.set(Reg::r3, result ? *result : static_cast<std::uint64_t>(result.error().number));
  }

  bool start_thread(machine::Cpu& cpu, Mm& mm, const LoadedProgram& program, GuestVa stack) const override {
    cpu.load_fresh();
    GuestVa entry = program.entry;
    if (program.descriptor) {
      // An ELFv1 entry point is a descriptor: the code's address, then the TOC's.
      const auto code = mm.read_word(program.entry, 8);
      const auto toc = mm.read_word(program.entry + 8, 8);
      if (!code || !toc) return false;
      entry = GuestVa(*code);
      cpu.set(Reg::r2, *toc);
    } else {
      cpu.set(Reg::r12, entry.value);  // ELFv2: a function finds its TOC from its own address
    }
    mm.elf2 = !program.descriptor;
    machine::VsxState vectors;
    vectors.vscr = machine::kVscrNj;  // Java mode is off until a program wants it
    cpu.set_vsx_state(vectors);
    cpu.set(Reg::r1, stack.value);
    cpu.set_pc(entry);
    ppc64_arch::map_vdso(mm);
    return true;
  }

  std::string_view platform() const override { return "power7"; }
  std::uint64_t hwcap() const override {
    // PPC_FEATURE_32, 64, HAS_ALTIVEC, HAS_FPU, HAS_MMU, SMT, ICACHE_SNOOP, ARCH_2_05, ARCH_2_06, HAS_VSX
    // (arch/powerpc/include/uapi/asm/cputable.h)
    return 0x80000000 | 0x40000000 | 0x10000000 | 0x08000000 | 0x04000000 | 0x00004000 | 0x00002000 |
           0x00001000 | 0x00000100 | 0x00000080;
  }
  std::string_view machine_name() const override { return "ppc64"; }

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
  SyscallResult ptrace_request(Syscall& /*call*/, machine::Cpu& /*cpu*/, Task& /*target*/) override {
    return Error{EIO};
  }

  Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const override {
    ArchHwBreakpoint hw{.address = attr.bp_addr, .len = attr.bp_len};
    if (attr.bp_len == 0) return Error{EINVAL};
    std::uint64_t kinds = 0;
    if ((attr.bp_type & kHwBreakpointR) != 0) kinds |= dabr::kDr;
    if ((attr.bp_type & kHwBreakpointW) != 0) kinds |= dabr::kDw;
    if (kinds == 0) return Error{EINVAL};  // neither reads nor writes: DABR knows no instruction breakpoints
    std::uint64_t privileges = 0;
    if (!attr.exclude_user) privileges |= dabrx::kPro;
    if (!attr.exclude_kernel) privileges |= dabrx::kPnh;
    if (!attr.exclude_hv) privileges |= dabrx::kHyp;
    hw.type = dabr::kBt | kinds | privileges << kDabrxShift;
    // The request may be shorter than the doubleword, but not reach into the next one
    // (hw_breakpoint_validate_len).
    const GuestVa first = attr.bp_addr.align_down(kHwBreakpointSize);
    const GuestVa end = (attr.bp_addr + attr.bp_len).align_up(kHwBreakpointSize);
    if (end - first > kHwBreakpointSize) return Error{EINVAL};
    return hw;
  }

  bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) const override {
    constexpr std::uint64_t kPageOffset = 0xc000000000000000;  // is_kernel_addr()
    return hw.address.value >= kPageOffset;
  }

  Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    PerCpu& state = cpus_[cpu.index()];
    if (state.bp_per_reg != nullptr) return Error{EBUSY};
    state.bp_per_reg = &event;
    set_dabr(cpu, event.hw);
    kernel_.trace(cpu, Layer::HwBreakpoint, "arch_install_hw_breakpoint",
                  {{"id", event.id}, {"DABR", Hex{dabr_of(event.hw)}}, {"DABRX", Hex{dabrx_of(event.hw)}}});
    return Done{};
  }

  void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    PerCpu& state = cpus_[cpu.index()];
    if (state.bp_per_reg != &event) return;
    state.bp_per_reg = nullptr;
    if (state.last_hit == &event) state.last_hit = nullptr;
    cpu.write_debug_register(Register::Dabr, 0);
    kernel_.trace(cpu, Layer::HwBreakpoint, "arch_uninstall_hw_breakpoint", {{"id", event.id}});
  }

  void debug_exception(machine::Cpu& cpu, Task& task, const machine::DebugException& exception) override {
    DieArgs args{exception.match.slots != 0 ? DieVal::DabrMatch : DieVal::SStep, cpu, task, exception};
    if (exception.match.slots != 0) {
      const isa::Access& access = exception.accesses.front();
      const std::uint64_t dsisr = kDsisrDabrMatch | (access.kind == isa::AccessKind::Write ? kDsisrStore : 0);
      kernel_.trace(
          cpu, Layer::Exception, "DSI",
          {{"DAR", Hex{dar(access, cpu).value}}, {"DSISR", Hex{dsisr}}, {"nip", Hex{cpu.pc().value}}});
    } else {
      kernel_.trace(cpu, Layer::Exception, "trace", {{"nip", Hex{cpu.pc().value}}});
    }
    const auto asked = [this, &cpu](const std::string& name) { kernel_.trace(cpu, Layer::Notifier, name); };
    const Notify answer =
        kernel_.tracing() ? kernel_.die_chain().call(args, asked) : kernel_.die_chain().call(args, nullptr);
    if (answer == Notify::Stop) return;
    const int code = args.val == DieVal::SStep ? isa::linux_abi::kTrapTrace : isa::linux_abi::kTrapHwBkpt;
    kernel_.force_signal(task, {isa::linux_abi::kSigTrap, code, cpu.pc()});
  }

 private:
  struct PerCpu {
    PerfEvent* bp_per_reg = nullptr;
    // The breakpoint whose access is being stepped over (row P1 of the requirements: it ties the step to the
    // breakpoint), the task that steps, and what the hit was before the access.
    PerfEvent* last_hit = nullptr;
    Task* stepping = nullptr;
    struct Record {
      GuestVa instruction;
      isa::Access access;
      machine::WatchedBytes before;
    } record;
  };

  static void set_dabr(machine::Cpu& cpu, const ArchHwBreakpoint& hw) {
    // DABRX first: with the old privileges a new address could match.
    if (cpu.read_debug_register(Register::Dabrx) != dabrx_of(hw)) {
      cpu.write_debug_register(Register::Dabrx, dabrx_of(hw));
    }
    cpu.write_debug_register(Register::Dabr, dabr_of(hw));
  }

  // The access's lowest byte inside of the doubleword that matched.
  static GuestVa dar(const isa::Access& access, const machine::Cpu& cpu) {
    const GuestVa first(cpu.read_debug_register(Register::Dabr) & dabr::kDab);
    return std::max(access.address, first);
  }

  // The access has not happened yet. What is not a ptrace breakpoint triggers after it: DABR is taken away,
  // the instruction single-stepped, and single_step_dabr_instruction() does the rest.
  Notify hw_breakpoint_handler(DieArgs& args) {
    PerCpu& state = cpus_[args.cpu.index()];
    PerfEvent* const event = state.bp_per_reg;
    if (event == nullptr) return Notify::Stop;  // lazily switched registers: the hit of a task that is gone
    const isa::Access& access = args.exception.accesses.front();
    // A stray hit: the register watches eight bytes, the request may be for fewer. The access is compared as
    // a whole, since a store that begins before the request may still reach it.
    const bool inside = access.address < event->hw.address + event->hw.len &&
                        event->hw.address < access.address + access.size;
    // Stepping would lose the reservation, and the guest its progress: Linux (since 5.5) gives the breakpoint
    // up instead.
    const auto word = args.task.mm->read_word(args.exception.instruction, 4);
    if (word && isa::ppc64::is_reservation(static_cast<std::uint32_t>(*word))) {
      kernel_.trace(args.cpu, Layer::HwBreakpoint, "larx_stcx_err", {{"id", event->id}});
      kernel_.perf().disable(*event);
      return Notify::Stop;
    }
    event->hw.extraneous = !inside;
    if (!inside) ++event->stray_hits;
    kernel_.trace(args.cpu, Layer::HwBreakpoint,
                  inside ? "hw_breakpoint_handler" : "hw_breakpoint_handler: stray",
                  {{"id", event->id}, {"DAR", Hex{dar(access, args.cpu).value}}});
    state.last_hit = event;
    state.stepping = &args.task;
    state.record = {args.exception.instruction, access, args.exception.before[0]};
    args.cpu.write_debug_register(Register::Dabr, 0);
    args.cpu.set_single_step(true);
    return Notify::Stop;
  }

  Notify single_step_dabr_instruction(DieArgs& args) {
    PerCpu& state = cpus_[args.cpu.index()];
    if (state.last_hit == nullptr || state.stepping != &args.task) return Notify::Done;
    PerfEvent& event = *std::exchange(state.last_hit, nullptr);
    state.stepping = nullptr;
    if (!args.task.arch.user_single_step) args.cpu.set_single_step(false);
    // Armed anew before the callback, so that a callback which takes the breakpoint away has the last word.
    set_dabr(args.cpu, event.hw);
    kernel_.trace(args.cpu, Layer::HwBreakpoint, "single_step_dabr_instruction", {{"id", event.id}});
    if (!event.hw.extraneous) {
      BreakpointHit hit{.cpu = args.cpu, .task = &args.task, .ip = args.cpu.pc()};
      hit.instruction = state.record.instruction;
      hit.access = state.record.access;
      hit.before = state.record.before;
      hit.after = args.cpu.read_watched(0);
      kernel_.hw_breakpoints().perf_bp_event(event, hit);
    }
    return args.task.arch.user_single_step ? Notify::Done : Notify::Stop;
  }

  Kernel& kernel_;
  std::vector<PerCpu> cpus_;
};

}  // namespace

std::unique_ptr<Arch> make_ppc64_arch(Kernel& kernel) { return std::make_unique<Ppc64Arch>(kernel); }

}  // namespace trapline::kernel
