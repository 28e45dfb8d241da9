#include <fcntl.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "emu/kernel/fs/host_content.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kHostChunk = 256u << 10;  // bytes that are moved at a time
constexpr std::uint64_t kMaxHostOffset = std::numeric_limits<off_t>::max();

class HostFile final : public PositionedFile {
 public:
  HostFile(HostFd fd, std::string name, std::uint64_t flags, std::uint64_t number,
           std::shared_ptr<HostInode> inode, HostRoot& root)
      : PositionedFile(std::move(name), flags),
        fd_(std::move(fd)),
        number_(number),
        inode_(std::move(inode)),
        root_(root) {
    inode_->leases.opened(*this);
  }
  ~HostFile() override {
    inode_->leases.closed(*this);
    root_.closed(*this);
  }
  HostFile(const HostFile&) = delete;
  HostFile& operator=(const HostFile&) = delete;

  Result<FileStatus> status() const override {
    const auto host = host_status(fd_.get());
    if (!host) return host.error();
    return root_.status(*host, number_, inode_.get());
  }

  Status truncate(std::uint64_t size) override {
    if (!writable()) return Error{EINVAL};
    if (size > kMaxHostOffset) return Error{EFBIG};
    if (const Status room = grow_to(size); !room) return room;
    const auto before = host_status(fd_.get());
    const auto done = host_result([&] { return ::ftruncate(fd_.get(), static_cast<off_t>(size)); });
    if (!done) return done.error();
    root_.modified(*inode_);
    if (before) root_.resized(*inode_, before->size, size);
    return Done{};
  }

  Result<FileBytes> contents() const override { return root_.contents(fd_.get(), inode_); }
  Result<std::shared_ptr<SharedMemory>> map(const Mapping& mapping) override {
    if (!mapping.shared) return std::shared_ptr<SharedMemory>();
    if (mapping.offset + mapping.size < mapping.offset) return Error{EOVERFLOW};
    return root_.pages(fd_.get(), number_, inode_);
  }
  Status allocate(std::uint64_t mode, std::uint64_t offset, std::uint64_t size) override;

  Status change_attributes(const AttributeChange& change) override {
    return root_.change(fd_.get(), *inode_, change);
  }
  Result<Xattrs*> xattrs(bool change) override {
    if (change && !root_.writable()) return Error{EROFS};
    return &inode_->xattrs;
  }
  Status sync() override {
    if (const auto pages = inode_->pages.lock()) pages->write_back(0, pages->size());
    return Done{};
  }
  int host_descriptor() const override { return fd_.get(); }
  Leases* leases() override { return &inode_->leases; }

  Result<FileRef> reopen(std::uint64_t flags) const override {
    if ((flags & isa::linux_abi::kOAccMode) != 0 && !root_.writable()) return Error{EROFS};
    const int access = static_cast<int>(flags & isa::linux_abi::kOAccMode);
    const auto fd = host_result([&] { return ::open(fd_.path().c_str(), access | O_CLOEXEC | O_NONBLOCK); });
    if (!fd) return fd.error();
    return host_file(HostFd(static_cast<int>(*fd)), name(), flags, number_, inode_, root_);
  }

 protected:
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) override {
    if (!out.empty() && (flags() & isa::linux_abi::kONoATime) == 0) root_.accessed(*inode_);
    if (const auto pages = inode_->pages.lock()) {
      const auto host = host_status(fd_.get());
      if (!host) return host.error();
      if (offset >= host->size) return 0;
      out = out.first(std::min<std::uint64_t>(out.size(), host->size - offset));
      pages->read(offset, out);
      return out.size();
    }
    return host_result(
        [&] { return ::pread(fd_.get(), out.data(), out.size(), static_cast<off_t>(offset)); });
  }

  SyscallResult write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    if (offset > kMaxHostOffset || kMaxHostOffset - offset < bytes.size()) return Error{EFBIG};
    if (!bytes.empty()) {
      if (const Status room = grow_to(offset + bytes.size()); !room) return room.error();
      root_.modified(*inode_);
    }
    const auto done = host_result(
        [&] { return ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
    if (done) root_.wrote(*inode_, offset, bytes.first(*done), offset + *done);
    return done;
  }

 private:
  Status rearrange(std::uint64_t mode, std::uint64_t offset, std::uint64_t size);
  Status clear(std::uint64_t from, std::uint64_t to);
  Status copy(std::uint64_t from, std::uint64_t to, std::uint64_t size);
  Status collapse(std::uint64_t offset, std::uint64_t size, std::uint64_t old_size);
  Status insert(std::uint64_t offset, std::uint64_t size, std::uint64_t old_size);

  Status grow_to(std::uint64_t size) {
    const auto host = host_status(fd_.get());
    if (!host) return host.error();
    if (size > host->size && !root_.growth().take(size - host->size)) return Error{ENOSPC};
    return Done{};
  }

  HostFd fd_;
  std::uint64_t number_;
  std::shared_ptr<HostInode> inode_;
  HostRoot& root_;
};

// --- fallocate(2)
// ----------------------------------------------------------------------------------------------------

// As ext4 has it, but that no blocks are kept: what is zero takes none.
Status HostFile::allocate(std::uint64_t mode, std::uint64_t offset, std::uint64_t size) {
  const Status done = rearrange(mode, offset, size);
  if (done) root_.modified(*inode_);
  return done;
}

Status HostFile::rearrange(std::uint64_t mode, std::uint64_t offset, std::uint64_t size) {
  enum : std::uint64_t { kKeepSize = 1, kPunchHole = 2, kCollapse = 8, kZero = 0x10, kInsert = 0x20 };
  constexpr std::uint64_t kBlock = 4096;
  const auto host = host_status(fd_.get());
  if (!host) return host.error();
  const std::uint64_t end = offset + size;
  if ((mode & ~std::uint64_t{kKeepSize | kPunchHole | kCollapse | kZero | kInsert}) != 0)
    return Error{EOPNOTSUPP};
  if ((mode & (kCollapse | kInsert)) != 0) {
    if (offset % kBlock != 0 || size % kBlock != 0) return Error{EINVAL};
    if ((mode & kCollapse) != 0 && end >= host->size) return Error{EINVAL};
    if ((mode & kInsert) != 0 && offset >= host->size) return Error{EINVAL};
    if ((mode & kInsert) != 0 && size > kMaxHostOffset - host->size) return Error{EFBIG};
    return (mode & kCollapse) != 0 ? collapse(offset, size, host->size) : insert(offset, size, host->size);
  }
  if ((mode & (kPunchHole | kZero)) != 0) {
    const Status cleared = clear(offset, std::min(end, std::max(offset, host->size)));
    if (!cleared) return cleared;
  }
  if ((mode & kKeepSize) != 0 || end <= host->size) return Done{};
  return truncate(end);
}

Status HostFile::clear(std::uint64_t from, std::uint64_t to) {
  const std::vector<std::byte> zeros(std::min(kHostChunk, to - from));
  while (from < to) {
    const auto done =
        write_at(std::span(zeros).first(std::min<std::uint64_t>(zeros.size(), to - from)), from);
    if (!done) return done.error();
    from += *done;
  }
  return Done{};
}

// Of `size` bytes, which do not overlap in the order in which they are moved.
Status HostFile::copy(std::uint64_t from, std::uint64_t to, std::uint64_t size) {
  HostFd reader(::open(fd_.path().c_str(), O_RDONLY | O_CLOEXEC));  // this one may be for writing only
  if (!reader) return host_error();
  const FileBytes content = host_content(std::move(reader), inode_);
  std::vector<std::byte> buffer(std::min(kHostChunk, size));
  const bool backwards = to > from;
  for (std::uint64_t done = 0; done < size;) {
    const std::uint64_t here = std::min<std::uint64_t>(buffer.size(), size - done);
    const std::uint64_t at = backwards ? size - done - here : done;
    const auto part = std::span(buffer).first(here);
    const auto got = content->read(from + at, part);
    if (!got) return got.error();
    std::ranges::fill(part.subspan(*got), std::byte{0});
    if (const auto put = write_at(part, to + at); !put) return put.error();
    done += here;
  }
  return Done{};
}

Status HostFile::collapse(std::uint64_t offset, std::uint64_t size, std::uint64_t old_size) {
  const Status moved = copy(offset + size, offset, old_size - offset - size);
  return moved ? truncate(old_size - size) : moved;
}

Status HostFile::insert(std::uint64_t offset, std::uint64_t size, std::uint64_t old_size) {
  if (const Status grown = truncate(old_size + size); !grown) return grown;
  const Status moved = copy(offset, offset + size, old_size - offset);
  return moved ? clear(offset, offset + size) : moved;
}

class HostPlace final : public File {
 public:
  HostPlace(HostNode node, std::string name, std::uint64_t flags, std::uint64_t number,
            std::shared_ptr<HostInode> inode, HostRoot& root)
      : File(std::move(name), flags),
        node_(std::move(node)),
        number_(number),
        inode_(std::move(inode)),
        root_(root) {}

  Result<FileStatus> status() const override {
    const auto host = host_status(node_.fd.get());
    if (!host) return host.error();
    FileStatus status = inode_ ? root_.status(*host, number_, inode_.get()) : root_.status(*host, number_);
    if ((status.mode & isa::linux_abi::kSIfMt) == isa::linux_abi::kSIfDir)
      status.links = root_.folder_links(node_.fd.get(), *host);
    return status;
  }
  Status change_attributes(const AttributeChange& change) override {
    if (!root_.writable()) return Error{EROFS};
    if (const Status known = keep(); !known) return known;
    return root_.change(node_.fd.get(), *inode_, change);
  }
  Result<Xattrs*> xattrs(bool change) override {
    if (change && !root_.writable()) return Error{EROFS};
    if (const Status known = keep(); !known) return known.error();
    return &inode_->xattrs;
  }
  Status sync() override { return Done{}; }
  int host_descriptor() const override { return node_.fd.get(); }

 private:
  Status keep() {
    if (inode_) return Done{};
    auto inode = root_.inode(node_.status);
    if (!inode) return inode.error();
    inode_ = std::move(*inode);
    return Done{};
  }

  HostNode node_;
  std::uint64_t number_;
  std::shared_ptr<HostInode> inode_;  // null: nothing was kept of it when this was made, or through this
  HostRoot& root_;
};

}  // namespace

FileRef host_file(HostFd fd, std::string name, std::uint64_t flags, std::uint64_t number,
                  std::shared_ptr<HostInode> inode, HostRoot& root) {
  return std::make_shared<HostFile>(std::move(fd), std::move(name), flags, number, std::move(inode), root);
}

FileRef host_place(HostNode node, std::string name, std::uint64_t flags, std::uint64_t number,
                   HostRoot& root) {
  auto inode = root.known_inode(node.status);
  return std::make_shared<HostPlace>(std::move(node), std::move(name), flags, number, std::move(inode), root);
}

}  // namespace trapline::kernel
