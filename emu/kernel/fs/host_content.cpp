#include "emu/kernel/fs/host_content.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>

namespace trapline::kernel {

namespace {

std::uint64_t size_of(const HostFd& fd) {
  struct stat host {};
  return ::fstat(fd.get(), &host) == 0 ? static_cast<std::uint64_t>(host.st_size) : 0;
}

// It is read and not mapped: a host's file that is cut off meanwhile would be a SIGBUS of our own.
Result<std::uint64_t> read_from(const HostFd& fd, std::uint64_t offset, std::span<std::byte> out) {
  std::uint64_t done = 0;
  while (done < out.size()) {
    constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
    if (offset > kMost - done) break;
    const auto part = host_result([&] {
      return ::pread(fd.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    });
    if (!part) return part;
    if (*part == 0) break;
    done += *part;
  }
  return done;
}

class HostContent final : public FileContent {
 public:
  HostContent(HostFd fd, std::weak_ptr<HostInode> inode) : fd_(std::move(fd)), inode_(std::move(inode)) {}

  std::uint64_t size() const override { return size_of(fd_); }

  Result<std::uint64_t> read(std::uint64_t offset, std::span<std::byte> out) const override {
    const auto inode = inode_.lock();
    const auto pages = inode ? inode->pages.lock() : nullptr;
    if (pages == nullptr) return read_from(fd_, offset, out);
    const std::uint64_t end = size();
    if (offset >= end) return 0;
    out = out.first(std::min<std::uint64_t>(out.size(), end - offset));
    pages->read(offset, out);
    return out.size();
  }

 private:
  HostFd fd_;
  std::weak_ptr<HostInode> inode_;
};

class HostPageStore final : public PageStore {
 public:
  HostPageStore(HostFd fd, std::uint64_t number, std::weak_ptr<HostInode> inode,
                std::function<void(HostInode&)> changes)
      : fd_(std::move(fd)), number_(number), inode_(std::move(inode)), changes_(std::move(changes)) {}

  std::uint64_t inode() const override { return number_; }

  bool read(std::uint64_t offset, std::span<std::byte> out) const override {
    const auto got = read_from(fd_, offset, out);
    if (!got) return false;
    std::ranges::fill(out.subspan(*got), std::byte{0});
    return true;
  }

  // A full disk takes what it takes, as for who has no msync(2) to be told of it.
  void write(std::uint64_t offset, std::span<const std::byte> bytes) override {
    const std::uint64_t end = size_of(fd_);
    if (offset >= end) return;
    // Only now, as who maps a file to read may do so while the host executes it (ETXTBSY for whoever opens it
    // for writing), and who maps it first may not be who stores to it.
    if (!writer_) writer_ = HostFd(::open(fd_.path().c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK));
    if (!writer_) return;
    bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), end - offset));
    while (!bytes.empty()) {
      const auto done = host_result(
          [&] { return ::pwrite(writer_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
      if (!done || *done == 0) return;
      bytes = bytes.subspan(*done);
      offset += *done;
    }
  }

  void changes() override {
    if (const auto inode = inode_.lock()) changes_(*inode);
  }

 private:
  HostFd fd_;
  HostFd writer_;
  std::uint64_t number_;
  std::weak_ptr<HostInode> inode_;
  std::function<void(HostInode&)> changes_;
};

}  // namespace

FileBytes host_content(HostFd fd, std::weak_ptr<HostInode> inode) {
  return std::make_shared<const HostContent>(std::move(fd), std::move(inode));
}

std::unique_ptr<PageStore> host_page_store(HostFd fd, std::uint64_t number, std::weak_ptr<HostInode> inode,
                                           std::function<void(HostInode&)> changes) {
  return std::make_unique<HostPageStore>(std::move(fd), number, std::move(inode), std::move(changes));
}

}  // namespace trapline::kernel
