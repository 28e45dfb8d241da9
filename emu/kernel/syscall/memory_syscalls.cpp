// mmap and its family.
#include <array>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): PROT_*, MAP_*

Permissions permissions_of(std::uint64_t prot) {
  // Neither page table can take reading away from a page that may be written or executed.
  const bool write = (prot & kProtWrite) != 0;
  const bool execute = (prot & kProtExec) != 0;
  return {.read = (prot & kProtRead) != 0 || write || execute, .write = write, .execute = execute};
}

SyscallResult sys_brk(Syscall& call) { return call.mm().set_brk(call.address(0)).value; }

SyscallResult sys_mmap(Syscall& call) {
  const auto [address, size, prot, flags, fd, offset] = call.args;
  if (offset % call.mm().page_size() != 0) return Error{EINVAL};
  Mm::MapRequest request{.size = size};
  const std::uint64_t type = flags & kMapTypeMask;
  constexpr std::uint64_t kMapSharedValidate = 3;
  if (type != kMapShared && type != kMapPrivate && type != kMapSharedValidate) return Error{EINVAL};
  request.fixed = (flags & (kMapFixed | kMapFixedNoReplace)) != 0;
  request.no_replace = (flags & kMapFixedNoReplace) != 0;
  if (request.fixed || address != 0) request.at = GuestVa(address);
  request.vma.permissions = permissions_of(prot);
  request.vma.shared = type != kMapPrivate;
  request.vma.grows_down = (flags & differing(call.isa()).map_growsdown) != 0;
  if ((flags & kMapAnonymous) == 0) {
    const FdTable::Entry* const entry = call.task.files->find(static_cast<int>(fd));
    if (entry == nullptr) return Error{EBADF};
    if ((entry->file->flags() & kOAccMode) == kOWrOnly) return Error{EACCES};
    auto contents = entry->file->contents();
    if (!contents) return contents.error();
    // A store through a shared mapping would have to reach the host's file.
    if (request.vma.shared && request.vma.permissions.write) return Error{EACCES};
    request.vma.file = *contents;
    request.vma.file_offset = offset;
    request.vma.name = entry->file->name();
  }
  const auto mapped = call.mm().map(request);
  if (!mapped) return mapped.error();
  return mapped->value;
}

SyscallResult sys_munmap(Syscall& call) {
  const Status done = call.mm().unmap(call.address(0), call.args[1]);
  if (!done) return done.error();
  return 0;
}

SyscallResult sys_mprotect(Syscall& call) {
  constexpr std::uint64_t kKnown = kProtRead | kProtWrite | kProtExec;
  if ((call.args[2] & ~kKnown) != 0) return Error{EINVAL};
  const Status done = call.mm().protect(call.address(0), call.args[1], permissions_of(call.args[2]));
  if (!done) return done.error();
  return 0;
}

SyscallResult sys_mremap(Syscall& call) {
  const std::uint64_t flags = call.args[3];
  if ((flags & ~(kMremapMayMove | kMremapFixed)) != 0) return Error{EINVAL};
  if ((flags & kMremapFixed) != 0) return Error{EINVAL};
  const auto moved =
      call.mm().remap(call.address(0), call.args[1], call.args[2], (flags & kMremapMayMove) != 0);
  if (!moved) return moved.error();
  return moved->value;
}

SyscallResult sys_madvise(Syscall& call) {
  if (call.address(0).offset_in(call.mm().page_size()) != 0) return Error{EINVAL};
  if (call.args[2] == kMadvDontNeed) {
    const Status done = call.mm().discard(call.address(0), call.args[1]);
    if (!done) return done.error();
  }
  return 0;  // all other advice is only that
}

SyscallResult sys_msync(Syscall& /*call*/) { return 0; }  // nothing that is mapped is behind

constexpr std::array kTable{
    SyscallEntry{isa::linux_abi::Syscall::sys_brk, sys_brk},
    SyscallEntry{isa::linux_abi::Syscall::sys_mmap, sys_mmap},
    SyscallEntry{isa::linux_abi::Syscall::sys_munmap, sys_munmap},
    SyscallEntry{isa::linux_abi::Syscall::sys_mprotect, sys_mprotect},
    SyscallEntry{isa::linux_abi::Syscall::sys_mremap, sys_mremap},
    SyscallEntry{isa::linux_abi::Syscall::sys_madvise, sys_madvise},
    SyscallEntry{isa::linux_abi::Syscall::sys_msync, sys_msync},
};

}  // namespace

std::span<const SyscallEntry> memory_syscalls() { return kTable; }

}  // namespace trapline::kernel
