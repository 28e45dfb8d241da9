#include "emu/kernel/fs/file_system.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/directory.hpp"
#include "emu/kernel/fs/file_system_impl.hpp"
#include "emu/kernel/fs/path.hpp"
#include "emu/kernel/fs/pipe.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/perf/core.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

bool may_write(std::uint64_t flags) { return (flags & kOAccMode) != 0; }
bool may_read(std::uint64_t flags) { return (flags & kOAccMode) != kOWrOnly; }

}  // namespace

Result<FileRef> FileSystem::Impl::open(Task& task, const std::string& path, std::uint64_t flags,
                                       std::uint32_t mode, const ResolveHow& how) {
  auto file = find_or_make(task, path, flags, mode, how);
  if (file && !(*file)->path_only()) {
    if ((flags & kOTrunc) != 0 && (*file)->host_descriptor() >= 0) notify(**file, kInModify);
    notify(**file, kInOpen);
  }
  return file;
}

Result<FileRef> FileSystem::Impl::find_or_make(Task& task, const std::string& path, std::uint64_t flags,
                                               std::uint32_t mode, const ResolveHow& how) {
  const Differing bits = differing(isa_);
  const bool creates = (flags & kOCreat) != 0;
  const bool exclusive = creates && (flags & kOExcl) != 0;
  const bool wants_folder = (flags & bits.o_directory) != 0;
  const bool follow = !exclusive && (flags & bits.o_nofollow) == 0;
  const Resolver names = resolver(task);
  ResolveHow with = how;
  with.creates = creates;
  auto node = names.resolve(path, follow, with);
  if (!node) return node.error();
  const bool no_magic = (how.flags & (kResolveNoMagicLinks | kResolveNoSymlinks)) != 0;
  if (node->magic() && follow && (no_magic || how.scoped())) return Error{no_magic ? ELOOP : EXDEV};
  if ((flags & kOTmpFile) != 0) {
    return node->exists ? create_nameless(*node, flags, mode) : Error{ENOENT};
  }
  if (!node->exists) {
    if (!creates) return Error{ENOENT};
    auto made = create(task, *node, flags, mode);
    // It is there all the same, from Linux 5.7 to 6.3 (open(2), "BUGS").
    return made && wants_folder ? Error{ENOTDIR} : std::move(made);
  }
  if (exclusive) return Error{EEXIST};
  if ((flags & kOPath) != 0) {
    if (wants_folder && !node->is_folder() && !(node->magic() && follow)) return Error{ENOTDIR};
    return place_of(std::move(*node), flags & (kOPath | bits.o_directory | bits.o_nofollow));
  }
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
  const std::uint32_t type = node->status.mode & kSIfMt;
  if (type == kSIfSock) return Error{ENXIO};
  if (type == kSIfIfo && node->host) return open_named_pipe(std::move(*node), flags);
  if (!node->synthetic) return open_host_file(*node, flags);
  return open_kernels_own(task, *node, flags);
}

Status FileSystem::Impl::may_change(const Node& folder) const {
  if (!folder.host || !root_->writable()) return Error{EROFS};
  sources_.scheduler.spend(costs::kChange);
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
  auto inode = root_->inode(*made);
  if (!inode) return inode.error();
  tell(*parent, name_of(node.path), kInCreate);
  return host_file(std::move(*fd), node.path, kept_flags(flags), inodes_.of_host(made->device, made->inode),
                   std::move(*inode), *root_);
}

// With O_PATH, following a magic link, it is what that leads to.
Result<FileRef> FileSystem::Impl::place_of(Node node, std::uint64_t flags) {
  if (node.magic() && (flags & differing(isa_).o_nofollow) == 0) return magic_file(node);
  if (node.host) return host_place(std::move(*node.host), node.path, flags, node.status.inode, *root_);
  return kernel_place(node.path, flags, node.status);
}

Result<FileRef> FileSystem::Impl::magic_file(const Node& node) {
  Task& owner = *node.synthetic->pid->task();
  if (const auto* link = std::get_if<DescriptorLink>(&node.synthetic->content))
    return owner.files->find(link->fd)->file;
  return open_executable(owner, 0);
}

Result<FileRef> FileSystem::Impl::place(Task& task, const std::string& path, bool follow) {
  auto node = resolver(task).resolve(path, follow);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  return place_of(std::move(*node), kOPath | (follow ? 0 : differing(isa_).o_nofollow));
}

Result<FileRef> FileSystem::Impl::open_host_file(const Node& node, std::uint64_t flags) {
  if ((node.status.mode & kSIfMt) != kSIfReg) return Error{EACCES};
  const bool truncates = (flags & kOTrunc) != 0;
  if ((may_write(flags) || truncates) && !root_->writable()) return Error{EROFS};
  // Never waits and takes no terminal, even if the host put something else in its place.
  auto fd =
      open_host(*node.host, static_cast<int>(flags & kOAccMode) | O_NONBLOCK | (truncates ? O_TRUNC : 0));
  if (!fd) return fd.error();
  auto inode = root_->inode(node.host->status);
  if (!inode) return inode.error();
  if (truncates) {
    root_->modified(**inode);
    root_->resized(**inode, node.status.size, 0);
  }
  return host_file(std::move(*fd), node.path, kept_flags(flags), node.status.inode, std::move(*inode),
                   *root_);
}

// The host's is only its name: what is in it is in the guest.
Result<FileRef> FileSystem::Impl::open_named_pipe(Node node, std::uint64_t flags) {
  const auto inode = root_->inode(node.host->status);
  if (!inode) return inode.error();
  auto place = host_place(std::move(*node.host), node.path, kOPath, node.status.inode, *root_);
  const auto used = [this, file = *inode](bool written) {
    written ? root_->modified(*file) : root_->accessed(*file);
  };
  return open_fifo(sources_.machine, (*inode)->pipe, std::move(place), node.path, kept_flags(flags), used);
}

Result<FileRef> FileSystem::Impl::create_nameless(const Node& folder, std::uint64_t flags,
                                                  std::uint32_t mode) {
  if (!folder.is_folder()) return Error{ENOTDIR};
  if (const Status writable = may_change(folder); !writable) return writable.error();
  auto fd = root_->create_nameless(*folder.host, flags, mode);
  if (!fd) return fd.error();
  const auto made = host_status(fd->get());
  if (!made) return made.error();
  auto inode = root_->inode(*made);
  if (!inode) return inode.error();
  const std::uint64_t number = inodes_.of_host(made->device, made->inode);
  return host_file(std::move(*fd), folder.path + "/#" + std::to_string(number) + " (deleted)",
                   kept_flags(flags), number, std::move(*inode), *root_);
}

Result<FileRef> FileSystem::Impl::open_kernels_own(Task& task, const Node& node, std::uint64_t flags) {
  const SyntheticNode& own = *node.synthetic;
  if (const auto* device = std::get_if<SyntheticDevice>(&own.content)) {
    if (device->make == nullptr) return Error{ENXIO};
    return device->make(node.path, kept_flags(flags), node.status);
  }
  if (const auto* const made = std::get_if<MadeNode>(&own.content)) {
    if (const auto* const device = std::get_if<MadeDevice>(&made->file->content))
      return device->open(task, {node.path, flags, kept_flags(flags), node.status});
    const auto& source = std::get<MadeText>(made->file->content);
    ProcText text{[this, make = source.make]() -> Result<std::string> {
                    std::string shown = make();
                    sources_.scheduler.spend(shown.size() * costs::kTextByte);
                    return shown;
                  },
                  source.store};
    return proc_text_file(node.path, kept_flags(flags), node.status, text_room_, std::move(text));
  }
  if (node.status.read_only && (may_write(flags) || (flags & kOTrunc) != 0)) return Error{EROFS};
  if (std::holds_alternative<MemoryImage>(own.content)) {
    const Task& owner = *own.pid->task();
    return memory_image(sources_.scheduler, node.path, kept_flags(flags), node.status,
                        owner.alive() ? std::weak_ptr(owner.mm) : std::weak_ptr<Mm>());
  }
  if (std::holds_alternative<PageMap>(own.content)) {
    const Task& owner = *own.pid->task();
    return page_map(sources_.scheduler, node.path, kept_flags(flags), node.status,
                    owner.alive() ? std::weak_ptr(owner.mm) : std::weak_ptr<Mm>());
  }
  return proc_text_file(node.path, kept_flags(flags), node.status, text_room_, text_of(task, own));
}

std::uint64_t FileSystem::Impl::inode_of(Task& task, const std::string& path) {
  const auto file = path.starts_with('/') ? status(task, path, true) : Error{ENOENT};
  return file ? file->inode : inodes_.of_path(path);
}

ProcText FileSystem::Impl::text_of(Task& task, const SyntheticNode& node) {
  if (const auto* file = std::get_if<SysctlFile>(&node.content)) {
    const Sysctl& setting = *file->setting;
    ProcText text{[this, &setting]() -> Result<std::string> { return sysctls_.read(setting); }};
    if (!setting.fixed()) {
      text.store = [this, &setting](std::span<const std::byte> bytes) {
        return sysctls_.write(setting, bytes);
      };
    }
    return text;
  }
  if (!node.pid) {
    return {[this, text = std::get<SyntheticText>(node.content)]() -> Result<std::string> {
      std::string made = text({.sources = sources_});
      // Some of them look at each task.
      sources_.scheduler.spend(made.size() * costs::kTextByte + sources_.tasks.size() * costs::kEach);
      return made;
    }};
  }
  // Whoever the file is about may be gone when it is read.
  const auto about = [this, whole = node.whole](Task& target) {
    const auto number_of = [this, &target](const std::string& path) { return inode_of(target, path); };
    return ProcContext{sources_, &target, whole, number_of};
  };
  if (const auto* info = std::get_if<DescriptorInfo>(&node.content)) {
    return {[about, pid = *node.pid, fd = info->fd]() -> Result<std::string> {
      Task* const target = pid.task();
      if (target == nullptr || !target->files || target->files->find(fd) == nullptr) return Error{ENOENT};
      return proc_fdinfo(about(*target), fd);
    }};
  }
  if (const auto* setting = std::get_if<TaskSetting>(&node.content)) {
    const auto make = [about, pid = *node.pid, read = setting->read]() -> Result<std::string> {
      Task* const target = pid.task();
      if (target == nullptr) return Error{ESRCH};
      return read == nullptr ? Result<std::string>(Error{EINVAL}) : read(about(*target));
    };
    const auto store = [about, pid = *node.pid,
                        write = setting->write](std::span<const std::byte> bytes) -> SyscallResult {
      Task* const target = pid.task();
      if (target == nullptr) return Error{ESRCH};
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      const Status done = write(about(*target), text);
      return done ? SyscallResult(bytes.size()) : done.error();
    };
    return {make, store};
  }
  const bool comm = std::holds_alternative<CommFile>(node.content);
  const SyntheticText text = comm ? SyntheticText(proc_comm) : std::get<SyntheticText>(node.content);
  ProcText made{[this, about, pid = *node.pid, text]() -> Result<std::string> {
    Task* const target = pid.task();
    if (target == nullptr) return Error{ESRCH};
    std::string shown = text(about(*target));
    sources_.scheduler.spend(shown.size() * costs::kTextByte);
    if (target->mm) sources_.scheduler.spend(target->mm->take_work());
    return shown;
  }};
  // proc(5), /proc/pid/comm: a thread may name those of its own process.
  if (comm) {
    made.store = [this, pid = *node.pid,
                  opener = Pid(task)](std::span<const std::byte> bytes) -> SyscallResult {
      Task* const target = pid.task();
      if (target == nullptr) return Error{ESRCH};
      if (opener.process() != target->process) return Error{EINVAL};
      const std::string name(reinterpret_cast<const char*>(bytes.data()),
                             std::min(bytes.size(), kCommLength));
      target->comm = name.substr(0, name.find('\0'));
      perf_.output().comm(*target, false);
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
  if (!task.alive() || !task.mm) return Error{ENOENT};
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
  FileRef place;
  if (node.host) {
    auto fd = open_host(*node.host, O_RDONLY | O_DIRECTORY);
    auto again = root_->look_up(node.path);
    if (!fd) return fd.error();
    if (!again) return again.error();
    host = std::make_shared<HostFd>(std::move(*fd));
    place = host_place(std::move(*again), node.path, kOPath, node.status.inode, *root_);
  } else {
    place = kernel_place(node.path, kOPath, node.status);
  }
  const auto about = node.synthetic && node.synthetic->pid ? std::make_shared<Pid>(*node.synthetic->pid)
                                                           : std::shared_ptr<Pid>();
  const auto list = [this, path = node.path, inode = node.status.inode, host,
                     about]() -> Result<std::vector<DirectoryEntry>> {
    if (about && about->task() == nullptr) return Error{ENOENT};
    const Resolver names({sources_}, root_ ? &*root_ : nullptr, inodes_);
    return names.list(path, inode, host ? host->get() : -1);
  };
  const auto folder = std::make_shared<Directory>(node.path, kept_flags(flags), std::move(place), entries_,
                                                  list, [this](const File& file) { closed(file); });
  if (about && split_last(node.path).folder == "/proc/") folder->set_process(about);
  return FileRef(folder);
}

Result<FileStatus> FileSystem::Impl::status(Task& task, const std::string& path, bool follow) {
  const auto node = resolver(task).resolve(path, follow);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (node->magic() && follow) {
    const auto file = magic_file(*node);
    return file ? (*file)->status() : file.error();
  }
  FileStatus status = node->status;
  if (node->host && node->is_folder())
    status.links = root_->folder_links(node->host->fd.get(), node->host->status);
  return status;
}

RootUse FileSystem::Impl::root_use() const {
  if (!root_) return {};
  return {root_->writable(), root_->growth_limit(), root_->growth_left()};
}

FileSystem::FileSystem(const FileSystemUses& uses, const std::optional<RootFolder>& root)
    : impl_(std::make_unique<Impl>(uses, root)) {}
FileSystem::~FileSystem() = default;

Result<FileRef> FileSystem::open(Task& task, const std::string& path, std::uint64_t flags, std::uint32_t mode,
                                 const ResolveHow& how) {
  return impl_->open(task, path, flags, mode, how);
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

Status FileSystem::rename(Task& task, const std::string& from, const std::string& to, unsigned flags) {
  return impl_->rename(task, from, to, flags);
}

Result<FileRef> FileSystem::place(Task& task, const std::string& path, bool follow) {
  return impl_->place(task, path, follow);
}

Status FileSystem::make_link(Task& task, const std::string& path, const std::string& target) {
  return impl_->make_link(task, path, target);
}

Status FileSystem::make_node(Task& task, const std::string& path, std::uint32_t mode) {
  return impl_->make_node(task, path, mode);
}

Status FileSystem::add_name(Task& task, const std::string& old_path, bool follow,
                            const std::string& new_path) {
  return impl_->add_name(task, old_path, follow, new_path);
}

Status FileSystem::add_name(Task& task, const File& file, const std::string& new_path) {
  return impl_->add_name(task, file, new_path);
}

RootUse FileSystem::root_use() const { return impl_->root_use(); }
MadeFiles& FileSystem::made() { return impl_->made(); }
Sysctls& FileSystem::sysctls() { return impl_->sysctls(); }

void FileSystem::notify(const File& file, std::uint32_t event) { impl_->notify(file, event); }

const std::shared_ptr<FileWatches>& FileSystem::watches() const { return impl_->watches(); }

}  // namespace trapline::kernel
