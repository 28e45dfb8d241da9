#include "emu/kernel/fs/file.hpp"

#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

using isa::linux_abi::kOAccMode;
using isa::linux_abi::kORdWr;
using isa::linux_abi::kOWrOnly;

SyscallResult File::read(std::span<std::byte>) { return Error{EINVAL}; }
SyscallResult File::write(std::span<const std::byte>) { return Error{EINVAL}; }
SyscallResult File::pread(std::span<std::byte>, std::uint64_t) { return Error{ESPIPE}; }
SyscallResult File::pwrite(std::span<const std::byte>, std::uint64_t) { return Error{ESPIPE}; }
SyscallResult File::seek(std::int64_t, Whence) { return Error{ESPIPE}; }
SyscallResult File::ioctl(Syscall&) { return Error{ENOTTY}; }
SyscallResult File::pipe_size() const { return Error{EBADF}; }
SyscallResult File::set_pipe_size(std::uint64_t) { return Error{EBADF}; }
Status File::truncate(std::uint64_t) { return Error{EINVAL}; }
Result<FileBytes> File::contents() const { return Error{ENODEV}; }
Result<std::span<const DirectoryEntry>> File::entries() { return Error{ENOTDIR}; }

std::uint32_t File::poll_events() {
  using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): POLL*
  return kPollIn | kPollOut | kPollRdNorm | kPollWrNorm;
}

// Access mode 3 is neither: it asks for permission to do both and then allows ioctl(2) only (open(2),
// "Notes").
bool File::readable() const { return (flags_ & kOAccMode) == 0 || (flags_ & kOAccMode) == kORdWr; }
bool File::writable() const { return (flags_ & kOAccMode) == kOWrOnly || (flags_ & kOAccMode) == kORdWr; }

Result<int> FdTable::lowest_free(int from) const {
  for (auto entry = entries_.lower_bound(from); entry != entries_.end() && entry->first == from; ++entry)
    ++from;
  if (from >= kLimit) return Error{EMFILE};
  return from;
}

Result<int> FdTable::add(FileRef file, bool close_on_exec, int from) {
  const auto fd = lowest_free(from);
  if (fd) entries_.emplace(*fd, Entry{std::move(file), close_on_exec});
  return fd;
}

void FdTable::put(int fd, FileRef file, bool close_on_exec) {
  assert(fd >= 0 && fd < kLimit);
  entries_.insert_or_assign(fd, Entry{std::move(file), close_on_exec});
}

FdTable::Entry* FdTable::find(int fd) {
  const auto entry = entries_.find(fd);
  return entry == entries_.end() ? nullptr : &entry->second;
}

const FdTable::Entry* FdTable::find(int fd) const {
  const auto entry = entries_.find(fd);
  return entry == entries_.end() ? nullptr : &entry->second;
}

bool FdTable::close(int fd) { return entries_.erase(fd) != 0; }

void FdTable::close_on_exec() {
  std::erase_if(entries_, [](const auto& entry) { return entry.second.close_on_exec; });
}

}  // namespace trapline::kernel
