#include "emu/kernel/fs/positioned_file.hpp"

#include <algorithm>

#include "emu/kernel/syscall/syscall.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

class MemoryFile final : public PositionedFile {
 public:
  MemoryFile(std::string name, std::uint64_t flags, const FileStatus& status, FileBytes bytes)
      : PositionedFile(std::move(name), flags), status_(status), bytes_(std::move(bytes)) {}

  Result<FileStatus> status() const override { return status_; }
  Result<FileBytes> contents() const override { return bytes_; }
  // These are programs that run.
  Result<FileRef> reopen(std::uint64_t flags) const override {
    if ((flags & isa::linux_abi::kOAccMode) != 0) return Error{ETXTBSY};
    return memory_file(name(), flags, status_, bytes_);
  }

 protected:
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) override {
    return bytes_->read(offset, out);
  }
  SyscallResult write_at(std::span<const std::byte>, std::uint64_t) override { return Error{EBADF}; }

 private:
  FileStatus status_;
  FileBytes bytes_;
};

}  // namespace

Result<std::uint64_t> new_position(std::uint64_t current, std::uint64_t size, std::int64_t offset,
                                   Whence whence) {
  // A file without holes: all is data up to the end, where there is a hole (lseek(2)).
  if (whence == Whence::Data || whence == Whence::Hole) {
    if (offset < 0 || static_cast<std::uint64_t>(offset) >= size) return Error{ENXIO};
    return whence == Whence::Data ? static_cast<std::uint64_t>(offset) : size;
  }
  const std::uint64_t from = whence == Whence::Set ? 0 : whence == Whence::Current ? current : size;
  std::int64_t to = 0;
  if (__builtin_add_overflow(static_cast<std::int64_t>(from), offset, &to) || to < 0) return Error{EINVAL};
  return static_cast<std::uint64_t>(to);
}

Result<std::uint64_t> PositionedFile::size() const {
  const auto now = status();
  if (!now) return now.error();
  return now->size;
}

Result<std::uint64_t> PositionedFile::append_or(std::uint64_t offset) const {
  return flags() & isa::linux_abi::kOAppend ? size() : offset;
}

std::optional<std::uint64_t> PositionedFile::write_offset(std::optional<std::uint64_t> at) const {
  const auto offset = append_or(at.value_or(position_));
  return offset ? std::optional(*offset) : std::nullopt;
}

SyscallResult PositionedFile::read(std::span<std::byte> out) {
  const auto done = read_at(out, position_);
  if (done) position_ += *done;
  return done;
}

SyscallResult PositionedFile::write(std::span<const std::byte> bytes) {
  auto offset = append_or(position_);
  if (!offset) return offset;
  const auto done = write_at(bytes, *offset);
  if (done) position_ = *offset + *done;
  return done;
}

SyscallResult PositionedFile::pwrite(std::span<const std::byte> bytes, std::uint64_t offset) {
  const auto at = append_or(offset);
  return at ? write_at(bytes, *at) : at;
}

SyscallResult PositionedFile::seek(std::int64_t offset, Whence whence) {
  auto end = size();
  if (!end) return end;
  const auto to = new_position(position_, *end, offset, whence);
  if (to) position_ = *to;
  return to;
}

SyscallResult PositionedFile::ioctl(Syscall& call) {
  if ((call.args[1] & 0xffffffff) != isa::linux_abi::differing(call.isa()).fionread) return Error{ENOTTY};
  auto end = size();
  if (!end) return end;
  // ioctl_fionread(2): the distance from the position to the end, as an int; past the end it is negative.
  if (!call.mm().write_word(call.address(2), *end - position_, 4)) return Error{EFAULT};
  return std::uint64_t{0};
}

FileRef memory_file(std::string name, std::uint64_t flags, const FileStatus& status, FileBytes bytes) {
  return std::make_shared<MemoryFile>(std::move(name), flags, status, std::move(bytes));
}

}  // namespace trapline::kernel
