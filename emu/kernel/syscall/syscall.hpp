// A system call under way, and how one finds its handler: a free function for each, grouped by subject in the
// files beside this.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>

#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"
#include "isa/linux/syscalls.hpp"

namespace trapline::kernel {

class Kernel;
class Mm;
class Task;
using isa::GuestVa;

struct Syscall {
  Kernel& kernel;
  Task& task;
  machine::Cpu& cpu;
  std::array<std::uint64_t, 6> args;  // as the guest passed them

  Mm& mm() const;
  isa::Isa isa() const { return cpu.isa(); }
  GuestVa address(unsigned n) const { return GuestVa(args[n]); }
  // A 32-bit argument: what a C `int` parameter takes of its register.
  int integer(unsigned n) const { return static_cast<int>(args[n]); }
};

using SyscallHandler = SyscallResult (*)(Syscall&);

struct SyscallEntry {
  isa::linux_abi::Syscall call;
  SyscallHandler handler;
};

// The tables of the groups; every other call answers ENOSYS.
std::span<const SyscallEntry> file_syscalls();
std::span<const SyscallEntry> memory_syscalls();
std::span<const SyscallEntry> time_syscalls();
std::span<const SyscallEntry> process_syscalls();
std::span<const SyscallEntry> signal_syscalls();
std::span<const SyscallEntry> perf_syscalls();

SyscallHandler handler_of(isa::linux_abi::Syscall call);  // null: ENOSYS

}  // namespace trapline::kernel
