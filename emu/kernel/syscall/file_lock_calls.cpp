#include <array>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

using Kind = FileLocks::Kind;

// fcntl(2) commands, asm-generic/fcntl.h
enum : int { kGetLk = 5, kSetLk = 6, kSetLkW = 7, kOfdGetLk = 36, kOfdSetLk = 37, kOfdSetLkW = 38 };
enum : std::uint64_t { kRdLck = 0, kWrLck = 1, kUnLck = 2 };

constexpr std::uint64_t kOffsetMax = ~std::uint64_t{0} >> 1;

// struct flock: short l_type, short l_whence, off_t l_start, off_t l_len, pid_t l_pid.
struct Flock {
  static constexpr std::size_t kSize = 32;
  std::uint64_t type = 0;
  int whence = 0;
  std::int64_t start = 0;
  std::int64_t length = 0;
  int pid = 0;
};

std::optional<Flock> read_flock(Syscall& call, GuestVa address) {
  std::array<std::byte, Flock::kSize> bytes{};
  if (!call.mm().read(address, bytes)) return std::nullopt;
  const auto word = [&](std::size_t at, std::size_t size) {
    return isa::load_word(std::span(bytes).subspan(at, size), isa::byte_order(call.isa()));
  };
  return Flock{word(0, 2), static_cast<int>(word(2, 2)), static_cast<std::int64_t>(word(8, 8)),
               static_cast<std::int64_t>(word(16, 8)), static_cast<int>(word(24, 4))};
}

bool write_flock(Syscall& call, GuestVa address, const Flock& flock) {
  Mm& mm = call.mm();
  return mm.write_word(address, flock.type, 2) &&
         mm.write_word(address + 2, static_cast<std::uint64_t>(flock.whence), 2) &&
         mm.write_word(address + 8, static_cast<std::uint64_t>(flock.start), 8) &&
         mm.write_word(address + 16, static_cast<std::uint64_t>(flock.length), 8) &&
         mm.write_word(address + 24, static_cast<std::uint64_t>(flock.pid), 4);
}

// The bytes that are meant: EINVAL before the start of the file, EOVERFLOW past what an offset can be.
Status set_range(File& file, const Flock& flock, FileLocks::Lock& lock) {
  std::int64_t base = 0;
  if (flock.whence == 1) {
    const auto position = file.seek(0, Whence::Current);
    base = position ? static_cast<std::int64_t>(*position) : 0;
  } else if (flock.whence == 2) {
    const auto status = file.status();
    if (!status) return status.error();
    base = static_cast<std::int64_t>(status->size);
  } else if (flock.whence != 0) {
    return Error{EINVAL};
  }
  std::int64_t start = 0;
  std::int64_t end = 0;
  if (__builtin_add_overflow(base, flock.start, &start)) return Error{EOVERFLOW};
  if (start < 0) return Error{EINVAL};
  if (flock.length > 0) {
    if (__builtin_add_overflow(start, flock.length - 1, &end)) return Error{EOVERFLOW};
    lock.start = static_cast<std::uint64_t>(start);
    lock.last = static_cast<std::uint64_t>(end);
  } else if (flock.length < 0) {
    if (start + flock.length < 0) return Error{EINVAL};
    lock.start = static_cast<std::uint64_t>(start + flock.length);
    lock.last = static_cast<std::uint64_t>(start - 1);
  } else {
    lock.start = static_cast<std::uint64_t>(start);
    lock.last = kOffsetMax;
  }
  return Done{};
}

Result<FileLocks::FileKey> lock_key(const File& file) {
  const auto status = file.status();
  if (!status) return status.error();
  return FileLocks::FileKey{status->device, status->inode};
}

// Waits for who is in the way. `check`: EDEADLK where that one waits for us.
SyscallResult wait_for(Syscall& call, FileLocks::FileKey key, const FileLocks::Lock& wanted,
                       const FileLocks::Lock& blocker, bool check) {
  FileLocks& locks = *call.kernel.file_locks();
  locks.waits_no_more(&call.task);
  if (check && locks.deadlock(wanted.owner, blocker.owner)) return Error{EDEADLK};
  const SyscallResult slept = call.sleep({&locks.queue(key)});
  if (check && slept.error().number == kSleeps) locks.waits(&call.task, wanted.owner, blocker.owner);
  return slept;
}

// Each call goes through all locks of the file, and more than once.
void charge_for_locks(Syscall& call, FileLocks::FileKey key, Kind kind) {
  call.cpu.charge(costs::beyond_free(call.kernel.file_locks()->count(key, kind)) * costs::kMoved);
}

SyscallResult get_lock(Syscall& call, Flock flock, FileLocks::FileKey key, FileLocks::Lock wanted) {
  if (flock.type != kRdLck && flock.type != kWrLck) return Error{EINVAL};
  charge_for_locks(call, key, Kind::Range);
  wanted.exclusive = flock.type == kWrLck;
  const auto other = call.kernel.file_locks()->conflict(key, Kind::Range, wanted);
  if (!other) {
    if (!call.mm().write_word(call.address(2), kUnLck, 2)) return Error{EFAULT};
    return 0;
  }
  flock.type = other->exclusive ? kWrLck : kRdLck;
  flock.whence = 0;
  flock.start = static_cast<std::int64_t>(other->start);
  flock.length = other->last == kOffsetMax ? 0 : static_cast<std::int64_t>(other->last - other->start + 1);
  flock.pid = other->pid;
  return write_flock(call, call.address(2), flock) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
}

SyscallResult set_lock(Syscall& call, const FileRef& file, FileLocks::FileKey key, FileLocks::Lock wanted,
                       std::uint64_t type, bool waits) {
  const auto& locks = call.kernel.file_locks();
  const bool of_process = wanted.owner == call.task.files.get();
  charge_for_locks(call, key, Kind::Range);
  if (type == kUnLck) {
    const Status done = locks->clear(key, Kind::Range, wanted);
    return done ? SyscallResult(std::uint64_t{0}) : done.error();
  }
  wanted.exclusive = type == kWrLck;
  if (wanted.exclusive ? !file->writable() : !file->readable()) return Error{EBADF};
  if (of_process) {
    call.task.files->owns_locks(locks);
  } else {
    file->owns_locks(locks);
  }
  if (const auto other = locks->conflict(key, Kind::Range, wanted)) {
    if (!waits) return Error{EAGAIN};
    call.task.call.file = file;
    return wait_for(call, key, wanted, *other, of_process);
  }
  locks->waits_no_more(&call.task);
  const Status done = locks->set(key, Kind::Range, wanted);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

}  // namespace

std::optional<SyscallResult> lock_command(Syscall& call, int command, const FileRef& file) {
  const bool of_file = command >= kOfdGetLk && command <= kOfdSetLkW;
  if (!of_file && (command < kGetLk || command > kSetLkW)) return std::nullopt;
  const auto flock = read_flock(call, call.address(2));
  if (!flock) return Error{EFAULT};
  if (of_file && flock->pid != 0) return Error{EINVAL};
  // Another thread may have put another file in the descriptor's place while this waited: the lock is gone
  // with the one that was closed.
  if (call.task.call.file != nullptr && call.task.call.file != file) return Error{EBADF};
  FileLocks::Lock wanted;
  wanted.owner = of_file ? static_cast<const void*>(file.get()) : call.task.files.get();
  wanted.pid = of_file ? -1 : call.task.tgid();
  if (const Status range = set_range(*file, *flock, wanted); !range) return range.error();
  if (flock->type > kUnLck) return Error{EINVAL};
  const auto key = lock_key(*file);
  if (!key) return key.error();
  if (command == kGetLk || command == kOfdGetLk) return get_lock(call, *flock, *key, wanted);
  return set_lock(call, file, *key, wanted, flock->type, command == kSetLkW || command == kOfdSetLkW);
}

// A lock is not turned into another kind at once: the old one is gone before the new one is waited for
// (flock(2)).
SyscallResult sys_flock(Syscall& call) {
  enum : int { kShared = 1, kExclusive = 2, kNoBlock = 4, kUnlock = 8 };
  const int operation = call.integer(1) & ~kNoBlock;
  FileRef& held = call.task.call.file;
  if (held == nullptr) {
    const auto file = file_argument(call, 0);
    if (!file) return file.error();
    held = *file;
  }
  const FileRef file = held;
  if (operation != kShared && operation != kExclusive && operation != kUnlock) return Error{EINVAL};
  const auto key = lock_key(*file);
  if (!key) return key.error();
  const auto& locks = call.kernel.file_locks();
  charge_for_locks(call, *key, Kind::Whole);
  FileLocks::Lock wanted{.owner = file.get(), .exclusive = operation == kExclusive};
  if (operation != kUnlock && locks->holds(*key, Kind::Whole, wanted)) return 0;
  if (const Status gone = locks->clear(*key, Kind::Whole, wanted); !gone) return gone.error();
  if (operation == kUnlock) return 0;
  if (const auto other = locks->conflict(*key, Kind::Whole, wanted)) {
    if ((call.integer(1) & kNoBlock) != 0) return Error{EAGAIN};
    return wait_for(call, *key, wanted, *other, false);
  }
  file->owns_locks(locks);
  const Status done = locks->set(*key, Kind::Whole, wanted);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

}  // namespace trapline::kernel
