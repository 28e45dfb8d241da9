#include "emu/kernel/fs/file_system.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "emu/kernel/fs/directory.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/inode_numbers.hpp"
#include "emu/kernel/fs/path.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/fs/resolver.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

// Flags that act at open(2) only, beside creation itself; fcntl(2), F_GETFL.
constexpr std::uint64_t kONoCtty = 0400;
constexpr std::uint64_t kOpenOnly = kOCreat | kOExcl | kONoCtty | kOTrunc | kOCloExec;
constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 20;  // in open directories

// Linux sets it for every program of 64 bits.
constexpr std::uint64_t large_file(isa::Isa isa) { return isa == isa::Isa::X86_64 ? 0100000 : 0200000; }

bool may_write(std::uint64_t flags) { return (flags & kOAccMode) != 0; }
bool may_read(std::uint64_t flags) { return (flags & kOAccMode) != kOWrOnly; }

}  // namespace

class FileSystem::Impl {
 public:
  Impl(isa::Isa isa, const std::optional<RootFolder>& root, unsigned cpus, debugunit::Model unit)
      : isa_(isa), cpus_(cpus), unit_(unit) {
    if (root) root_.emplace(*root);
  }

  Result<FileRef> open(const Task& task, const std::string& path, std::uint64_t flags, std::uint32_t mode);
  Result<FileStatus> status(const Task& task, const std::string& path, bool follow);
  Status make_folder(const Task& task, const std::string& path, std::uint32_t mode);
  Status remove(const Task& task, const std::string& path, bool folder);
  Status rename(const Task& task, const std::string& from, const std::string& to);
  Resolver resolver(const Task& task) {
    return Resolver({task.tgid(), task.files.get(), task.executable}, root_ ? &*root_ : nullptr, inodes_);
  }

 private:
  Result<FileRef> create(const Task& task, const Node& node, std::uint64_t flags, std::uint32_t mode);
  Result<FileRef> open_magic(const Task& task, const Node& node, std::uint64_t flags);
  Result<FileRef> open_executable(const Task& task, std::uint64_t flags);
  Result<FileRef> open_folder(const Task& task, const Node& node, std::uint64_t flags);
  Result<FileRef> open_text(const Task& task, const Node& node, SyntheticText text, std::uint64_t flags);
  Result<FileRef> open_host_file(const Node& node, std::uint64_t flags);
  Status may_change(const Node& folder) const;
  void forget(const Node& gone);

  std::uint64_t kept_flags(std::uint64_t flags) const { return (flags & ~kOpenOnly) | large_file(isa_); }

  isa::Isa isa_;
  unsigned cpus_;
  debugunit::Model unit_;
  std::optional<HostRoot> root_;
  InodeNumbers inodes_;
  Allowance entries_{kMaxEntries};
};

Result<FileRef> FileSystem::Impl::open(const Task& task, const std::string& path, std::uint64_t flags,
                                       std::uint32_t mode) {
  const Differing bits = differing(isa_);
  const bool creates = (flags & kOCreat) != 0;
  const bool exclusive = creates && (flags & kOExcl) != 0;
  const bool wants_folder = (flags & bits.o_directory) != 0;
  const bool follow = !exclusive && (flags & bits.o_nofollow) == 0;
  const Resolver names = resolver(task);
  if (creates && path.ends_with('/')) {
    const auto parent = names.folder_of(path);
    return parent ? Error{EISDIR} : parent.error();
  }
  const auto node = names.resolve(path, follow);
  if (!node) return node.error();
  if (!node->exists) return creates ? create(task, *node, flags, mode) : Error{ENOENT};
  if (exclusive) return Error{EEXIST};
  if (node->magic()) {
    if (follow) return open_magic(task, *node, flags);
    return wants_folder ? Error{ENOTDIR} : Error{ELOOP};
  }
  if (node->is_link()) return wants_folder ? Error{ENOTDIR} : Error{ELOOP};
  if (node->is_folder()) {
    // open(2): O_TRUNC asks for write permission, too.
    const bool changes = creates || may_write(flags) || (flags & kOTrunc) != 0;
    return changes ? Error{EISDIR} : open_folder(task, *node, flags);
  }
  if (wants_folder) return Error{ENOTDIR};
  if (!node->synthetic) return open_host_file(*node, flags);
  if (const auto* device = std::get_if<SyntheticDevice>(&*node->synthetic)) {
    return device->make(node->path, kept_flags(flags), node->status);
  }
  return open_text(task, *node, std::get<SyntheticText>(*node->synthetic), flags);
}

Status FileSystem::Impl::may_change(const Node& folder) const {
  if (!folder.host || !root_->writable()) return Error{EROFS};
  return Done{};
}

Result<FileRef> FileSystem::Impl::create(const Task& task, const Node& node, std::uint64_t flags,
                                         std::uint32_t mode) {
  const auto parent = resolver(task).look_up(parent_of(node.path));
  if (!parent) return parent.error();
  if (const Status writable = may_change(*parent); !writable) return writable.error();
  auto fd = root_->create(*parent->host, name_of(node.path), flags, mode);
  if (!fd) return fd.error();
  const auto made = host_status(fd->get());
  if (!made) return made.error();
  return host_file(std::move(*fd), node.path, kept_flags(flags), inodes_.of_host(made->device, made->inode),
                   *root_);
}

Result<FileRef> FileSystem::Impl::open_host_file(const Node& node, std::uint64_t flags) {
  if ((node.status.mode & kSIfMt) != kSIfReg) return Error{EACCES};
  const bool truncates = (flags & kOTrunc) != 0;
  if ((may_write(flags) || truncates) && !root_->writable()) return Error{EROFS};
  // Never waits and takes no terminal, even if the host put something else in its place.
  auto fd =
      open_host(*node.host, static_cast<int>(flags & kOAccMode) | O_NONBLOCK | (truncates ? O_TRUNC : 0));
  if (!fd) return fd.error();
  return host_file(std::move(*fd), node.path, kept_flags(flags), node.status.inode, *root_);
}

Result<FileRef> FileSystem::Impl::open_text(const Task& task, const Node& node, SyntheticText text,
                                            std::uint64_t flags) {
  if (may_write(flags) || (flags & kOTrunc) != 0) return Error{EROFS};
  const auto inode_of = [&](const std::string& path) {
    const auto file = path.starts_with('/') ? status(task, path, true) : Error{ENOENT};
    return file ? file->inode : inodes_.of_path(path);
  };
  const std::string content = text({task, isa_, cpus_, inode_of, unit_});
  const auto bytes = std::as_bytes(std::span(content));
  return memory_file(node.path, kept_flags(flags), node.status,
                     std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end()));
}

Result<FileRef> FileSystem::Impl::open_magic(const Task& task, const Node& node, std::uint64_t flags) {
  Result<FileRef> file = Error{ENOENT};
  if (const auto* link = std::get_if<DescriptorLink>(&*node.synthetic)) {
    file = task.files->find(link->fd)->file;
    const bool allowed =
        (!may_read(flags) || (*file)->readable()) && (!may_write(flags) || (*file)->writable());
    if (!allowed) return Error{EACCES};
  } else {
    file = open_executable(task, flags);
  }
  if (!file || (flags & differing(isa_).o_directory) == 0) return file;
  const auto status = (*file)->status();
  if (!status) return status.error();
  return (status->mode & kSIfMt) == kSIfDir ? file : Error{ENOTDIR};
}

// The program's file need not lie below the root; its bytes are where it was mapped.
Result<FileRef> FileSystem::Impl::open_executable(const Task& task, std::uint64_t flags) {
  if (may_write(flags) || (flags & kOTrunc) != 0) return Error{ETXTBSY};
  for (const auto& [start, vma] : task.mm->vmas()) {
    if (!vma.file || vma.name != task.executable) continue;
    const FileStatus status{.inode = inodes_.of_path(task.executable),
                            .mode = kSIfReg | 0755,
                            .size = vma.file->size(),
                            .read_only = true};
    return memory_file(task.executable, kept_flags(flags), status, vma.file);
  }
  return Error{ENOENT};
}

Result<FileRef> FileSystem::Impl::open_folder(const Task& task, const Node& node, std::uint64_t flags) {
  std::shared_ptr<HostFd> host;
  if (node.host) {
    auto fd = open_host(*node.host, O_RDONLY | O_DIRECTORY);
    if (!fd) return fd.error();
    host = std::make_shared<HostFd>(std::move(*fd));
  }
  // The table holds the file, so the file must not hold the table.
  const auto list = [this, path = node.path, inode = node.status.inode, host, pid = task.tgid(),
                     files = std::weak_ptr(task.files)]() -> Result<std::vector<DirectoryEntry>> {
    const auto table = files.lock();
    const Resolver names({pid, table.get()}, root_ ? &*root_ : nullptr, inodes_);
    return names.list(path, inode, host ? host->get() : -1);
  };
  return FileRef(std::make_shared<Directory>(node.path, kept_flags(flags), node.status, entries_, list));
}

Result<FileStatus> FileSystem::Impl::status(const Task& task, const std::string& path, bool follow) {
  const auto node = resolver(task).resolve(path, follow);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (!node->magic() || !follow) return node->status;
  const auto* link = std::get_if<DescriptorLink>(&*node->synthetic);
  const auto file = link ? task.files->find(link->fd)->file : open_executable(task, 0);
  return file ? (*file)->status() : file.error();
}

Status FileSystem::Impl::make_folder(const Task& task, const std::string& path, std::uint32_t mode) {
  const auto [folder, name, slash] = split_last(path);
  if (name.empty()) return Error{EEXIST};
  const Resolver names = resolver(task);
  const auto parent = names.folder_of(path);
  if (!parent) return parent.error();
  if (name == "." || name == "..") return Error{EEXIST};
  const auto node = names.look_up_in(*parent, name);
  if (!node) return node.error();
  if (node->exists) return Error{EEXIST};
  if (const Status writable = may_change(*parent); !writable) return writable;
  return root_->make_folder(*parent->host, name, mode);
}

// The number of a file without names is free for the host to use again.
void FileSystem::Impl::forget(const Node& gone) {
  if (!gone.host) return;
  const HostStatus& host = gone.host->status;
  if (gone.is_folder() || host.links == 1) inodes_.forget_host(host.device, host.inode);
}

Status FileSystem::Impl::remove(const Task& task, const std::string& path, bool folder) {
  const auto [parent_path, name, slash] = split_last(path);
  if (name.empty()) return Error{folder ? EBUSY : EISDIR};
  const Resolver names = resolver(task);
  const auto parent = names.folder_of(path);
  if (!parent) return parent.error();
  if (name == "." || name == "..") return Error{!folder ? EISDIR : name == "." ? EINVAL : ENOTEMPTY};
  if (const Status writable = may_change(*parent); !writable) return writable;
  const auto node = names.look_up_in(*parent, name);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (slash && !node->is_folder()) return Error{ENOTDIR};
  if (node->synthetic) return Error{folder ? EBUSY : EISDIR};  // a mount point
  if (!folder && node->is_folder()) return Error{EISDIR};
  if (::unlinkat(parent->host->fd.get(), name.c_str(), folder ? AT_REMOVEDIR : 0) != 0) return host_error();
  forget(*node);
  return Done{};
}

Status FileSystem::Impl::rename(const Task& task, const std::string& from, const std::string& to) {
  const auto old_path = split_last(from);
  const auto new_path = split_last(to);
  const Resolver names = resolver(task);
  const auto old_parent = names.folder_of(from);
  if (!old_parent) return old_parent.error();
  const auto new_parent = names.folder_of(to);
  if (!new_parent) return new_parent.error();
  if (old_parent->host.has_value() != new_parent->host.has_value()) return Error{EXDEV};
  for (const std::string& name : {old_path.name, new_path.name}) {
    if (name.empty() || name == "." || name == "..") return Error{EBUSY};
  }
  if (const Status writable = may_change(*old_parent); !writable) return writable;
  const auto node = names.look_up_in(*old_parent, old_path.name);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  const auto target = names.look_up_in(*new_parent, new_path.name);
  if (!target) return target.error();
  if ((old_path.slash || new_path.slash) && !node->is_folder()) return Error{ENOTDIR};
  if (node->synthetic || target->synthetic) return Error{EBUSY};  // mount points
  if (::renameat(old_parent->host->fd.get(), old_path.name.c_str(), new_parent->host->fd.get(),
                 new_path.name.c_str()) != 0) {
    return host_error();
  }
  if (target->exists && target->status.inode != node->status.inode) forget(*target);
  return Done{};
}

FileSystem::FileSystem(isa::Isa isa, const std::optional<RootFolder>& root, unsigned cpus,
                       debugunit::Model unit)
    : impl_(std::make_unique<Impl>(isa, root, cpus, unit)) {}
FileSystem::~FileSystem() = default;

Result<FileRef> FileSystem::open(const Task& task, const std::string& path, std::uint64_t flags,
                                 std::uint32_t mode) {
  return impl_->open(task, path, flags, mode);
}

Result<FileStatus> FileSystem::status(const Task& task, const std::string& path, bool follow) {
  return impl_->status(task, path, follow);
}

Result<std::string> FileSystem::read_link(const Task& task, const std::string& path) {
  const Resolver names = impl_->resolver(task);
  const auto node = names.resolve(path, false);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (!node->is_link()) return Error{EINVAL};
  return names.link_target(*node);
}

Result<std::string> FileSystem::folder(const Task& task, const std::string& path) {
  const auto node = impl_->resolver(task).resolve(path, true);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (!node->is_folder()) return Error{ENOTDIR};
  return node->path;
}

Status FileSystem::make_folder(const Task& task, const std::string& path, std::uint32_t mode) {
  return impl_->make_folder(task, path, mode);
}

Status FileSystem::remove(const Task& task, const std::string& path, bool folder) {
  return impl_->remove(task, path, folder);
}

Status FileSystem::rename(const Task& task, const std::string& from, const std::string& to) {
  return impl_->rename(task, from, to);
}

}  // namespace trapline::kernel
