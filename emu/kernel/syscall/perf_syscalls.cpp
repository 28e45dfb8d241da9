// perf_event_open(2).
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/perf/event_file.hpp"
#include "emu/kernel/perf/open.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

namespace abi = isa::linux_abi;

// PERF_FLAG_*
constexpr std::uint64_t kFdNoGroup = 1;
constexpr std::uint64_t kFdOutput = 2;
constexpr std::uint64_t kPidCgroup = 4;
constexpr std::uint64_t kFdCloexec = 8;
constexpr std::uint64_t kAllFlags = kFdNoGroup | kFdOutput | kPidCgroup | kFdCloexec;

SyscallResult sys_perf_event_open(Syscall& call) {
  const std::uint64_t flags = call.args[4];
  if ((flags & ~kAllFlags) != 0) return Error{EINVAL};
  const auto attr = copy_perf_event_attr(call.mm(), call.address(0), known_registers(call.kernel.arch()));
  if (!attr) return attr.error();
  const int pid = call.integer(1);
  const int cpu = call.integer(2);
  const int group_fd = call.integer(3);
  const bool cgroup = (flags & kPidCgroup) != 0;
  if (cgroup && (pid == -1 || cpu == -1)) return Error{EINVAL};
  PerfEvent* group = nullptr;
  PerfEvent* output = nullptr;
  if (group_fd != -1) {
    const FdTable::Entry* const entry = call.task.files->find(group_fd);
    auto* const file = entry == nullptr ? nullptr : dynamic_cast<PerfEventFile*>(entry->file.get());
    if (file == nullptr) return Error{EBADF};
    if ((flags & kFdOutput) != 0) output = &file->event();
    if ((flags & kFdNoGroup) == 0) group = &file->event();
  }
  Task* task = nullptr;
  if (pid != -1 && !cgroup) {
    task = pid == 0 ? &call.task : call.kernel.tasks().find(pid);
    if (task == nullptr) return Error{ESRCH};
  }
  auto event = perf_event_open(call.kernel.perf(), {*attr, task, cpu, group, output, cgroup});
  if (!event) return event.error();
  PerfEvent& made = **event;
  auto file = std::make_shared<PerfEventFile>(call.kernel.machine(), call.kernel.perf(),
                                              call.kernel.hw_breakpoints(), std::move(*event));
  const auto fd = add_descriptor(call, std::move(file), (flags & kFdCloexec) != 0);
  if (!fd) return fd.error();
  made.owner = &call.task;
  call.task.perf.owned.push_back(&made);
  call.kernel.perf().install(made);
  return static_cast<std::uint64_t>(*fd);
}

}  // namespace

std::span<const SyscallEntry> perf_syscalls() {
  static constexpr std::array kTable{SyscallEntry{abi::Syscall::sys_perf_event_open, sys_perf_event_open}};
  return kTable;
}

}  // namespace trapline::kernel
