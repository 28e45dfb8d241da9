// kcmp(2): whether two tasks share a thing. Linux orders things by where they lie in its memory; here, so
// that every run gives the same order, by the first task, and of files its first descriptor, that has them.
#include <array>
#include <optional>
#include <utility>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

// linux/kcmp.h
enum Type : std::uint64_t {
  kFile = 0,
  kVm = 1,
  kFiles = 2,
  kFs = 3,
  kSigHand = 4,
  kIo = 5,
  kSysVSem = 6,
  kEpollTfd = 7
};

using Holder = std::pair<int, int>;  // tid; descriptor

const void* thing_of(const Task& task, std::uint64_t type) {
  switch (type) {
    case kVm:
      return task.mm.get();
    case kFiles:
      return task.files.get();
    case kFs:
      return task.fs.get();
    default:
      return task.actions.get();
  }
}

Holder first_place(const TaskTable& tasks, const void* thing, std::uint64_t type) {
  for (const auto& [tid, task] : tasks.all()) {
    if (thing_of(*task, type) == thing) return {tid, 0};
  }
  return {};
}

Holder first_place(const TaskTable& tasks, const File& file) {
  for (const auto& [tid, task] : tasks.all()) {
    if (!task->files) continue;
    for (const auto& [fd, entry] : task->files->entries()) {
      if (entry.file.get() == &file) return {tid, fd};
    }
  }
  return {};
}

// 0: equal, 1: the first comes before the second, 2: after it.
std::uint64_t order(const Holder& first, const Holder& second) {
  return first == second ? 0 : first < second ? 1 : 2;
}

SyscallResult sys_kcmp(Syscall& call) {
  const TaskTable& tasks = call.kernel.tasks();
  const Task* const first = tasks.find(call.integer(0));
  const Task* const second = tasks.find(call.integer(1));
  if (first == nullptr || second == nullptr) return Error{ESRCH};
  const std::uint64_t type = call.args[2] & 0xffffffff;
  switch (type) {
    case kFile: {
      const auto file = [](const Task& task, std::uint64_t fd) {
        const FdTable::Entry* const entry =
            task.files && fd < 0x80000000 ? task.files->find(static_cast<int>(fd)) : nullptr;
        return entry == nullptr ? FileRef{} : entry->file;
      };
      const FileRef one = file(*first, call.args[3]);
      const FileRef other = file(*second, call.args[4]);
      if (!one || !other) return Error{EBADF};
      return one == other ? 0 : order(first_place(tasks, *one), first_place(tasks, *other));
    }
    case kVm:
    case kFiles:
    case kFs:
    case kSigHand: {
      const void* const one = thing_of(*first, type);
      const void* const other = thing_of(*second, type);
      return one == other ? 0 : order(first_place(tasks, one, type), first_place(tasks, other, type));
    }
    case kIo:  // nobody has an I/O context or undoes semaphores
    case kSysVSem:
      return 0;
    case kEpollTfd:
      return Error{EBADF};
    default:
      return Error{EINVAL};
  }
}

}  // namespace

std::span<const SyscallEntry> kcmp_syscalls() {
  static constexpr std::array kTable{SyscallEntry{isa::linux_abi::Syscall::sys_kcmp, sys_kcmp}};
  return kTable;
}

}  // namespace trapline::kernel
