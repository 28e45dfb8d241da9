// Between two files without the program's memory, and what concerns a file's storage.
#include <algorithm>
#include <optional>
#include <vector>

#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/fs/pipe.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/module/kernel_context.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): S_*, O_*

// Bytes that are in our memory at a time: Linux's internal pipe has 16 pages of 4 KiB. It shows where a file
// is copied into itself.
constexpr std::uint64_t kTransferChunk = 64u << 10;
constexpr std::uint64_t kMost = 0x7ffff000;  // MAX_RW_COUNT
constexpr std::uint64_t kBytesACycle = 16;   // what moving them costs
constexpr std::int64_t kMaxOffset = INT64_MAX;

bool is_pipe(const File& file) { return file.pipe_size().ok(); }

std::uint32_t type_of(const File& file) {
  const auto status = file.status();
  return status ? status->mode & kSIfMt : 0;
}

// Where one side of a transfer is: at an offset that the program keeps, or at the file's own position. Either
// is looked at once and put back in the end, so that both sides may be one file. A pipe has neither.
struct Side {
  FileRef file;
  std::optional<GuestVa> at{};  // of the program's offset
  std::optional<std::uint64_t> offset{};

  // `done`: what was moved before the call was made again.
  void look(std::uint64_t done) {
    if (offset) return;
    if (const auto now = file->seek(0, Whence::Current)) offset = *now + done;
  }
  SyscallResult read(std::span<std::byte> out) const {
    return offset ? file->pread(out, *offset) : file->read(out);
  }
  SyscallResult write(std::span<const std::byte> bytes) const {
    return offset ? file->pwrite(bytes, *offset) : file->write(bytes);
  }
  // How much it was given that guest code has yet to take, in a call that is made again.
  std::optional<std::uint64_t> under_way(const Syscall& call) const {
    if (!call.task.kernel || !call.task.kernel->awaited || call.task.kernel->awaited->who != file.get())
      return std::nullopt;
    return call.task.kernel->awaited->size;
  }
  void advance(std::uint64_t by) {
    if (offset) *offset += by;
  }
  // False: EFAULT.
  bool put_back(Syscall& call) const {
    if (at) return call.mm().write_word(*at, *offset, 8);
    if (offset) file->set_position(*offset);
    return true;
  }
};

// The offset behind a pointer, which may be null. EFAULT.
Status set_offset(Syscall& call, unsigned n, Side& side) {
  if (call.args[n] == 0) return Done{};
  const auto offset = call.mm().read_word(call.address(n), 8);
  if (!offset) return Error{EFAULT};
  side.at = call.address(n);
  side.offset = *offset + call.task.call.done;
  return Done{};
}

// EPIPE: nobody can read from the pipe any more.
Status readers(Syscall& call, const File& pipe) {
  if (pipe_has_readers(pipe)) return Done{};
  send_to_itself(call, kSigPipe);
  return Error{EPIPE};
}

// Moves up to `size` bytes. Of a pipe no more is taken than the other side has room for.
SyscallResult move(Syscall& call, Side from, Side to, std::uint64_t size, bool may_wait) {
  std::uint64_t& done = call.task.call.done;
  std::vector<std::byte> buffer(std::min(size, kTransferChunk));
  from.look(done);
  to.look(done);
  const auto finish = [&](const SyscallResult& failed) -> SyscallResult {
    if (done == 0 && !failed) return failed;
    if (done != 0) {
      call.kernel.file_system().notify(*from.file, kInAccess);
      call.kernel.file_system().notify(*to.file, kInModify);
    }
    for (const Side* side : {&to, &from}) {
      if (!side->put_back(call)) return Error{EFAULT};
    }
    return done;
  };
  const bool to_pipe = is_pipe(*to.file);
  const auto wait = [&](File& file) -> SyscallResult {
    if (!may_wait || file.wait_queue() == nullptr || done != 0) return finish(Error{EAGAIN});
    return call.sleep({file.wait_queue()});
  };
  if (to_pipe) {
    if (const Status open = readers(call, *to.file); !open) return finish(open.error());
  }
  while (done < size) {
    const std::uint64_t wanted = std::min(size - done, kTransferChunk);
    const std::uint64_t room = to_pipe ? pipe_room(*to.file) : wanted;
    if (room == 0) return wait(*to.file);
    const auto part = std::span(buffer).first(std::min(wanted, room));
    const auto taken = to.under_way(call);
    auto got = taken ? SyscallResult(*taken) : from.read(part);
    // Guest code is asked, and the call is made again then.
    const auto asks = [](const SyscallResult& result) { return !result && result.error().number == kSleeps; };
    if (asks(got)) return got;
    if (!got) return got.error().number == EAGAIN ? wait(*from.file) : finish(got);
    if (*got == 0) break;
    auto put = to.write(part.first(*got));
    if (asks(put)) return put;
    const std::uint64_t moved = put ? *put : 0;
    call.cpu.charge(moved / kBytesACycle);
    from.advance(moved);
    to.advance(moved);
    done += moved;
    if (!put) return finish(put);
    // From file to file it goes on to the end of the one, which may be the end of the other and go away.
    if (moved < *got || (*got < part.size() && is_pipe(*from.file))) break;
  }
  return finish(std::uint64_t{0});
}

// How much may be written from a position on, within RLIMIT_FSIZE (generic_write_check_limits()). EFBIG.
Result<std::uint64_t> within_limit(Syscall& call, std::uint64_t from, std::uint64_t size) {
  const std::uint64_t largest = call.task.process->limits[Resource::FileSize].soft;
  if (size == 0 || largest == kNoLimit) return size;
  if (from >= largest) {
    send_to_itself(call, kSigXFsz);
    return Error{EFBIG};
  }
  return std::min(size, largest - from);
}

// --- fallocate(2)
// ----------------------------------------------------------------------------------------------------

enum AllocateMode : std::uint64_t {
  kKeepSize = 1,
  kPunchHole = 2,
  kCollapseRange = 8,
  kZeroRange = 0x10,
  kInsertRange = 0x20,
  kUnshareRange = 0x40,
};

// vfs_fallocate()
Status valid_mode(std::uint64_t mode) {
  const auto only = [&](std::uint64_t flag, std::uint64_t with = 0) {
    return (mode & flag) == 0 || (mode & ~(flag | with)) == 0;
  };
  if ((mode & ~std::uint64_t{kKeepSize | kPunchHole | kCollapseRange | kZeroRange | kInsertRange |
                             kUnshareRange}) != 0)
    return Error{EOPNOTSUPP};
  if ((mode & kPunchHole) != 0 && (mode & kZeroRange) != 0) return Error{EOPNOTSUPP};
  if ((mode & kPunchHole) != 0 && (mode & kKeepSize) == 0) return Error{EOPNOTSUPP};
  if (!only(kCollapseRange) || !only(kInsertRange) || !only(kUnshareRange, kKeepSize)) return Error{EINVAL};
  return Done{};
}

}  // namespace

SyscallResult sys_copy_file_range(Syscall& call) {
  auto in = file_argument(call, 0);
  if (!in) return in.error();
  auto out = file_argument(call, 2);
  if (!out) return out.error();
  Side from{std::move(*in)}, to{std::move(*out)};
  for (const auto& [n, side] : {std::pair(1u, &from), std::pair(3u, &to)}) {
    if (const Status set = set_offset(call, n, *side); !set) return set.error();
  }
  if ((call.args[5] & 0xffffffff) != 0) return Error{EINVAL};
  const auto in_status = from.file->status();
  const auto out_status = to.file->status();
  if (!in_status || !out_status) return Error{EBADF};
  const std::uint32_t in_type = in_status->mode & kSIfMt, out_type = out_status->mode & kSIfMt;
  if (in_type == kSIfDir || out_type == kSIfDir) return Error{EISDIR};
  if (in_type != kSIfReg || out_type != kSIfReg) return Error{EINVAL};
  if (!from.file->readable() || !to.file->writable() || (to.file->flags() & kOAppend) != 0)
    return Error{EBADF};
  if (in_status->device != out_status->device) return Error{EXDEV};
  from.look(0);
  to.look(0);
  const auto read_at = from.offset;
  const auto write_at = to.offset;
  if (!read_at || !write_at) return Error{EINVAL};
  std::uint64_t size = call.args[4];
  if (*read_at + size < *read_at || *write_at + size < *write_at) return Error{EOVERFLOW};
  size = *read_at >= in_status->size ? 0 : std::min(size, in_status->size - *read_at);
  auto allowed = within_limit(call, *write_at, size);
  if (!allowed) return allowed;
  size = *allowed;
  if (in_status->inode == out_status->inode && *write_at + size > *read_at && *write_at < *read_at + size)
    return Error{EINVAL};
  for (const std::uint64_t at : {*read_at, *write_at}) {
    if (static_cast<std::int64_t>(at) < 0) return Error{EINVAL};
  }
  return move(call, std::move(from), std::move(to), std::min(size, kMost), false);
}

SyscallResult sys_sendfile(Syscall& call) {
  auto in = file_argument(call, 1);
  if (!in || !(*in)->readable()) return Error{EBADF};
  Side from{std::move(*in)};
  const SyscallResult position = from.file->seek(0, Whence::Current);
  if (call.args[2] != 0 && !position && position.error().number == ESPIPE) {
    return call.mm().read_word(call.address(2), 8) ? Error{ESPIPE} : Error{EFAULT};
  }
  if (const Status set = set_offset(call, 2, from); !set) return set.error();
  if (from.at && static_cast<std::int64_t>(*from.offset) < 0) return Error{EINVAL};
  auto out = file_argument(call, 0);
  if (!out || !(*out)->writable()) return Error{EBADF};
  Side to{std::move(*out)};
  if (is_pipe(*to.file)) {
    if (const Status open = readers(call, *to.file); !open) return open.error();
  } else if ((to.file->flags() & kOAppend) != 0) {
    return Error{EINVAL};
  }
  if (type_of(*from.file) != kSIfReg || !from.file->splices_from() || !to.file->splices_to())
    return Error{EINVAL};
  std::uint64_t size = std::min(call.args[3], kMost);
  if (const auto begin = to.file->write_offset(std::nullopt)) {
    const auto allowed = within_limit(call, *begin, size);
    if (!allowed) return allowed;
    size = *allowed;
  }
  const bool may_wait = (to.file->flags() & kONonBlock) == 0;
  return move(call, std::move(from), std::move(to), size, may_wait);
}

SyscallResult sys_splice(Syscall& call) {
  enum : std::uint64_t { kNonBlock = 2, kAll = 0xf };
  const std::uint64_t flags = call.args[5] & 0xffffffff;
  if (call.args[4] == 0) return 0;
  if ((flags & ~std::uint64_t{kAll}) != 0) return Error{EINVAL};
  auto in = file_argument(call, 0);
  if (!in) return in.error();
  auto out = file_argument(call, 2);
  if (!out) return out.error();
  Side from{std::move(*in)}, to{std::move(*out)};
  const bool in_pipe = is_pipe(*from.file), out_pipe = is_pipe(*to.file);
  if ((in_pipe && call.args[1] != 0) || (out_pipe && call.args[3] != 0)) return Error{ESPIPE};
  for (const auto& [n, side] : {std::pair(3u, &to), std::pair(1u, &from)}) {
    if (const Status set = set_offset(call, n, *side); !set) return set.error();
  }
  if (!from.file->readable() || !to.file->writable()) return Error{EBADF};
  if (!in_pipe && !out_pipe) return Error{EINVAL};
  if (in_pipe && out_pipe && same_pipe(*from.file, *to.file)) return Error{EINVAL};
  if (in_pipe && !out_pipe && (to.file->flags() & kOAppend) != 0) return Error{EINVAL};
  const File& other = in_pipe ? *to.file : *from.file;
  if (!in_pipe && type_of(other) != kSIfReg && type_of(other) != kSIfChr) return Error{EINVAL};
  if (!from.file->splices_from() || !to.file->splices_to()) return Error{EINVAL};
  const bool may_wait = (flags & kNonBlock) == 0 && (from.file->flags() & kONonBlock) == 0 &&
                        (to.file->flags() & kONonBlock) == 0;
  return move(call, std::move(from), std::move(to), std::min(call.args[4], kMost), may_wait);
}

SyscallResult sys_tee(Syscall& call) {
  enum : std::uint64_t { kNonBlock = 2, kAll = 0xf };
  const std::uint64_t flags = call.args[3] & 0xffffffff;
  if ((flags & ~std::uint64_t{kAll}) != 0) return Error{EINVAL};
  if (call.args[2] == 0) return 0;
  const auto in = file_argument(call, 0);
  if (!in) return in.error();
  const auto out = file_argument(call, 1);
  if (!out) return out.error();
  if (!(*in)->readable() || !(*out)->writable()) return Error{EBADF};
  if (!is_pipe(**in) || !is_pipe(**out) || same_pipe(**in, **out)) return Error{EINVAL};
  auto done = tee_pipe(**in, **out, std::min(call.args[2], kMost));
  if (done || done.error().number != EAGAIN || (flags & kNonBlock) != 0) {
    if (done) call.cpu.charge(*done / kBytesACycle);
    if (!done && done.error().number == EPIPE) send_to_itself(call, kSigPipe);
    return done;
  }
  return call.sleep({(*in)->wait_queue(), (*out)->wait_queue()});
}

SyscallResult sys_vmsplice(Syscall& call) {
  constexpr std::uint64_t kAll = 0xf;
  if ((call.args[3] & 0xffffffff & ~kAll) != 0) return Error{EINVAL};
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  if (!is_pipe(**file)) return Error{EBADF};
  return (*file)->writable() ? sys_writev(call) : sys_readv(call);
}

SyscallResult sys_fallocate(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  const std::uint64_t mode = call.args[1] & 0xffffffff;
  const auto offset = static_cast<std::int64_t>(call.args[2]);
  const auto size = static_cast<std::int64_t>(call.args[3]);
  if (offset < 0 || size <= 0) return Error{EINVAL};
  if (const Status valid = valid_mode(mode); !valid) return valid.error();
  if (!(*file)->writable()) return Error{EBADF};
  const std::uint32_t type = type_of(**file);
  if (type == kSIfIfo) return Error{ESPIPE};
  if (type == kSIfDir) return Error{EISDIR};
  if (type != kSIfReg) return Error{ENODEV};
  if (size > kMaxOffset - offset) return Error{EFBIG};
  const auto status = (*file)->status();
  const std::uint64_t end = call.args[2] + call.args[3];
  if (status && (mode & (kKeepSize | kCollapseRange)) == 0 && end > status->size) {
    const auto allowed = within_limit(call, end - 1, 1);
    if (!allowed) return allowed;
  }
  if (status && (mode & ~std::uint64_t{kKeepSize}) != 0)
    call.cpu.charge(std::min(call.args[3], status->size) / kBytesACycle);
  const Status done = (*file)->allocate(mode, call.args[2], call.args[3]);
  if (done) call.kernel.file_system().notify(**file, kInModify);
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

SyscallResult sys_readahead(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file || !(*file)->readable()) return Error{EBADF};
  return type_of(**file) == kSIfReg ? SyscallResult(std::uint64_t{0}) : Error{EINVAL};
}

SyscallResult sys_sync_file_range(Syscall& call) {
  const auto file = file_argument(call, 0);
  if (!file) return file.error();
  constexpr std::uint64_t kAll = 7;
  const auto offset = static_cast<std::int64_t>(call.args[1]);
  const auto size = static_cast<std::int64_t>(call.args[2]);
  if ((call.args[3] & 0xffffffff & ~kAll) != 0) return Error{EINVAL};
  if (offset < 0 || size < 0 || size > kMaxOffset - offset) return Error{EINVAL};
  const std::uint32_t type = type_of(**file);
  if (type != kSIfReg && type != kSIfDir) return Error{ESPIPE};
  const Status done = (*file)->sync();
  return done ? SyscallResult(std::uint64_t{0}) : done.error();
}

// PPC64 has the flags before the range.
SyscallResult sys_sync_file_range2(Syscall& call) {
  std::rotate(call.args.begin() + 1, call.args.begin() + 2, call.args.begin() + 4);
  return sys_sync_file_range(call);
}

SyscallResult sys_syncfs(Syscall& call) {
  const auto file = file_argument(call, 0);
  return file ? SyscallResult(std::uint64_t{0}) : file.error();
}

SyscallResult sys_sync(Syscall& /*call*/) { return 0; }

}  // namespace trapline::kernel
