// Who a process is: root, in a user namespace that knows no other user (user_namespaces(7)); and its
// execution domain.
#include <algorithm>
#include <array>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"

namespace trapline::kernel {

namespace {

SyscallResult root_id(Syscall& /*call*/) { return 0; }

// EINVAL: the user has no mapping in the namespace.
SyscallResult set_ids(Syscall& call, unsigned count, bool minus_one_keeps) {
  for (unsigned i = 0; i < count; ++i) {
    const auto id = static_cast<std::uint32_t>(call.args[i]);
    if (id != 0 && !(minus_one_keeps && id == ~0u)) return Error{EINVAL};
  }
  return 0;
}
SyscallResult sys_setuid(Syscall& call) { return set_ids(call, 1, false); }
SyscallResult sys_setreuid(Syscall& call) { return set_ids(call, 2, true); }
SyscallResult sys_setresuid(Syscall& call) { return set_ids(call, 3, true); }

SyscallResult sys_getresuid(Syscall& call) {
  for (unsigned i = 0; i < 3; ++i) {
    if (!call.mm().write_word(call.address(i), 0, 4)) return Error{EFAULT};
  }
  return 0;
}

SyscallResult sys_getgroups(Syscall& call) {
  const int room = call.integer(0);
  const std::uint32_t groups = call.task.groups;
  if (room < 0) return Error{EINVAL};
  if (room == 0) return groups;
  if (static_cast<std::uint32_t>(room) < groups) return Error{EINVAL};
  const std::vector<std::byte> roots(4ul * groups);
  if (!call.mm().write(call.address(1), roots)) return Error{EFAULT};
  return groups;
}

SyscallResult sys_personality(Syscall& call) {
  constexpr std::uint32_t kQuery = 0xffffffff;
  const auto wanted = static_cast<std::uint32_t>(call.args[0]);
  const std::uint32_t old = call.task.personality;
  if (wanted != kQuery) call.task.personality = wanted;
  return old;
}

// There is no group but root's that a process could be in.
SyscallResult sys_setgroups(Syscall& call) {
  constexpr std::uint64_t kMost = 65536;  // NGROUPS_MAX
  const std::uint64_t count = call.args[0] & 0xffffffff;
  if (count > kMost) return Error{EINVAL};
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto group = call.mm().read_word(call.address(1) + 4 * i, 4);
    if (!group) return Error{EFAULT};
    if (*group != 0) return Error{EINVAL};
  }
  call.task.groups = static_cast<std::uint32_t>(count);
  return 0;
}

// --- capget(2), capset(2) ---

// How many structures of three 32-bit sets a version of the interface passes, or 0 for a version that is
// none, for which the header then names the one preferred.
Result<unsigned> capability_parts(Syscall& call) {
  const auto version = call.mm().read_word(call.address(0), 4);
  if (!version) return Error{EFAULT};
  constexpr std::uint32_t kVersion1 = 0x19980330, kVersion2 = 0x20071026, kVersion3 = 0x20080522;
  if (*version == kVersion1) return 1;
  if (*version == kVersion2 || *version == kVersion3) return 2;
  if (!call.mm().write_word(call.address(0), kVersion3, 4)) return Error{EFAULT};
  return 0;
}

SyscallResult sys_capget(Syscall& call) {
  const auto parts = capability_parts(call);
  if (!parts) return parts.error();
  if (*parts == 0 || call.args[1] == 0)
    return *parts == 0 && call.args[1] != 0 ? Error{EINVAL} : SyscallResult(std::uint64_t{0});
  const auto pid = call.mm().read_word(call.address(0) + 4, 4);
  if (!pid) return Error{EFAULT};
  const int number = static_cast<int>(*pid);
  if (number < 0) return Error{EINVAL};
  const Task* const task = number == 0 ? &call.task : call.kernel.tasks().find(number);
  if (task == nullptr) return Error{ESRCH};
  const Capabilities& has = task->capabilities;
  for (unsigned part = 0; part < *parts; ++part) {
    for (unsigned i = 0; const std::uint64_t set : {has.effective, has.permitted, has.inheritable}) {
      const GuestVa at = call.address(1) + 12 * part + 4 * i++;
      if (!call.mm().write_word(at, set >> 32 * part & 0xffffffff, 4)) return Error{EFAULT};
    }
  }
  return 0;
}

// cap_capset(): nothing that was given up comes back.
SyscallResult sys_capset(Syscall& call) {
  const auto parts = capability_parts(call);
  if (!parts) return parts.error();
  if (*parts == 0) return Error{EINVAL};
  const auto pid = call.mm().read_word(call.address(0) + 4, 4);
  if (!pid) return Error{EFAULT};
  if (*pid != 0 && static_cast<int>(*pid) != call.task.tid()) return Error{EPERM};
  std::array<std::uint64_t, 3> sets{};
  for (unsigned part = 0; part < *parts; ++part) {
    for (unsigned i = 0; i < sets.size(); ++i) {
      const auto bits = call.mm().read_word(call.address(1) + 12 * part + 4 * i, 4);
      if (!bits) return Error{EFAULT};
      sets[i] |= (*bits << 32 * part) & kAllCapabilities;
    }
  }
  Capabilities& has = call.task.capabilities;
  const auto& [effective, permitted, inheritable] = sets;
  if ((inheritable & ~(has.inheritable | has.bounding)) != 0 || (permitted & ~has.permitted) != 0 ||
      (effective & ~permitted) != 0)
    return Error{EPERM};
  has.effective = effective;
  has.permitted = permitted;
  has.inheritable = inheritable;
  has.ambient &= permitted & inheritable;
  return 0;
}

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> credential_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_getuid, root_id},          SyscallEntry{Name::sys_geteuid, root_id},
      SyscallEntry{Name::sys_getgid, root_id},          SyscallEntry{Name::sys_getegid, root_id},
      SyscallEntry{Name::sys_setuid, sys_setuid},       SyscallEntry{Name::sys_setgid, sys_setuid},
      SyscallEntry{Name::sys_setreuid, sys_setreuid},   SyscallEntry{Name::sys_setregid, sys_setreuid},
      SyscallEntry{Name::sys_setresuid, sys_setresuid}, SyscallEntry{Name::sys_setresgid, sys_setresuid},
      SyscallEntry{Name::sys_getresuid, sys_getresuid}, SyscallEntry{Name::sys_getresgid, sys_getresuid},
      SyscallEntry{Name::sys_setfsuid, root_id},        SyscallEntry{Name::sys_setfsgid, root_id},
      SyscallEntry{Name::sys_getgroups, sys_getgroups}, SyscallEntry{Name::sys_personality, sys_personality},
      SyscallEntry{Name::sys_setgroups, sys_setgroups}, SyscallEntry{Name::sys_capget, sys_capget},
      SyscallEntry{Name::sys_capset, sys_capset},
  };
  return kTable;
}

}  // namespace trapline::kernel
