#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

using isa::AccessKind;
using namespace isa::linux_abi;

constexpr std::uint64_t kVectorChunk = 256u << 10;  // bytes of a transfer that are in our memory at a time

struct Segment {
  GuestVa address;
  std::uint64_t size = 0;
};

// read(2), "Notes": at most 0x7ffff000 bytes are transferred, which is INT_MAX cut to whole pages.
std::uint64_t transfer_limit(const Mm& mm) { return 0x7fffffff & ~(mm.page_size() - 1); }

// access_ok(): whether it lies where user memory may be, whatever is there.
bool may_be_users(const Mm& mm, const Segment& segment) {
  const std::uint64_t end = isa::linux_abi::differing(mm.isa()).task_size_max;
  return segment.size <= end && segment.address.value <= end - segment.size;
}

std::uint64_t total(std::span<const Segment> segments) {
  std::uint64_t sum = 0;
  for (const Segment& segment : segments) sum += segment.size;
  return sum;
}

// The next bytes of a transfer, as many as fit a chunk and the guest may access.
std::vector<Segment> next_part(Mm& mm, std::span<const Segment> segments, std::uint64_t done,
                               AccessKind kind) {
  std::vector<Segment> part;
  std::uint64_t room = kVectorChunk;
  for (const Segment& segment : segments) {
    if (room == 0) break;
    if (done >= segment.size) {
      done -= segment.size;
      continue;
    }
    const GuestVa start = segment.address + done;
    const std::uint64_t wanted = std::min(segment.size - done, room);
    const std::uint64_t usable = mm.accessible(start, wanted, kind);
    if (usable != 0) part.push_back({start, usable});
    if (usable < wanted) break;
    done = 0;
    room -= wanted;
  }
  return part;
}

// The loop that reading and writing share. `step` moves one part through the buffer at a distance from the
// start. As for Linux, what was transferred before an error is the result, and the error is lost (read(2),
// write(2)).
template <class Step>
SyscallResult transfer(Syscall& call, File& file, std::span<const Segment> segments, AccessKind kind,
                       Step step) {
  const std::uint64_t size = total(segments);
  std::vector<std::byte> buffer;
  std::uint64_t& done = call.task.call.done;  // outlives a wait
  const bool blocking = (file.flags() & kONonBlock) == 0 && file.wait_queue_for(call.task) != nullptr;
  do {
    const auto part = next_part(call.mm(), segments, done, kind);
    const std::uint64_t wanted = total(part);
    if (wanted == 0 && size != 0) {
      // Whether there is anything to read comes before where it should go.
      constexpr std::uint32_t kReadable = kPollIn | kPollHup | kPollErr;
      const bool nothing_yet = kind == AccessKind::Write && file.wait_queue_for(call.task) != nullptr &&
                               done == 0 && (file.poll_events_for(call.task) & kReadable) == 0;
      if (nothing_yet)
        return blocking ? call.sleep({file.wait_queue_for(call.task)}) : SyscallResult(Error{EAGAIN});
      return done != 0 ? SyscallResult(done) : Error{EFAULT};
    }
    if (buffer.size() < wanted) buffer.resize(wanted);
    auto account = step(part, std::span(buffer).first(wanted), done);
    const bool waits = !account && account.error().number == EAGAIN && blocking;
    if (waits && (done == 0 || file.writes_all())) {
      const SyscallResult slept = call.sleep({file.wait_queue_for(call.task)});
      return slept.error().number == kSleeps || done == 0 ? slept : SyscallResult(done);
    }
    // Of a module's file: called again, with what its functions have done.
    if (!account && account.error().number == kSleeps) return account;
    if (!account) return done != 0 ? SyscallResult(done) : account;
    done += *account;
    // A stream takes what it is given in pieces as well as at once, but reading once more could wait.
    if (*account < wanted && blocking && file.writes_all() && kind == AccessKind::Read) continue;
    if (*account < wanted || (file.stream() && kind == AccessKind::Write)) break;
  } while (done < size);
  return done;
}

using Position = std::optional<std::uint64_t>;  // absent: the file's own

SyscallResult read_into(Syscall& call, File& file, std::span<const Segment> segments, Position position) {
  const auto step = [&](std::span<const Segment> part, std::span<std::byte> buffer, std::uint64_t done) {
    auto got = position ? file.pread(buffer, *position + done) : file.read_by(call.task, buffer);
    if (!got) return got;
    call.cpu.charge(file.cost_of(*got));
    auto bytes = buffer.first(*got);
    for (const Segment& segment : part) {
      const auto piece = bytes.first(std::min<std::uint64_t>(bytes.size(), segment.size));
      if (!call.mm().write(segment.address, piece)) return SyscallResult(Error{EFAULT});
      bytes = bytes.subspan(piece.size());
    }
    return got;
  };
  return transfer(call, file, segments, AccessKind::Write, step);
}

SyscallResult write_from(Syscall& call, File& file, std::span<const Segment> segments, Position position) {
  const std::uint64_t largest = call.task.process->limits[Resource::FileSize].soft;
  const auto step = [&](std::span<const Segment> part, std::span<std::byte> buffer, std::uint64_t done) {
    const auto at = position ? std::optional(*position + done) : std::nullopt;
    if (const auto begin = largest == kNoLimit || buffer.empty() ? std::nullopt : file.write_offset(at)) {
      if (*begin >= largest) {
        if (done == 0) send_to_itself(call, isa::linux_abi::kSigXFsz);
        return SyscallResult(Error{EFBIG});
      }
      buffer = buffer.first(std::min<std::uint64_t>(buffer.size(), largest - *begin));
    }
    auto room = buffer;
    for (const Segment& segment : part) {
      const auto piece = room.first(std::min<std::uint64_t>(room.size(), segment.size));
      if (!call.mm().read(segment.address, piece)) return SyscallResult(Error{EFAULT});
      room = room.subspan(piece.size());
    }
    return at ? file.pwrite(buffer, *at) : file.write(buffer);
  };
  const auto result = transfer(call, file, segments, AccessKind::Read, step);
  if (!result && result.error().number == EPIPE) send_to_itself(call, isa::linux_abi::kSigPipe);
  return result;
}

// The file of the call, which stays open for it while the call waits.
Result<FileRef> transfer_file(Syscall& call) {
  FileRef& held = call.task.call.file;
  if (held == nullptr) {
    const auto file = file_argument(call, 0);
    if (!file) return file.error();
    held = *file;
  }
  return held;
}

// The segments of readv(2) and its like, from args[1] and args[2].
Result<std::vector<Segment>> segments_argument(Syscall& call) {
  const std::uint64_t count = call.args[2];
  if (count > kIovMax) return Error{EINVAL};
  call.cpu.charge(costs::beyond_free(count) * costs::kEach);
  std::vector<std::byte> bytes(count * kIovecSize);
  if (!call.mm().read(call.address(1), bytes)) return Error{EFAULT};
  std::vector<Segment> segments;
  for (std::size_t at = 0; at < bytes.size(); at += kIovecSize) {
    const Iovec iovec = load_iovec(call.isa(), std::span(bytes).subspan(at).first<kIovecSize>());
    if (static_cast<std::int64_t>(iovec.length) < 0) return Error{EINVAL};
    segments.push_back({GuestVa(iovec.base), iovec.length});
  }
  std::uint64_t room = transfer_limit(call.mm());
  for (Segment& segment : segments) {
    if (!may_be_users(call.mm(), segment)) return Error{EFAULT};
    segment.size = std::min(segment.size, room);
    room -= segment.size;
  }
  return segments;
}

using Transfer = SyscallResult (*)(Syscall&, File&, std::span<const Segment>, Position);

bool allows(const File& file, Transfer move) { return move == read_into ? file.readable() : file.writable(); }

// What /proc/PID/io counts, and inotify(7) tells.
SyscallResult account(Syscall& call, File& file, Transfer move, const SyscallResult& done) {
  if (!done && done.error().number == kSleeps) return done;
  const bool reads = move == read_into;
  IoCounts& io = call.task.process->io;
  ++(reads ? io.reads : io.writes);
  if (!done || *done == 0) return done;
  (reads ? io.read_bytes : io.written_bytes) += *done;
  call.kernel.file_system().notify(file, reads ? kInAccess : kInModify);
  return done;
}

// `at` names the argument with a position, which is looked at first.
// Whether it may be account that way. A file without positions says so first (FMODE_PREAD).
Status allowed(File& file, Transfer move, bool positioned) {
  if (positioned) {
    if (const auto now = file.seek(0, Whence::Current); !now && now.error().number == ESPIPE)
      return now.error();
  }
  return allows(file, move) ? Status(Done{}) : Error{EBADF};
}

SyscallResult plain(Syscall& call, Transfer move, std::optional<unsigned> at) {
  const Position position = at ? Position(call.args[*at]) : std::nullopt;
  if (position && static_cast<std::int64_t>(*position) < 0) return Error{EINVAL};
  const auto file = transfer_file(call);
  if (!file) return file.error();
  if (const Status may = allowed(**file, move, position.has_value()); !may) return may.error();
  Segment segment{call.address(1), call.args[2]};
  if (!may_be_users(call.mm(), segment)) return Error{EFAULT};
  segment.size = std::min(segment.size, transfer_limit(call.mm()));
  return account(call, **file, move, move(call, **file, std::span(&segment, 1), position));
}

SyscallResult vectored(Syscall& call, Transfer move, std::optional<unsigned> at) {
  const Position position = at ? Position(call.args[*at]) : std::nullopt;
  if (position && static_cast<std::int64_t>(*position) < 0) return Error{EINVAL};
  const auto file = transfer_file(call);
  if (!file) return file.error();
  if (const Status may = allowed(**file, move, position.has_value()); !may) return may.error();
  const auto segments = segments_argument(call);
  if (!segments) return segments.error();
  if (total(*segments) == 0) return std::uint64_t{0};
  return account(call, **file, move, move(call, **file, *segments, position));
}

Result<Whence> whence_argument(Syscall& call, unsigned n) {
  switch (call.integer(n)) {
    case 0:
      return Whence::Set;
    case 1:
      return Whence::Current;
    case 2:
      return Whence::End;
    case 3:
      return Whence::Data;
    case 4:
      return Whence::Hole;
    default:
      return Error{EINVAL};
  }
}

}  // namespace

void send_to_itself(Syscall& call, int signal) {
  (void)call.kernel.signals().send(SigInfo(call.isa(), signal, Signals::kUser).pid(call.task.tgid()),
                                   call.task);
}

SyscallResult sys_read(Syscall& call) { return plain(call, read_into, std::nullopt); }
SyscallResult sys_write(Syscall& call) { return plain(call, write_from, std::nullopt); }
SyscallResult sys_pread64(Syscall& call) { return plain(call, read_into, 3); }
SyscallResult sys_pwrite64(Syscall& call) { return plain(call, write_from, 3); }
SyscallResult sys_readv(Syscall& call) { return vectored(call, read_into, std::nullopt); }
SyscallResult sys_writev(Syscall& call) { return vectored(call, write_from, std::nullopt); }
SyscallResult sys_preadv(Syscall& call) { return vectored(call, read_into, 3); }
SyscallResult sys_pwritev(Syscall& call) { return vectored(call, write_from, 3); }

namespace {

// preadv2(2): -1 for the position is the file's own.
SyscallResult with_flags(Syscall& call, Transfer move) {
  enum : std::uint64_t { kHighPriority = 1, kDSync = 2, kSync = 4, kNoWait = 8, kAppend = 0x10 };
  const std::uint64_t flags = call.args[5] & 0xffffffff;
  const bool own_position = call.args[3] == ~std::uint64_t{0};
  const auto file = transfer_file(call);
  if (!file) return file.error();
  if ((flags & ~std::uint64_t{kHighPriority | kDSync | kSync | kNoWait | kAppend}) != 0 ||
      ((flags & kNoWait) != 0 && (*file)->wait_queue_for(call.task) == nullptr && (*file)->stream()))
    return Error{EOPNOTSUPP};
  const std::uint64_t before = (*file)->flags();
  if ((flags & kAppend) != 0 && move == write_from) (*file)->set_flags(before | kOAppend);
  const SyscallResult done = vectored(call, move, own_position ? std::nullopt : std::optional(3u));
  (*file)->set_flags(before);
  return done;
}

}  // namespace

SyscallResult sys_preadv2(Syscall& call) { return with_flags(call, read_into); }
SyscallResult sys_pwritev2(Syscall& call) { return with_flags(call, write_from); }

SyscallResult sys_lseek(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  const auto whence = whence_argument(call, 2);
  if (!whence) return whence.error();
  return (*file)->seek(static_cast<std::int64_t>(call.args[1]), *whence);
}

// _llseek(2): the offset in two halves, the new position through a pointer.
SyscallResult sys_llseek(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  const auto whence = whence_argument(call, 4);
  if (!whence) return whence.error();
  const std::uint64_t offset = call.args[1] << 32 | (call.args[2] & 0xffffffff);
  auto position = (*file)->seek(static_cast<std::int64_t>(offset), *whence);
  if (!position) return position;
  if (!call.mm().write_word(call.address(3), *position, 8)) return Error{EFAULT};
  return std::uint64_t{0};
}

SyscallResult sys_ftruncate(Syscall& call) {
  if (static_cast<std::int64_t>(call.args[1]) < 0) return Error{EINVAL};
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  if (!(*file)->writable()) return Error{EINVAL};
  return truncate(call, **file);
}

SyscallResult truncate(Syscall& call, File& file) {
  const std::uint64_t size = call.args[1];
  const auto status = file.status();
  if (status && size > status->size && size > call.task.process->limits[Resource::FileSize].soft) {
    send_to_itself(call, isa::linux_abi::kSigXFsz);
    return Error{EFBIG};
  }
  const Status done = file.truncate(size);
  if (done) call.kernel.file_system().notify(file, kInModify);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

// Nothing of a guest needs to outlive its host, so there is no disk to wait for.
SyscallResult sys_fsync(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  const auto status = (*file)->status();
  if (!status) return status.error();
  const std::uint32_t type = status->mode & kSIfMt;
  if (type != kSIfReg && type != kSIfDir) return Error{EINVAL};
  if (const Status done = (*file)->sync(); !done && done.error().number != EINVAL) return done.error();
  return std::uint64_t{0};
}

SyscallResult sys_fadvise64(Syscall& call) {
  constexpr int kLastAdvice = 5;  // POSIX_FADV_NOREUSE
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  const auto status = (*file)->status();
  if (status && (status->mode & kSIfMt) == kSIfIfo) return Error{ESPIPE};
  if (call.integer(3) < 0 || call.integer(3) > kLastAdvice) return Error{EINVAL};
  return std::uint64_t{0};
}

SyscallResult sys_getdents64(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  const auto entries = (*file)->entries();
  if (!entries) return entries.error();
  auto position = (*file)->seek(0, Whence::Current);
  if (!position) return position;
  const std::uint64_t size = call.args[2] & 0xffffffff;
  std::uint64_t done = 0;
  std::uint64_t next = *position;
  for (; next < entries->size(); ++next) {
    const DirectoryEntry& entry = (*entries)[next];
    const auto record = dirent64_bytes(call.isa(), {entry.inode, next + 1, entry.mode, entry.name});
    if (size - done < record.size()) {
      if (done == 0) return Error{EINVAL};  // too small for any
      break;
    }
    if (!call.mm().write(call.address(1) + done, record)) {
      if (done == 0) return Error{EFAULT};
      break;
    }
    done += record.size();
  }
  if (done == 0) return done;
  call.kernel.file_system().notify(**file, kInAccess);
  const auto account = (*file)->seek(static_cast<std::int64_t>(next), Whence::Set);
  return account ? SyscallResult(done) : account;
}

}  // namespace trapline::kernel
