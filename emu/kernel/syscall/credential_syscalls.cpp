// Who a process is: root, in a user namespace that knows no other user (user_namespaces(7)); and its
// execution domain.
#include <algorithm>
#include <array>

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
  if (call.integer(0) < 0) return Error{EINVAL};
  return 0;
}

SyscallResult sys_personality(Syscall& call) {
  constexpr std::uint32_t kQuery = 0xffffffff;
  const auto wanted = static_cast<std::uint32_t>(call.args[0]);
  const std::uint32_t old = call.task.personality;
  if (wanted != kQuery) call.task.personality = wanted;
  return old;
}

using Name = isa::linux_abi::Syscall;
constexpr std::array kTable{
    SyscallEntry{Name::sys_getuid, root_id},          SyscallEntry{Name::sys_geteuid, root_id},
    SyscallEntry{Name::sys_getgid, root_id},          SyscallEntry{Name::sys_getegid, root_id},
    SyscallEntry{Name::sys_setuid, sys_setuid},       SyscallEntry{Name::sys_setgid, sys_setuid},
    SyscallEntry{Name::sys_setreuid, sys_setreuid},   SyscallEntry{Name::sys_setregid, sys_setreuid},
    SyscallEntry{Name::sys_setresuid, sys_setresuid}, SyscallEntry{Name::sys_setresgid, sys_setresuid},
    SyscallEntry{Name::sys_getresuid, sys_getresuid}, SyscallEntry{Name::sys_getresgid, sys_getresuid},
    SyscallEntry{Name::sys_setfsuid, root_id},        SyscallEntry{Name::sys_setfsgid, root_id},
    SyscallEntry{Name::sys_getgroups, sys_getgroups}, SyscallEntry{Name::sys_personality, sys_personality},
};

}  // namespace

std::span<const SyscallEntry> credential_syscalls() { return kTable; }

}  // namespace trapline::kernel
