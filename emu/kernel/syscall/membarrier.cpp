// membarrier(2). The CPUs of this machine take turns and see each other's stores at once, so that no command
// has anything left to do; what a process may ask for is as on Linux.
#include <array>
#include <bit>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

// linux/membarrier.h, without those for restartable sequences
enum MembarrierCommand : std::uint32_t {
  kQuery = 0,
  kGlobal = 1 << 0,
  kGlobalExpedited = 1 << 1,
  kRegisterGlobalExpedited = 1 << 2,
  kPrivateExpedited = 1 << 3,
  kRegisterPrivateExpedited = 1 << 4,
  kPrivateExpeditedSyncCore = 1 << 5,
  kRegisterPrivateExpeditedSyncCore = 1 << 6,
};
constexpr std::uint32_t kAll = (1 << 7) - 1;
constexpr std::uint32_t kNeedRegistration = kPrivateExpedited | kPrivateExpeditedSyncCore;
constexpr std::uint32_t kRegistrations =
    kRegisterGlobalExpedited | kRegisterPrivateExpedited | kRegisterPrivateExpeditedSyncCore;

SyscallResult sys_membarrier(Syscall& call) {
  const auto command = static_cast<std::uint32_t>(call.args[0]);
  if ((call.args[1] & 0xffffffff) != 0) return Error{EINVAL};
  if (command == kQuery) return kAll;
  if (!std::has_single_bit(command) || (command & kAll) == 0) return Error{EINVAL};
  Mm& mm = call.mm();
  // A command's registration is the bit above it.
  if ((command & kNeedRegistration) != 0 && (mm.membarriers & command << 1) == 0) return Error{EPERM};
  mm.membarriers |= command & kRegistrations;
  return 0;
}

}  // namespace

std::span<const SyscallEntry> membarrier_syscalls() {
  static constexpr std::array kTable{SyscallEntry{isa::linux_abi::Syscall::sys_membarrier, sys_membarrier}};
  return kTable;
}

}  // namespace trapline::kernel
