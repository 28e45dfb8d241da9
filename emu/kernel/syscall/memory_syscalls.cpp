// mmap and its family.
#include <algorithm>
#include <array>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): PROT_*, MAP_*

Permissions permissions_of(std::uint64_t prot) {
  return {
      .read = (prot & kProtRead) != 0, .write = (prot & kProtWrite) != 0, .execute = (prot & kProtExec) != 0};
}

// asm-generic/mman.h, asm-generic/mman-common.h and arch/powerpc/include/uapi/asm/mman.h
constexpr std::uint64_t kMapSharedValidate = 3;
constexpr std::uint64_t kMapPopulate = 0x8000;
constexpr std::uint64_t kMapHugeTlb = 0x40000;
constexpr std::uint64_t kMapSync = 0x80000;
constexpr std::uint64_t kProtSem = 8;
constexpr std::uint64_t kProtGrowsDown = 0x01000000;
constexpr std::uint64_t kProtGrowsUp = 0x02000000;
constexpr std::uint64_t kMremapDontUnmap = 4;
SyscallResult result_of(const Status& status) {
  return status ? SyscallResult(std::uint64_t{0}) : status.error();
}

// Mapping /dev/zero is another way to ask for anonymous memory (null(4)).
bool is_zero_device(const File& file) {
  const auto status = file.status();
  return status && (status->mode & kSIfMt) == kSIfChr && status->special_device == device_number(1, 5);
}

// perf_event_mmap: what is mapped there now, for events that ask for it.
void tell_perf(Syscall& call, GuestVa start, std::uint64_t size) {
  PerfCore& perf = call.kernel.perf();
  if (call.task.perf.empty() && perf.cpu_context(call.cpu.index()).empty()) return;
  const auto& vmas = call.mm().vmas();
  auto vma = vmas.upper_bound(start.value);
  if (vma != vmas.begin()) --vma;
  for (; vma != vmas.end() && vma->second.start < start + size; ++vma) {
    if (vma->second.end > start) perf.output().mmap(call.task, vma->second);
  }
}

SyscallResult sys_brk(Syscall& call) {
  const GuestVa before = call.mm().brk();
  const GuestVa after = call.mm().set_brk(call.address(0));
  if (after > before) tell_perf(call, before, after - before);
  return after.value;
}

SyscallResult sys_mmap(Syscall& call) {
  const auto [address, size, prot, flags, fd, offset] = call.args;
  if (offset % call.mm().page_size() != 0) return Error{EINVAL};
  const Differing differ = differing(call.isa());
  if (differ.mmap_checks_prot && (prot & ~(kProtRead | kProtWrite | kProtExec | kProtSem)) != 0)
    return Error{EINVAL};
  const bool anonymous = (flags & kMapAnonymous) != 0;
  const FdTable::Entry* entry = nullptr;
  if (!anonymous) {
    entry = call.task.files->find(static_cast<int>(fd));
    if (entry == nullptr || entry->file->path_only()) return Error{EBADF};
    if ((flags & kMapHugeTlb) != 0) return Error{EINVAL};
  }
  if (size == 0) return Error{EINVAL};
  if ((flags & kMapHugeTlb) != 0) return Error{ENOMEM};  // vm.nr_hugepages is 0

  const std::uint64_t type = flags & kMapTypeMask;
  const bool validate = type == kMapSharedValidate && !anonymous;
  if (type != kMapShared && type != kMapPrivate && !validate) return Error{EINVAL};
  Mm::MapRequest request{.size = size};
  request.fixed = (flags & (kMapFixed | kMapFixedNoReplace)) != 0;
  request.no_replace = (flags & kMapFixedNoReplace) != 0;
  request.populate = (flags & kMapPopulate) != 0;
  request.low = (flags & differ.map_32bit) != 0;
  if (request.fixed || address != 0) request.at = GuestVa(address);
  request.vma.permissions = permissions_of(prot);
  request.vma.shared = type != kMapPrivate;
  request.vma.grows_down = (flags & differ.map_growsdown) != 0;
  if ((flags & differ.map_locked) != 0) request.vma.flags |= kVmLocked;
  if ((flags & differ.map_noreserve) != 0) request.vma.flags |= kVmNoReserve;
  if (request.vma.grows_down && (request.vma.shared || !anonymous)) return Error{EINVAL};
  if (!anonymous) {
    File& file = *entry->file;
    if (validate && (flags & kMapSync) != 0) return Error{EOPNOTSUPP};  // that is for persistent memory
    if (!file.readable()) return Error{EACCES};
    if (request.vma.shared && request.vma.permissions.write && !file.writable()) return Error{EACCES};
    request.vma.name = file.name();
    const bool shared = request.vma.shared;
    auto memory = file.map({size, offset, call.mm().page_size(), shared, request.vma.permissions.write});
    if (!memory) return memory.error();
    if (*memory != nullptr) {
      request.vma.flags |= file.mapping_flags();
      if (shared && (!file.writable() || !file.allow_mapping(true, true)))
        request.vma.flags |= kVmMayNotWrite;
      request.vma.object = std::move(*memory);
      request.vma.file_offset = offset;
    } else if (is_zero_device(file)) {
      if (request.vma.shared) request.vma.name += " (deleted)";
      if (request.vma.shared && !file.writable()) request.vma.flags |= kVmMayNotWrite;
      request.vma.file_offset = offset;
    } else {
      auto contents = file.contents();
      if (!contents) return contents.error();
      // A store through a shared mapping would have to reach the host's file.
      if (request.vma.shared && request.vma.permissions.write) return Error{EACCES};
      if (offset + size < offset) return Error{EOVERFLOW};
      request.vma.file = *contents;
      request.vma.file_offset = offset;
    }
  }
  const auto mapped = call.mm().map(request);
  if (!mapped) return mapped.error();
  tell_perf(call, *mapped, size);
  return mapped->value;
}

SyscallResult sys_munmap(Syscall& call) { return result_of(call.mm().unmap(call.address(0), call.args[1])); }

SyscallResult sys_mprotect(Syscall& call) {
  const auto [address, size, prot_and_growth, unused3, unused4, unused5] = call.args;
  const std::uint64_t growth = prot_and_growth & (kProtGrowsDown | kProtGrowsUp);
  const std::uint64_t prot = prot_and_growth & ~growth;
  if (growth == (kProtGrowsDown | kProtGrowsUp)) return Error{EINVAL};
  if (address % call.mm().page_size() != 0) return Error{EINVAL};
  if (size == 0) return 0;
  if (GuestVa(address + size).align_up(call.mm().page_size()) <= GuestVa(address)) return Error{ENOMEM};
  constexpr std::uint64_t kKnown = kProtRead | kProtWrite | kProtExec | kProtSem;
  if ((prot & ~kKnown) != 0) return Error{EINVAL};
  // No stack of these instruction sets grows up.
  if (growth == kProtGrowsUp) return Error{call.mm().in_core(GuestVa(address)) ? EINVAL : ENOMEM};
  const Status done = call.mm().protect(GuestVa(address), size, permissions_of(prot), growth != 0);
  if (done) tell_perf(call, GuestVa(address), size);
  return result_of(done);
}

// Since Linux 4.0 a mapping of another part of the same file in the place of this one (mm/mmap.c).
SyscallResult sys_remap_file_pages(Syscall& call) {
  Mm& mm = call.mm();
  const std::uint64_t page = mm.page_size();
  const GuestVa start = call.address(0).align_down(page);
  const std::uint64_t size = call.args[1] / page * page;
  const auto [address, bytes, prot, offset, flags, unused] = call.args;
  if (prot != 0 || start.value + size <= start.value || offset + size / page < offset) return Error{EINVAL};
  const auto& vmas = mm.vmas();
  auto vma = vmas.upper_bound(start.value);
  if (vma == vmas.begin()) return Error{EINVAL};
  const Vma first = (--vma)->second;
  if (first.end <= start || !first.shared) return Error{EINVAL};
  // The whole range is of one file, without holes.
  for (GuestVa end = first.end; end < start + size; end = vma->second.end) {
    call.cpu.charge(costs::kEach);
    if (++vma == vmas.end() || vma->second.start != end || vma->second.file != first.file ||
        vma->second.object != first.object || vma->second.flags != first.flags ||
        vma->second.permissions != first.permissions) {
      return Error{EINVAL};
    }
  }
  Mm::MapRequest request{.at = start, .fixed = true, .populate = true, .size = size, .vma = first};
  request.vma.file_offset = offset * page;
  const auto mapped = mm.map(request);
  if (!mapped) return mapped.error();
  tell_perf(call, start, size);
  return 0;
}

SyscallResult sys_mremap(Syscall& call) {
  const std::uint64_t flags = call.args[3];
  const bool may_move = (flags & kMremapMayMove) != 0;
  const bool fixed = (flags & kMremapFixed) != 0;
  const bool dont_unmap = (flags & kMremapDontUnmap) != 0;
  if ((flags & ~(kMremapMayMove | kMremapFixed | kMremapDontUnmap)) != 0) return Error{EINVAL};
  if ((fixed || dont_unmap) && !may_move) return Error{EINVAL};
  if (dont_unmap && call.args[1] != call.args[2]) return Error{EINVAL};
  Mm::RemapRequest request{.old = call.address(0),
                           .old_size = call.args[1],
                           .new_size = call.args[2],
                           .may_move = may_move,
                           .dont_unmap = dont_unmap};
  if (fixed) {
    request.to = call.address(4);
  } else if (dont_unmap && call.args[4] != 0) {
    request.hint = call.address(4);
  }
  const auto moved = call.mm().remap(request);
  if (!moved) return moved.error();
  return moved->value;
}

SyscallResult sys_madvise(Syscall& call) {
  // The advice is an int.
  return result_of(call.mm().advise(call.address(0), call.args[1], static_cast<std::uint32_t>(call.args[2])));
}

SyscallResult sys_msync(Syscall& call) {
  enum : std::uint64_t { kAsync = 1, kInvalidate = 2, kSync = 4 };
  const std::uint64_t flags = static_cast<std::uint32_t>(call.args[2]);
  if ((flags & ~(kAsync | kInvalidate | kSync)) != 0) return Error{EINVAL};
  if (call.address(0).offset_in(call.mm().page_size()) != 0) return Error{EINVAL};
  if ((flags & kAsync) != 0 && (flags & kSync) != 0) return Error{EINVAL};
  return result_of(
      call.mm().sync(call.address(0), call.args[1], (flags & kInvalidate) != 0, (flags & kSync) != 0));
}

SyscallResult sys_mincore(Syscall& call) {
  Mm& mm = call.mm();
  const GuestVa start = call.address(0);
  const std::uint64_t size = call.args[1];
  const GuestVa task_size = mm.layout().task_size;
  if (start.offset_in(mm.page_size()) != 0) return Error{EINVAL};
  if (start > task_size || task_size - start < size) return Error{ENOMEM};
  const std::uint64_t pages = (size + mm.page_size() - 1) / mm.page_size();
  // As much at a time as the kernel has a page for.
  std::vector<std::byte> states;
  for (std::uint64_t done = 0; done < pages; done += states.size()) {
    states.resize(std::min(pages - done, mm.page_size()));
    for (std::uint64_t i = 0; i < states.size(); ++i) {
      const auto in_core = mm.in_core(start + (done + i) * mm.page_size());
      if (!in_core) return Error{ENOMEM};
      states[i] = static_cast<std::byte>(*in_core);
    }
    if (!mm.write(call.address(2) + done, states)) return Error{EFAULT};
    call.cpu.charge(2 * states.size());  // a range may be as large as an address space
  }
  return 0;
}

SyscallResult sys_mlock(Syscall& call) {
  return result_of(call.mm().lock(call.address(0), call.args[1], kVmLocked));
}

SyscallResult sys_mlock2(Syscall& call) {
  constexpr std::uint64_t kOnFault = 1;
  const std::uint64_t flags = static_cast<std::uint32_t>(call.args[2]);
  if ((flags & ~kOnFault) != 0) return Error{EINVAL};
  const std::uint32_t locks = flags == kOnFault ? kVmLocked | kVmLockOnFault : kVmLocked;
  return result_of(call.mm().lock(call.address(0), call.args[1], locks));
}

SyscallResult sys_munlock(Syscall& call) {
  return result_of(call.mm().lock(call.address(0), call.args[1], 0));
}

SyscallResult sys_mlockall(Syscall& call) {
  const std::uint64_t current = differing(call.isa()).mcl_current;
  const std::uint64_t future = current << 1;
  const std::uint64_t on_fault = current << 2;
  const std::uint64_t flags = static_cast<std::uint32_t>(call.args[0]);
  if ((flags & ~(current | future | on_fault)) != 0 || (flags & (current | future)) == 0)
    return Error{EINVAL};
  const std::uint32_t locks = (flags & on_fault) != 0 ? kVmLocked | kVmLockOnFault : kVmLocked;
  call.mm().lock_future((flags & future) != 0 ? locks : 0);
  if ((flags & current) != 0) call.mm().lock_all(locks);
  return 0;
}

SyscallResult sys_munlockall(Syscall& call) {
  call.mm().lock_future(0);
  call.mm().lock_all(0);
  return 0;
}

}  // namespace

std::span<const SyscallEntry> memory_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{isa::linux_abi::Syscall::sys_brk, sys_brk},
      SyscallEntry{isa::linux_abi::Syscall::sys_mmap, sys_mmap},
      SyscallEntry{isa::linux_abi::Syscall::sys_munmap, sys_munmap},
      SyscallEntry{isa::linux_abi::Syscall::sys_mprotect, sys_mprotect},
      SyscallEntry{isa::linux_abi::Syscall::sys_mremap, sys_mremap},
      SyscallEntry{isa::linux_abi::Syscall::sys_remap_file_pages, sys_remap_file_pages},
      SyscallEntry{isa::linux_abi::Syscall::sys_madvise, sys_madvise},
      SyscallEntry{isa::linux_abi::Syscall::sys_msync, sys_msync},
      SyscallEntry{isa::linux_abi::Syscall::sys_mincore, sys_mincore},
      SyscallEntry{isa::linux_abi::Syscall::sys_mlock, sys_mlock},
      SyscallEntry{isa::linux_abi::Syscall::sys_mlock2, sys_mlock2},
      SyscallEntry{isa::linux_abi::Syscall::sys_munlock, sys_munlock},
      SyscallEntry{isa::linux_abi::Syscall::sys_mlockall, sys_mlockall},
      SyscallEntry{isa::linux_abi::Syscall::sys_munlockall, sys_munlockall},
  };
  return kTable;
}

}  // namespace trapline::kernel
