// What the kernel needs done by the instruction set: the system call ABI, the start of a program, and its own
// half of hardware breakpoints (arch/*/kernel/hw_breakpoint.c).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/arch/regset.hpp"
#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/hw_breakpoint/arch.hpp"
#include "emu/kernel/hw_breakpoint/policy.hpp"
#include "emu/kernel/perf/environment.hpp"
#include "emu/kernel/result.hpp"
#include "emu/kernel/signal/signal.hpp"
#include "emu/machine/cpu.hpp"
#include "isa/linux/syscalls.hpp"

namespace trapline::kernel {

class HwBreakpoints;
class Mm;
struct MmFault;
struct Vma;
class PerfCore;
class Scheduler;
class Signals;
struct Syscall;
struct LoadedProgram;
using isa::GuestVa;

struct SyscallRegisters {
  std::uint64_t number = 0;
  std::optional<isa::linux_abi::Syscall> call{};  // what the number stands for
  bool none = false;  // x86: -1, by which a tracer skips a call; the result is what stands in RAX
  std::array<std::uint64_t, 6> args{};
};

// Two of the interfaces that it has are also those that perf and the breakpoint PMU know it by.
class Arch : public PerfArch, public HwBreakpointArch {  // NOLINT(misc-multiple-inheritance)
 public:
  virtual ~Arch() = default;
  Arch(const Arch&) = delete;
  Arch& operator=(const Arch&) = delete;

  // --- System calls ---
  // A system call begins: what its instruction and the entry code change.
  virtual void enter_system_call(machine::Cpu& cpu, ThreadArch& thread) const = 0;
  // The same through the gate of 32-bit programs. False: it has none.
  virtual bool enter_system_call32(machine::Cpu& /*cpu*/, ThreadArch& /*thread*/) const { return false; }
  // AUDIT_ARCH_* of the call that the thread is in (linux/audit.h).
  virtual std::uint32_t audit_arch(const ThreadArch& thread) const = 0;
  virtual SyscallRegisters syscall_registers(machine::Cpu& cpu, const ThreadArch& thread) const = 0;
  virtual void set_syscall_result(machine::Cpu& cpu, const SyscallResult& result) const = 0;
  // The result as the kernel has it: an error is its negative number.
  virtual std::int64_t syscall_result(machine::Cpu& cpu) const = 0;
  // One of kErestart*, where the thread comes out of a system call that a signal interrupted; else 0.
  virtual int interrupted_call(machine::Cpu& cpu, const ThreadArch& thread) const = 0;
  // Has the thread make the call again, or restart_syscall(2) in its place.
  virtual void restart_call(machine::Cpu& cpu, ThreadArch& thread, bool restart_syscall) const = 0;
  // What the thread comes out of is no matter any more.
  virtual void no_more_restart(ThreadArch& thread) const = 0;
  // A child's registers are its parent's; these differ.
  virtual void set_up_child(machine::Cpu& cpu, ThreadArch& thread, GuestVa stack,
                            std::optional<std::uint64_t> tls) const = 0;

  // --- Steps (arch/*/step.c) ---
  // `block`: to the next branch.
  virtual void user_enable_single_step(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, bool block) const = 0;
  virtual void user_disable_single_step(machine::Cpu& cpu, ThreadArch& thread) const = 0;

  // --- Signals ---
  // The registers go into a frame on the user's stack, and the handler runs next. False: the frame cannot be
  // written.
  virtual bool setup_rt_frame(machine::Cpu& cpu, Mm& mm, ThreadArch& thread,
                              const SignalDelivery& delivery) const = 0;
  // And back. Nothing: there is no frame that could be read.
  virtual std::optional<SignalReturn> rt_sigreturn(machine::Cpu& cpu, Mm& mm, ThreadArch& thread) const = 0;
  // The thread comes into the kernel otherwise than by a system call. What a fault of `address` tells is for
  // the ucontext of its signal; `present`: the page is there, and its permissions are the reason.
  virtual void enter_exception(ThreadArch& thread, const machine::Stop& stop) const = 0;
  // Returns the signal that comes of it.
  virtual SignalInfo bad_page_fault(machine::Cpu& cpu, ThreadArch& thread, isa::AccessKind kind,
                                    GuestVa address, const MmFault& fault, bool present) const = 0;

  virtual std::uint64_t min_signal_stack() const = 0;  // AT_MINSIGSTKSZ

  // --- Registers for ptrace(2): user_regs.hpp of the instruction set ---
  // Nothing: a debug register's place (x86).
  virtual std::optional<Result<std::uint64_t>> peek_user(machine::Cpu& cpu, const ThreadArch& thread,
                                                         std::uint64_t offset) const = 0;
  virtual std::optional<Status> poke_user(machine::Cpu& cpu, ThreadArch& thread, std::uint64_t offset,
                                          std::uint64_t value) const = 0;
  virtual Result<Regset> regset_of(unsigned type) const = 0;
  virtual Result<std::vector<std::byte>> regset(machine::Cpu& cpu, const ThreadArch& thread,
                                                unsigned type) const = 0;
  virtual Status set_regset(machine::Cpu& cpu, ThreadArch& thread, unsigned type,
                            std::span<const std::byte> bytes) const = 0;
  virtual std::optional<RegsetRequest> regset_request(std::uint64_t request) const = 0;
  // Debug registers, by their place in struct user (x86).
  virtual Result<std::uint64_t> peek_debug_register(const Task& task, std::uint64_t offset) const = 0;
  virtual Status poke_debug_register(Task& task, std::uint64_t offset, std::uint64_t value) = 0;
  // A request that only this instruction set has, about a stopped task whose registers are in `cpu`. EIO:
  // there is none such.
  virtual SyscallResult ptrace_request(Syscall& call, machine::Cpu& cpu, Task& target) = 0;

  // --- Programs ---
  // Maps what a program finds beside its own segments; its auxiliary vector, which is written next, may tell
  // of it (arch_setup_additional_pages()).
  virtual void setup_additional_pages(Mm& /*mm*/) {}
  // The time before which no program may be told that it is, in nanoseconds, for where programs read the time
  // by themselves (kernel/time/vsyscall.c).
  virtual void update_vsyscall(std::uint64_t /*latest*/) {}
  // Registers for the first instruction, with the stack pointer at argc. False: the entry point cannot be
  // read.
  virtual bool start_thread(machine::Cpu& cpu, Mm& mm, const LoadedProgram& program, GuestVa stack) const = 0;
  virtual std::string_view platform() const = 0;      // AT_PLATFORM
  virtual std::uint64_t hwcap() const = 0;            // AT_HWCAP
  virtual std::uint64_t hwcap2() const { return 0; }  // AT_HWCAP2
  virtual std::string_view machine_name() const = 0;  // uname -m

  // --- Hardware breakpoints, beside HwBreakpointArch ---
  // Whether the CPU's breakpoints are off while the callback of a hit runs, in kernel code or a program's.
  virtual bool disarmed_in_callback(bool kernel) const = 0;
  virtual void hw_breakpoint_disable(machine::Cpu& cpu) = 0;
  // __set_breakpoint() of PPC64: a register of the CPU's for a kernel debugger, whoever else has it. `type`:
  // HW_BRK_TYPE_*; 0: off.
  virtual void set_breakpoint(machine::Cpu& /*cpu*/, unsigned /*slot*/, GuestVa /*address*/,
                              std::uint16_t /*type*/) {}
  // kexec: the CPU goes on there, as a new kernel begins.
  virtual void start_image(machine::Cpu& cpu, GuestVa entry, GuestVa stack) const = 0;
  // Who knows how many bytes the kernel's symbol at an address has (BreakpointPolicy::size_of_symbol).
  using SymbolSize = std::function<std::optional<std::uint64_t>(GuestVa)>;
  virtual void set_symbol_size(const SymbolSize& /*size*/) {}
  virtual void hw_breakpoint_restore(machine::Cpu& cpu) = 0;
  // execve(2): a tracer's breakpoints are gone.
  virtual void flush_ptrace_hw_breakpoint(Task& task) const = 0;
  // The task, which is on the CPU, is to go on elsewhere, as in a signal's handler (PPC64,
  // thread_change_pc()).
  virtual void thread_change_pc(machine::Cpu& /*cpu*/, Task& /*task*/) {}

  // --- Exceptions ---
  // The instruction at the PC is illegal or privileged, but carried out by the kernel for user programs; true
  // if it was (emulate_instruction()).
  virtual bool emulate_instruction(machine::Cpu& /*cpu*/, Task& /*task*/) const { return false; }
  // The signal that comes of an instruction that is none or is privileged, where nobody carries it out
  // (kernel/traps.c).
  virtual SignalInfo signal_of_instruction(machine::Cpu& cpu, bool privileged) const = 0;
  // The same of a breakpoint instruction of the program's own (INT3, trap).
  virtual SignalInfo signal_of_breakpoint(machine::Cpu& cpu) const = 0;
  // A step over a system call ends behind it: its si_code; nothing where the tracer, which emulates calls,
  // has had its stop.
  virtual std::optional<int> step_over_call(bool emulated) const = 0;
  // What every program has beside its mappings, in no table of them (get_gate_vma()).
  virtual std::optional<Vma> gate_vma() const;
  // A fetch from `address` failed. True: it was a call of the vsyscall page, which is made by `call` (x86).
  using MakeCall =
      std::function<SyscallResult(isa::linux_abi::Syscall, const std::array<std::uint64_t, 6>& arguments)>;
  virtual bool emulate_vsyscall(machine::Cpu& /*cpu*/, Task& /*task*/, GuestVa /*address*/,
                                const MakeCall& /*call*/) const {
    return false;
  }
  // The kernel itself accessed user memory for the task, which is on the CPU. `before`: the watched bytes
  // then.
  virtual void kernel_access(machine::Cpu& cpu, Task& task, const isa::Access& access,
                             const machine::Cpu::Before& before) = 0;
  // The task goes on in user code, after others may have run.
  virtual void return_to_user(Task& /*task*/) {}
  // Handles #DB; the DABR's data storage interrupt; the trace interrupt. `task` is who ran.
  virtual void debug_exception(machine::Cpu& cpu, Task& task, const machine::DebugException& exception) = 0;

 protected:
  Arch() = default;
};

// What an instruction set's half works with.
struct ArchUses {
  machine::Machine& machine;
  Scheduler& scheduler;
  Signals& signals;
  NotifierChain& die_chain;
  PerfCore& perf;
  HwBreakpoints& hw_breakpoints;
  unsigned slots;  // KernelSpec::slots, or all that the machine has
  BreakpointPolicy policy{};
  // Told of a breakpoint that is disabled for good, since what hit it cannot be stepped over
  // (larx_stcx_err(), PPC64).
  std::function<void(machine::Cpu& cpu, const PerfEvent& event)> gave_up{};
};
std::unique_ptr<Arch> make_x86_arch(const ArchUses& uses);
std::unique_ptr<Arch> make_ppc64_arch(const ArchUses& uses);
std::unique_ptr<Arch> make_arch(const ArchUses& uses);  // the machine's

}  // namespace trapline::kernel
