// A system call under way, and how one finds its handler: a free function for each, grouped by subject in the
// files beside this.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>

#include "emu/kernel/result.hpp"
#include "emu/machine/cpu.hpp"
#include "isa/linux/syscalls.hpp"

namespace trapline::kernel {

inline constexpr std::uint64_t kIovMax = 1024;  // UIO_MAXIOV, linux/uio.h

class Kernel;
class Mm;
class Task;
class WaitQueue;
enum class TaskState : std::uint8_t;
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

  // Nanoseconds since the machine was made.
  std::uint64_t now() const;
  // What waits for something returns this: the handler is called again when one of the queues is woken, at
  // the call's deadline, or for a signal. It looks then whether it has what it waited for, and else comes
  // here again. Where a signal is pending, the call ends instead, with `interrupted`.
  SyscallResult sleep(std::initializer_list<WaitQueue*> queues, int interrupted = kErestartSys) const;
  SyscallResult sleep(std::span<WaitQueue* const> queues, int interrupted = kErestartSys) const;
  // The same where only a deadly signal may interrupt.
  SyscallResult sleep_killable(std::span<WaitQueue* const> queues) const;
  // The deadline of the call, which is set when it is first asked for.
  std::uint64_t deadline(std::uint64_t nanoseconds_from_now) const;
  bool timed_out() const;

 private:
  SyscallResult wait_in(std::span<WaitQueue* const> queues, TaskState state) const;
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
std::span<const SyscallEntry> task_syscalls();
std::span<const SyscallEntry> sched_syscalls();
std::span<const SyscallEntry> timer_syscalls();
std::span<const SyscallEntry> futex_syscalls();
std::span<const SyscallEntry> poll_syscalls();
std::span<const SyscallEntry> credential_syscalls();
std::span<const SyscallEntry> process_memory_syscalls();
std::span<const SyscallEntry> signal_syscalls();
std::span<const SyscallEntry> perf_syscalls();
std::span<const SyscallEntry> pidfd_syscalls();
std::span<const SyscallEntry> membarrier_syscalls();
std::span<const SyscallEntry> kcmp_syscalls();
std::span<const SyscallEntry> reboot_syscalls();
std::span<const SyscallEntry> refused_syscalls();
std::span<const SyscallEntry> socket_syscalls();
std::span<const SyscallEntry> inotify_syscalls();
std::span<const SyscallEntry> timerfd_syscalls();
std::span<const SyscallEntry> module_syscalls();
std::span<const SyscallEntry> log_syscalls();

// CLONE_PIDFD (pidfd_syscalls.cpp): whether a descriptor can be had and stored at `address`; and that done.
Status check_pidfd_place(Syscall& call, GuestVa address);
void install_pidfd(Syscall& call, const Task& child, GuestVa address);

SyscallHandler handler_of(isa::linux_abi::Syscall call);  // null: ENOSYS

}  // namespace trapline::kernel
