// process_vm_readv(2) and process_vm_writev(2): memory of another process, for debuggers.
#include <algorithm>
#include <array>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

struct Piece {
  GuestVa address;
  std::uint64_t size = 0;
};

Result<std::vector<Piece>> pieces(Syscall& call, unsigned at) {
  const std::uint64_t count = call.args[at + 1];
  if (count > kIovMax) return Error{EINVAL};
  std::vector<Piece> found;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::array<std::byte, isa::linux_abi::kIovecSize> bytes{};
    if (!call.mm().read(call.address(at) + i * bytes.size(), bytes)) return Error{EFAULT};
    const auto iovec = isa::linux_abi::load_iovec(call.isa(), bytes);
    if (static_cast<std::int64_t>(iovec.length) < 0) return Error{EINVAL};
    found.push_back({GuestVa(iovec.base), iovec.length});
  }
  return found;
}

// Bytes go over as long as both sides can be accessed; only where none could is it an error.
SyscallResult move_pieces(Mm& own, const std::vector<Piece>& mine, Mm& other,
                          const std::vector<Piece>& theirs, bool write) {
  std::uint64_t done = 0;
  auto here = mine.begin();
  std::uint64_t used = 0;  // of *here
  for (Piece piece : theirs) {
    while (piece.size != 0 && here != mine.end()) {
      if (used == here->size) {
        ++here;
        used = 0;
        continue;
      }
      constexpr std::uint64_t kPart = 4096;
      const GuestVa at = here->address + used;
      // Neither side of a part crosses a page, so that one that faults takes nothing along that could be
      // copied.
      const std::uint64_t to_boundary = kPart - std::max(piece.address.offset_in(kPart), at.offset_in(kPart));
      std::array<std::byte, kPart> buffer{};
      const auto part = std::span(buffer).first(std::min({piece.size, here->size - used, to_boundary}));
      // mm/gup.c, check_vma_flags()
      if (!other.remotely_accessible(piece.address)) return done != 0 ? SyscallResult(done) : Error{EFAULT};
      const bool moved = write ? own.read(at, part) && other.write(piece.address, part)
                               : other.read(piece.address, part) && own.write(at, part);
      if (!moved) return done != 0 ? SyscallResult(done) : Error{EFAULT};
      done += part.size();
      used += part.size();
      piece.address = piece.address + part.size();
      piece.size -= part.size();
    }
  }
  return done;
}

SyscallResult transfer_pieces(Syscall& call, bool write) {
  if (call.args[5] != 0) return Error{EINVAL};
  const auto local = pieces(call, 1);
  if (!local) return local.error();
  const auto remote = pieces(call, 3);
  if (!remote) return remote.error();
  const Task* const target = call.kernel.tasks().find(call.integer(0));
  if (target == nullptr || !target->mm || !target->alive()) return Error{ESRCH};
  const std::shared_ptr<Mm> other = target->mm;
  const auto result = move_pieces(call.mm(), *local, *other, *remote, write);
  call.cpu.charge(other->take_work());
  return result;
}

SyscallResult sys_process_vm_readv(Syscall& call) { return transfer_pieces(call, false); }
SyscallResult sys_process_vm_writev(Syscall& call) { return transfer_pieces(call, true); }

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> process_memory_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_process_vm_readv, sys_process_vm_readv},
      SyscallEntry{Name::sys_process_vm_writev, sys_process_vm_writev},
  };
  return kTable;
}

}  // namespace trapline::kernel
