// Files that have a size and a position: regular files.
#pragma once

#include <string>

#include "emu/kernel/fs/file.hpp"

namespace trapline::kernel {

class PositionedFile : public File {
 public:
  SyscallResult read(std::span<std::byte> out) final;
  SyscallResult write(std::span<const std::byte> bytes) final;
  SyscallResult pread(std::span<std::byte> out, std::uint64_t offset) final { return read_at(out, offset); }
  // With O_APPEND it appends whatever the offset (pwrite(2), "Bugs").
  SyscallResult pwrite(std::span<const std::byte> bytes, std::uint64_t offset) final;
  SyscallResult seek(std::int64_t offset, Whence whence) final;
  std::optional<std::uint64_t> write_offset(std::optional<std::uint64_t> at) const final;
  SyscallResult ioctl(Syscall& call) final;

 protected:
  using File::File;

  virtual SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) = 0;
  virtual SyscallResult write_at(std::span<const std::byte> bytes, std::uint64_t offset) = 0;

 private:
  Result<std::uint64_t> size() const;
  Result<std::uint64_t> append_or(std::uint64_t offset) const;

  std::uint64_t position_ = 0;
};

// lseek(2): where a position comes to lie. EINVAL before the start, EOVERFLOW past what a loff_t holds.
Result<std::uint64_t> new_position(std::uint64_t current, std::uint64_t size, std::int64_t offset,
                                   Whence whence);

// A file of those bytes, open for reading.
FileRef memory_file(std::string name, std::uint64_t flags, const FileStatus& status, FileBytes bytes);

}  // namespace trapline::kernel
