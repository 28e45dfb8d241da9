#include <fcntl.h>

#include <limits>

#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

// disk.
constexpr std::uint64_t kMaxOffset = std::numeric_limits<off_t>::max();

class HostFile final : public PositionedFile {
 public:
  HostFile(HostFd fd, std::string name, std::uint64_t flags, std::uint64_t inode, HostRoot& root)
      : PositionedFile(std::move(name), flags), fd_(std::move(fd)), inode_(inode), root_(root) {}

  Result<FileStatus> status() const override {
    const auto host = host_status(fd_.get());
    if (!host) return host.error();
    return FileStatus{.inode = inode_,
                      .mode = host->guest_mode(),
                      .size = host->guest_size(),
                      .read_only = !root_.writable()};
  }

  Status truncate(std::uint64_t size) override {
    if (!writable()) return Error{EINVAL};
    if (size > kMaxOffset) return Error{EFBIG};
    if (const Status room = grow_to(size); !room) return room;
    const auto done = host_result([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); });
    if (!done) return done.error();
    return Done{};
  }

  Result<FileBytes> contents() const override { return root_.contents(fd_.get()); }

  Result<FileRef> reopen(std::uint64_t flags) const override {
    if ((flags & isa::linux_abi::kOAccMode) != 0 && !root_.writable()) return Error{EROFS};
    const int access = static_cast<int>(flags & isa::linux_abi::kOAccMode);
    const auto fd = host_result([&] { return ::open(fd_.path().c_str(), access | O_CLOEXEC | O_NONBLOCK); });
    if (!fd) return fd.error();
    return host_file(HostFd(static_cast<int>(*fd)), name(), flags, inode_, root_);
  }

 protected:
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) override {
    return host_result(
        [&] { return ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset)); });
  }

  SyscallResult write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    if (offset > kMaxOffset || kMaxOffset - offset < bytes.size()) return Error{EFBIG};
    if (!bytes.empty()) {
      if (const Status room = grow_to(offset + bytes.size()); !room) return room.error();
    }
    return host_result(
        [&] { return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
  }

 private:
  Status grow_to(std::uint64_t size) {
    const auto host = host_status(fd_.get());
    if (!host) return host.error();
    if (size > host->size && !root_.growth().take(size - host->size)) return Error{ENOSPC};
    return Done{};
  }

  HostFd fd_;
  std::uint64_t inode_;
  HostRoot& root_;
};

}  // namespace

FileRef host_file(HostFd fd, std::string name, std::uint64_t flags, std::uint64_t inode, HostRoot& root) {
  return std::make_shared<HostFile>(std::move(fd), std::move(name), flags, inode, root);
}

}  // namespace trapline::kernel
