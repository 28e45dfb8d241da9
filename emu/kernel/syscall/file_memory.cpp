#include <string>

#include "emu/kernel/fs/memfd.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

SyscallResult sys_memfd_create(Syscall& call) {
  enum : std::uint64_t { kCloExec = 1, kAllowSealing = 2, kNoExecSeal = 8, kExec = 0x10 };
  constexpr std::size_t kMostName = 249;  // NAME_MAX less "memfd:"
  const std::uint64_t flags = call.args[1] & 0xffffffff;
  if ((flags & ~(kCloExec | kAllowSealing | kNoExecSeal | kExec)) != 0) return Error{EINVAL};
  if ((flags & kNoExecSeal) != 0 && (flags & kExec) != 0) return Error{EINVAL};
  const auto name = call.mm().read_string(call.address(0), kMostName + 1);
  if (!name) return Error{name.error().number == ENAMETOOLONG ? EINVAL : name.error().number};
  // MFD_NOEXEC_SEAL means MFD_ALLOW_SEALING.
  const bool no_exec = (flags & kNoExecSeal) != 0;
  std::uint64_t seals = kSealSeal;
  if ((flags & kAllowSealing) != 0) seals = 0;
  if (no_exec) seals = kSealExec;
  auto file = make_memfd(call.kernel.scheduler(), call.kernel.tasks(), *name, seals, no_exec ? 0666 : 0777,
                         isa::linux_abi::kORdWr | isa::linux_abi::differing(call.isa()).o_largefile);
  const auto fd = add_descriptor(call, std::move(file), (flags & kCloExec) != 0);
  return fd ? SyscallResult(static_cast<std::uint64_t>(*fd)) : fd.error();
}

}  // namespace trapline::kernel
