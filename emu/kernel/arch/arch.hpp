// What the kernel needs done by the instruction set: the system call ABI, the start of a program, and its own
// half of hardware breakpoints (arch/*/kernel/hw_breakpoint.c).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/perf/perf_event.hpp"
#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

class Kernel;
class Mm;
struct LoadedProgram;
using isa::GuestVa;

struct SyscallRegisters {
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> args{};
};

class Arch {
 public:
  virtual ~Arch() = default;
  Arch(const Arch&) = delete;
  Arch& operator=(const Arch&) = delete;

  // --- System calls ---
  virtual SyscallRegisters syscall_registers(machine::Cpu& cpu) const = 0;
  virtual void set_syscall_result(machine::Cpu& cpu, const SyscallResult& result) const = 0;

  // --- Programs ---
  // Registers for the first instruction, with the stack pointer at argc. False: the entry point cannot be
  // read.
  virtual bool start_thread(machine::Cpu& cpu, Mm& mm, const LoadedProgram& program, GuestVa stack) const = 0;
  virtual std::string_view platform() const = 0;      // AT_PLATFORM
  virtual std::uint64_t hwcap() const = 0;            // AT_HWCAP
  virtual std::string_view machine_name() const = 0;  // uname -m

  // --- Hardware breakpoints ---
  virtual Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const = 0;
  virtual bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& hw) const = 0;
  // Puts the event into a register of the CPU; EBUSY where none is free, which the constraints prevent.
  virtual Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) = 0;
  virtual void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) = 0;

  // --- Exceptions ---
  // Handles #DB; the DABR's data storage interrupt; the trace interrupt. `task` is who ran.
  virtual void debug_exception(machine::Cpu& cpu, Task& task, const machine::DebugException& exception) = 0;

 protected:
  Arch() = default;
};

std::unique_ptr<Arch> make_x86_arch(Kernel& kernel);
std::unique_ptr<Arch> make_ppc64_arch(Kernel& kernel);

}  // namespace trapline::kernel
