#include "emu/kernel/fs/file_system.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "emu/kernel/fs/directory.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/inode_numbers.hpp"
#include "emu/kernel/fs/path.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/fs/proc_files.hpp"
#include "emu/kernel/fs/resolver.hpp"
#include "emu/kernel/kernel.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

// Flags that act at open(2) only, beside creation itself; fcntl(2), F_GETFL.
constexpr std::uint64_t kONoCtty = 0400;
constexpr std::uint64_t kOpenOnly = kOCreat | kOExcl | kONoCtty | kOTrunc | kOCloExec;
constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 20;  // in open directories
constexpr std::uint64_t kMaxText = std::uint64_t{64} << 20;    // bytes in open files of /proc

// Linux sets it for every program of 64 bits.
constexpr std::uint64_t large_file(isa::Isa isa) { return isa == isa::Isa::X86_64 ? 0100000 : 0200000; }

bool may_write(std::uint64_t flags) { return (flags & kOAccMode) != 0; }
bool may_read(std::uint64_t flags) { return (flags & kOAccMode) != kOWrOnly; }

}  // namespace

class FileSystem::Impl {
 public:
  Impl(Kernel& kernel, const std::optional<RootFolder>& root) : kernel_(kernel), isa_(kernel.isa()) {
    if (root) root_.emplace(*root);
  }

  Result<FileRef> open(Task& task, const std::string& path, std::uint64_t flags, std::uint32_t mode);
  Result<FileStatus> status(Task& task, const std::string& path, bool follow);
  std::uint64_t inode_of(Task& task, const std::string& path);
  Status make_folder(Task& task, const std::string& path, std::uint32_t mode);
  Status remove(Task& task, const std::string& path, bool folder);
  Status rename(Task& task, const std::string& from, const std::string& to);
  Resolver resolver(Task& task) { return Resolver({kernel_, &task}, root_ ? &*root_ : nullptr, inodes_); }

 private:
  Result<FileRef> create(Task& task, const Node& node, std::uint64_t flags, std::uint32_t mode);
  Result<FileRef> open_magic(const Node& node, std::uint64_t flags);
  Result<FileRef> open_executable(Task& task, std::uint64_t flags);
  Result<FileRef> open_folder(const Node& node, std::uint64_t flags);
  Result<FileRef> open_kernels_own(Task& task, const Node& node, std::uint64_t flags);
  ProcText text_of(Task& task, const SyntheticNode& node);
  Result<FileRef> open_host_file(const Node& node, std::uint64_t flags);
  Status may_change(const Node& folder) const;
  void forget(const Node& gone);

  std::uint64_t kept_flags(std::uint64_t flags) const { return (flags & ~kOpenOnly) | large_file(isa_); }

  Kernel& kernel_;
  isa::Isa isa_;
  std::optional<HostRoot> root_;
  InodeNumbers inodes_;
  Allowance entries_{kMaxEntries};
  Allowance text_room_{kMaxText};
};

Result<FileRef> FileSystem::Impl::open(Task& task, const std::string& path, std::uint64_t flags,
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
    if (follow) return open_magic(*node, flags);
    return wants_folder ? Error{ENOTDIR} : Error{ELOOP};
  }
  if (node->is_link()) return wants_folder ? Error{ENOTDIR} : Error{ELOOP};
  if (node->is_folder()) {
    // open(2): O_TRUNC asks for write permission, too.
    const bool changes = creates || may_write(flags) || (flags & kOTrunc) != 0;
    return changes ? Error{EISDIR} : open_folder(*node, flags);
  }
  if (wants_folder) return Error{ENOTDIR};
  if (!node->synthetic) return open_host_file(*node, flags);
  return open_kernels_own(task, *node, flags);
}

Status FileSystem::Impl::may_change(const Node& folder) const {
  if (!folder.host || !root_->writable()) return Error{EROFS};
  return Done{};
}

Result<FileRef> FileSystem::Impl::create(Task& task, const Node& node, std::uint64_t flags,
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

Result<FileRef> FileSystem::Impl::open_kernels_own(Task& task, const Node& node, std::uint64_t flags) {
  const SyntheticNode& own = *node.synthetic;
  if (const auto* device = std::get_if<SyntheticDevice>(&own.content)) {
    if (device->make == nullptr) return Error{ENXIO};
    return device->make(node.path, kept_flags(flags), node.status);
  }
  if (node.status.read_only && (may_write(flags) || (flags & kOTrunc) != 0)) return Error{EROFS};
  if (std::holds_alternative<MemoryImage>(own.content)) {
    const Task& owner = *own.pid->task();
    return memory_image(node.path, kept_flags(flags), node.status,
                        owner.alive() ? std::weak_ptr(owner.mm) : std::weak_ptr<Mm>());
  }
  return proc_text_file(node.path, kept_flags(flags), node.status, text_room_, text_of(task, own));
}

std::uint64_t FileSystem::Impl::inode_of(Task& task, const std::string& path) {
  const auto file = path.starts_with('/') ? status(task, path, true) : Error{ENOENT};
  return file ? file->inode : inodes_.of_path(path);
}

ProcText FileSystem::Impl::text_of(Task& task, const SyntheticNode& node) {
  if (!node.pid) {
    return {[this, text = std::get<SyntheticText>(node.content)]() -> Result<std::string> {
      return text({.kernel = kernel_});
    }};
  }
  // Whoever the file is about may be gone when it is read.
  const auto about = [this, whole = node.whole](Task& target) {
    const auto number_of = [this, &target](const std::string& path) { return inode_of(target, path); };
    return ProcContext{kernel_, &target, whole, number_of};
  };
  if (const auto* info = std::get_if<DescriptorInfo>(&node.content)) {
    return {[about, pid = *node.pid, fd = info->fd]() -> Result<std::string> {
      Task* const target = pid.task();
      if (target == nullptr || !target->files || target->files->find(fd) == nullptr) return Error{ENOENT};
      return proc_fdinfo(about(*target), fd);
    }};
  }
  const bool comm = std::holds_alternative<CommFile>(node.content);
  const SyntheticText text = comm ? SyntheticText(proc_comm) : std::get<SyntheticText>(node.content);
  ProcText made{[about, pid = *node.pid, text]() -> Result<std::string> {
    Task* const target = pid.task();
    if (target == nullptr) return Error{ESRCH};
    return text(about(*target));
  }};
  // proc(5), /proc/pid/comm: a thread may name those of its own process.
  if (comm) {
    made.store = [pid = *node.pid, opener = Pid(task)](std::span<const std::byte> bytes) -> SyscallResult {
      Task* const target = pid.task();
      if (target == nullptr) return Error{ESRCH};
      if (opener.process() != target->process) return Error{EINVAL};
      const std::string name(reinterpret_cast<const char*>(bytes.data()),
                             std::min(bytes.size(), kCommLength));
      target->comm = name.substr(0, name.find('\0'));
      return bytes.size();
    };
  }
  return made;
}

Result<FileRef> FileSystem::Impl::open_magic(const Node& node, std::uint64_t flags) {
  Task& owner = *node.synthetic->pid->task();
  Result<FileRef> file = Error{ENOENT};
  if (const auto* link = std::get_if<DescriptorLink>(&node.synthetic->content)) {
    file = owner.files->find(link->fd)->file;
    auto another = (*file)->reopen(kept_flags(flags));
    if (another) {
      file = std::move(*another);
      if ((flags & kOTrunc) != 0 && may_write(flags)) {
        if (const Status empty = (*file)->truncate(0); !empty) return empty.error();
      }
    } else if (another.error().number != ENXIO || (*file)->name().starts_with("anon_inode:")) {
      return another.error();
    } else {
      const bool allowed =
          (!may_read(flags) || (*file)->readable()) && (!may_write(flags) || (*file)->writable());
      if (!allowed) return Error{EACCES};
    }
  } else {
    file = open_executable(owner, flags);
  }
  if (!file || (flags & differing(isa_).o_directory) == 0) return file;
  const auto status = (*file)->status();
  if (!status) return status.error();
  return (status->mode & kSIfMt) == kSIfDir ? file : Error{ENOTDIR};
}

// The program's file need not lie below the root; its bytes are where it was mapped.
Result<FileRef> FileSystem::Impl::open_executable(Task& task, std::uint64_t flags) {
  if (!task.alive()) return Error{ENOENT};
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

Result<FileRef> FileSystem::Impl::open_folder(const Node& node, std::uint64_t flags) {
  std::shared_ptr<HostFd> host;
  if (node.host) {
    auto fd = open_host(*node.host, O_RDONLY | O_DIRECTORY);
    if (!fd) return fd.error();
    host = std::make_shared<HostFd>(std::move(*fd));
  }
  const auto about = node.synthetic && node.synthetic->pid ? std::make_shared<Pid>(*node.synthetic->pid)
                                                           : std::shared_ptr<Pid>();
  const auto list = [this, path = node.path, inode = node.status.inode, host,
                     about]() -> Result<std::vector<DirectoryEntry>> {
    if (about && about->task() == nullptr) return Error{ENOENT};
    const Resolver names({kernel_}, root_ ? &*root_ : nullptr, inodes_);
    return names.list(path, inode, host ? host->get() : -1);
  };
  return FileRef(std::make_shared<Directory>(node.path, kept_flags(flags), node.status, entries_, list));
}

Result<FileStatus> FileSystem::Impl::status(Task& task, const std::string& path, bool follow) {
  const auto node = resolver(task).resolve(path, follow);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (!node->magic() || !follow) return node->status;
  Task& owner = *node->synthetic->pid->task();
  const auto* link = std::get_if<DescriptorLink>(&node->synthetic->content);
  const auto file = link ? owner.files->find(link->fd)->file : open_executable(owner, 0);
  return file ? (*file)->status() : file.error();
}

Status FileSystem::Impl::make_folder(Task& task, const std::string& path, std::uint32_t mode) {
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

Status FileSystem::Impl::remove(Task& task, const std::string& path, bool folder) {
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

Status FileSystem::Impl::rename(Task& task, const std::string& from, const std::string& to) {
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

FileSystem::FileSystem(Kernel& kernel, const std::optional<RootFolder>& root)
    : impl_(std::make_unique<Impl>(kernel, root)) {}
FileSystem::~FileSystem() = default;

Result<FileRef> FileSystem::open(Task& task, const std::string& path, std::uint64_t flags,
                                 std::uint32_t mode) {
  return impl_->open(task, path, flags, mode);
}

Result<FileStatus> FileSystem::status(Task& task, const std::string& path, bool follow) {
  return impl_->status(task, path, follow);
}
std::uint64_t FileSystem::inode_of(Task& task, const std::string& path) {
  return impl_->inode_of(task, path);
}

Result<std::string> FileSystem::read_link(Task& task, const std::string& path) {
  const Resolver names = impl_->resolver(task);
  const auto node = names.resolve(path, false);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (!node->is_link()) return Error{EINVAL};
  return names.link_target(*node);
}

Result<std::string> FileSystem::folder(Task& task, const std::string& path) {
  const auto node = impl_->resolver(task).resolve(path, true);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (!node->is_folder()) return Error{ENOTDIR};
  return node->path;
}

Status FileSystem::make_folder(Task& task, const std::string& path, std::uint32_t mode) {
  return impl_->make_folder(task, path, mode);
}

Status FileSystem::remove(Task& task, const std::string& path, bool folder) {
  return impl_->remove(task, path, folder);
}

Status FileSystem::rename(Task& task, const std::string& from, const std::string& to) {
  return impl_->rename(task, from, to);
}

}  // namespace trapline::kernel
