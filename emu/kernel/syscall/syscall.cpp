#include "emu/kernel/syscall/syscall.hpp"

#include <array>

#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

using Table = std::array<SyscallHandler, static_cast<std::size_t>(isa::linux_abi::Syscall::kCount)>;

Table collect() {
  Table table{};
  for (const auto group : {file_syscalls(), memory_syscalls(), time_syscalls(), process_syscalls(),
                           signal_syscalls(), perf_syscalls()}) {
    for (const SyscallEntry& entry : group) table[static_cast<std::size_t>(entry.call)] = entry.handler;
  }
  return table;
}

}  // namespace

Mm& Syscall::mm() const { return *task.mm; }

SyscallHandler handler_of(isa::linux_abi::Syscall call) {
  static const Table kTable = collect();
  return kTable[static_cast<std::size_t>(call)];
}

}  // namespace trapline::kernel
