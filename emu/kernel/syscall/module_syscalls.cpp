// init_module(2), finit_module(2) and delete_module(2), on machines that have modules at all (KernelHalf); on
// others a program may not load any, as where kernel.modules_disabled is set.
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/module/module_object.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kMostModule = 64u << 20;  // bytes
constexpr std::uint64_t kMostArguments = 4096;

// The call is made a second time when the module's function has returned (CallProgress::done).
enum ModulePhase : unsigned { kBegins, kReturned };

SyscallResult has_returned(const Syscall& call) {
  const auto result = static_cast<std::int32_t>(call.task.call.done);
  return result < 0 ? SyscallResult(Error{-result}) : SyscallResult(std::uint64_t{0});
}

SyscallResult load_module(Syscall& call, std::span<const std::byte> file, GuestVa arguments) {
  const auto text = call.mm().read_string(arguments, kMostArguments);
  if (!text) return text.error();
  call.cpu.charge(file.size());
  KernelHalf& half = call.kernel.kernel_half();
  Task& task = call.task;
  try {
    half.insert(file, "module", *text, task,
                [&task](int result) { task.call.done = static_cast<std::uint64_t>(std::min(result, 0)); });
  } catch (const ModuleError& error) {
    return Error{error.number};
  }
  task.call.phase = kReturned;
  return Error{kSleeps};
}

SyscallResult sys_init_module(Syscall& call) {
  if (!call.kernel.has_modules()) return Error{EPERM};
  if (call.task.call.phase == kReturned) return has_returned(call);
  if (call.args[1] > kMostModule) return Error{ENOMEM};
  if (call.args[1] == 0) return Error{ENOEXEC};
  std::vector<std::byte> file(call.args[1]);
  if (!call.mm().read(call.address(0), file)) return Error{EFAULT};
  return load_module(call, file, call.address(2));
}

SyscallResult sys_finit_module(Syscall& call) {
  if (!call.kernel.has_modules()) return Error{EPERM};
  if (call.task.call.phase == kReturned) return has_returned(call);
  constexpr std::uint64_t kKnownFlags = 7;  // MODULE_INIT_*
  if ((call.args[2] & ~kKnownFlags) != 0) return Error{EINVAL};
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  std::vector<std::byte> bytes;
  for (std::array<std::byte, 65536> piece{};;) {
    const SyscallResult had = (*file)->pread(piece, bytes.size());
    if (!had) return had.error();
    if (*had == 0) break;
    bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*had));
    if (bytes.size() > kMostModule) return Error{EFBIG};
  }
  return load_module(call, bytes, call.address(1));
}

SyscallResult sys_delete_module(Syscall& call) {
  if (!call.kernel.has_modules()) return Error{EPERM};
  if (call.task.call.phase == kReturned) return 0;
  const auto name = call.mm().read_string(call.address(0), kMostArguments);
  if (!name) return name.error();
  const Status removed = call.kernel.kernel_half().remove(*name, call.task);
  if (!removed) return removed.error();
  call.task.call.phase = kReturned;
  return Error{kSleeps};
}

}  // namespace

std::span<const SyscallEntry> module_syscalls() {
  using Name = isa::linux_abi::Syscall;
  static constexpr std::array kTable{SyscallEntry{Name::sys_init_module, sys_init_module},
                                     SyscallEntry{Name::sys_finit_module, sys_finit_module},
                                     SyscallEntry{Name::sys_delete_module, sys_delete_module}};
  return kTable;
}

}  // namespace trapline::kernel
