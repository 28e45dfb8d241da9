#include "emu/kernel/fs/file_system.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/directory.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/inode_numbers.hpp"
#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/fs/path.hpp"
#include "emu/kernel/fs/pipe.hpp"
#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/fs/proc_files.hpp"
#include "emu/kernel/fs/resolver.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

// Flags that act at open(2) only, beside creation itself; fcntl(2), F_GETFL.
constexpr std::uint64_t kOpenOnly = kOCreat | kOExcl | kONoCtty | kOTrunc | kOCloExec;
constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 20;  // in open directories
constexpr std::uint64_t kMaxText = std::uint64_t{64} << 20;    // bytes in open files of /proc

constexpr const char* kAside = "//";  // puts a path apart from every other while two change places

FileWatches::Key key_of(const FileStatus& status) { return {status.device, status.inode}; }

bool may_write(std::uint64_t flags) { return (flags & kOAccMode) != 0; }
bool may_read(std::uint64_t flags) { return (flags & kOAccMode) != kOWrOnly; }

}  // namespace

class FileSystem::Impl {
 public:
  Impl(const FileSystemUses& uses, const std::optional<RootFolder>& root)
      : sources_{uses.machine, uses.scheduler, uses.tasks, uses.arch, root && root->writable},
        perf_(uses.perf),
        isa_(sources_.machine.isa()) {
    if (root) {
      root_.emplace(
          *root, sources_.machine,
          [this] { return static_cast<std::int64_t>(kWallClockStart + sources_.scheduler.now()); },
          [this](const void* file, std::uint64_t offset) {
            for (const auto& [tid, task] : sources_.tasks.all()) {
              if (task->mm) task->mm->unmap_pages_of(file, offset);
            }
          },
          [this](const File& file) { closed(file); });
    }
  }

  Result<FileRef> open(Task& task, const std::string& path, std::uint64_t flags, std::uint32_t mode,
                       const ResolveHow& how);
  void notify(const File& file, std::uint32_t event);
  const std::shared_ptr<FileWatches>& watches() const { return watches_; }
  Result<FileStatus> status(Task& task, const std::string& path, bool follow);
  std::uint64_t inode_of(Task& task, const std::string& path);
  Result<FileRef> place(Task& task, const std::string& path, bool follow);
  Status make_folder(Task& task, const std::string& path, std::uint32_t mode);
  Status make_link(Task& task, const std::string& path, const std::string& target);
  Status make_node(Task& task, const std::string& path, std::uint32_t mode);
  Status add_name(Task& task, const std::string& old_path, bool follow, const std::string& new_path);
  Status add_name(Task& task, const File& file, const std::string& new_path);
  Status remove(Task& task, const std::string& path, bool folder);
  Status rename(Task& task, const std::string& from, const std::string& to, unsigned flags);
  RootUse root_use() const;
  Resolver resolver(Task& task) { return Resolver({sources_, &task}, root_ ? &*root_ : nullptr, inodes_); }

 private:
  // Where a new name is to come.
  struct NewName {
    Node folder;
    std::string name;
  };
  Result<NewName> new_name(Task& task, const std::string& path, bool of_folder);
  Result<FileRef> find_or_make(Task& task, const std::string& path, std::uint64_t flags, std::uint32_t mode,
                               const ResolveHow& how);
  void tell(const Node& folder, const std::string& name, std::uint32_t event, std::uint32_t cookie = 0);
  void lost(const Node& node);
  void closed(const File& file) { notify(file, file.writable() ? kInCloseWrite : kInCloseNoWrite); }
  Status made(const Node& folder, const std::string& name, std::uint32_t is_dir, const Status& done);
  Result<FileRef> create(Task& task, const Node& node, std::uint64_t flags, std::uint32_t mode);
  Result<FileRef> place_of(Node node, std::uint64_t flags);
  Result<FileRef> magic_file(const Node& node);
  Result<FileRef> open_magic(const Node& node, std::uint64_t flags);
  Result<FileRef> open_executable(Task& task, std::uint64_t flags);
  Result<FileRef> open_folder(const Node& node, std::uint64_t flags);
  Result<FileRef> open_kernels_own(Task& task, const Node& node, std::uint64_t flags);
  ProcText text_of(Task& task, const SyntheticNode& node);
  Result<FileRef> open_host_file(const Node& node, std::uint64_t flags);
  Result<FileRef> open_named_pipe(Node node, std::uint64_t flags);
  Result<FileRef> create_nameless(const Node& folder, std::uint64_t flags, std::uint32_t mode);
  Status may_change(const Node& folder) const;
  void forget(const Node& gone);
  template <class Change>
  void change_names(Change change);
  void moved(const std::string& from, const std::string& to);
  void gone(const std::string& path);

  std::uint64_t kept_flags(std::uint64_t flags) const {
    return (flags & ~kOpenOnly) | differing(isa_).o_largefile;
  }

  const ProcSources sources_;
  PerfCore& perf_;
  isa::Isa isa_;
  std::optional<HostRoot> root_;
  InodeNumbers inodes_;
  std::shared_ptr<FileWatches> watches_ = std::make_shared<FileWatches>();
  Sysctls sysctls_;
  Allowance entries_{kMaxEntries};
  Allowance text_room_{kMaxText};
};

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

// filename_create(): EEXIST comes before EROFS. Only the name of a new folder may have a slash behind it.
Result<FileSystem::Impl::NewName> FileSystem::Impl::new_name(Task& task, const std::string& path,
                                                             bool of_folder) {
  auto [folder, name, slash] = split_last(path);
  if (name.empty()) return Error{EEXIST};
  const Resolver names = resolver(task);
  auto parent = names.folder_of(path);
  if (!parent) return parent.error();
  if (name == "." || name == "..") return Error{EEXIST};
  const auto node = names.look_up_in(*parent, name);
  if (!node) return node.error();
  if (node->exists) return Error{EEXIST};
  if (slash && !of_folder) return Error{ENOENT};
  if (const Status writable = may_change(*parent); !writable) return writable.error();
  return NewName{std::move(*parent), std::move(name)};
}

Status FileSystem::Impl::make_folder(Task& task, const std::string& path, std::uint32_t mode) {
  const auto place = new_name(task, path, true);
  if (!place) return place.error();
  return made(place->folder, place->name, kInIsDir,
              root_->make_folder(*place->folder.host, place->name, mode));
}

Status FileSystem::Impl::make_link(Task& task, const std::string& path, const std::string& target) {
  const auto place = new_name(task, path, false);
  if (!place) return place.error();
  return made(place->folder, place->name, 0, root_->make_link(*place->folder.host, place->name, target));
}

Status FileSystem::Impl::make_node(Task& task, const std::string& path, std::uint32_t mode) {
  const auto place = new_name(task, path, false);
  if (!place) return place.error();
  const std::uint32_t type = mode & kSIfMt;
  // A guest makes no devices: they would be the host's.
  if (type == kSIfChr || type == kSIfBlk) return Error{EPERM};
  return made(place->folder, place->name, 0,
              root_->make_node(*place->folder.host, place->name, type == 0 ? mode | kSIfReg : mode));
}

Status FileSystem::Impl::add_name(Task& task, const std::string& old_path, bool follow,
                                  const std::string& new_path) {
  const auto node = resolver(task).resolve(old_path, follow);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  if (node->magic() && follow) {
    const auto file = magic_file(*node);
    return file ? add_name(task, **file, new_path) : file.error();
  }
  const auto place = new_name(task, new_path, false);
  if (!place) return place.error();
  if (!node->host) return Error{EXDEV};
  if (node->is_folder()) return Error{EPERM};
  const Status done =
      root_->add_name(node->host->fd.get(), node->host->status, *place->folder.host, place->name);
  if (done) watches_->notify(key_of(node->status), kInAttrib);
  return made(place->folder, place->name, 0, done);
}

Status FileSystem::Impl::add_name(Task& task, const File& file, const std::string& new_path) {
  const auto place = new_name(task, new_path, false);
  if (!place) return place.error();
  const auto host = host_status(file.host_descriptor());
  if (!host) return Error{EXDEV};
  if ((host->mode & kSIfMt) == kSIfDir) return Error{EPERM};
  return made(place->folder, place->name, 0,
              root_->add_name(file.host_descriptor(), *host, *place->folder.host, place->name));
}

// --- Who watches (inotify(7))
// ----------------------------------------------------------------------------------------------------

void FileSystem::Impl::tell(const Node& folder, const std::string& name, std::uint32_t event,
                            std::uint32_t cookie) {
  watches_->notify(key_of(folder.status), event, name, cookie);
}

Status FileSystem::Impl::made(const Node& folder, const std::string& name, std::uint32_t is_dir,
                              const Status& done) {
  if (done) tell(folder, name, kInCreate | is_dir);
  return done;
}

// One name of a file is gone: was it the last?
void FileSystem::Impl::lost(const Node& node) {
  if (!node.is_folder() && node.host->status.links > 1) return;
  watches_->notify(key_of(node.status), kInDeleteSelf);
  watches_->gone(key_of(node.status));
}

void FileSystem::Impl::notify(const File& file, std::uint32_t event) {
  if (!watches_->any() || !file.name().starts_with('/')) return;
  const auto status = file.status();
  if (!status) return;
  if ((status->mode & kSIfMt) == kSIfDir) event |= kInIsDir;
  const Resolver names({sources_}, root_ ? &*root_ : nullptr, inodes_);
  if (const auto parent = names.look_up(parent_of(file.name())); parent && parent->exists)
    tell(*parent, name_of(file.name()), event);
  watches_->notify(key_of(*status), event);
}

// The number of a file without names is free for the host to use again.
void FileSystem::Impl::forget(const Node& gone) {
  if (!gone.host) return;
  const HostStatus& host = gone.host->status;
  if (gone.is_folder() || host.links == 1) inodes_.forget_host(host.device, host.inode);
}

// Open files and working directories go by their paths, which d_path() of Linux would find anew.
template <class Change>
void FileSystem::Impl::change_names(Change change) {
  std::set<const void*> seen;
  for (const auto& [tid, task] : sources_.tasks.all()) {
    if (task->fs && seen.insert(task->fs.get()).second) change(task->fs->working_directory);
    if (!task->files || !seen.insert(task->files.get()).second) continue;
    for (const auto& [fd, entry] : task->files->entries()) {
      if (!entry.file || !seen.insert(entry.file.get()).second) continue;
      std::string name = entry.file->name();
      change(name);
      if (name != entry.file->name()) entry.file->set_name(std::move(name));
    }
  }
}

void FileSystem::Impl::moved(const std::string& from, const std::string& to) {
  change_names([&](std::string& name) {
    if (name.starts_with(from) && (name.size() == from.size() || name[from.size()] == '/'))
      name.replace(0, from.size(), to);
  });
}

void FileSystem::Impl::gone(const std::string& path) {
  change_names([&](std::string& name) {
    if (name == path) name += " (deleted)";
  });
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
  if (folder != node->is_folder()) return Error{folder ? ENOTDIR : EISDIR};
  if (const Status done = root_->remove(*parent->host, name, node->host->status); !done) return done;
  if (!folder) watches_->notify(key_of(node->status), kInAttrib);
  lost(*node);
  tell(*parent, name, folder ? kInDelete | kInIsDir : kInDelete);
  forget(*node);
  gone(node->path);
  return Done{};
}

// do_renameat2()
Status FileSystem::Impl::rename(Task& task, const std::string& from, const std::string& to, unsigned flags) {
  const bool exchange = (flags & RENAME_EXCHANGE) != 0;
  const auto old_path = split_last(from);
  const auto new_path = split_last(to);
  const Resolver names = resolver(task);
  const auto old_parent = names.folder_of(from);
  if (!old_parent) return old_parent.error();
  const auto new_parent = names.folder_of(to);
  if (!new_parent) return new_parent.error();
  if (old_parent->host.has_value() != new_parent->host.has_value()) return Error{EXDEV};
  const auto special = [](const std::string& name) { return name.empty() || name == "." || name == ".."; };
  if (special(old_path.name)) return Error{EBUSY};
  if (special(new_path.name)) return Error{(flags & RENAME_NOREPLACE) != 0 ? EEXIST : EBUSY};
  if (const Status writable = may_change(*old_parent); !writable) return writable;
  const auto node = names.look_up_in(*old_parent, old_path.name);
  if (!node) return node.error();
  if (!node->exists) return Error{ENOENT};
  const auto target = names.look_up_in(*new_parent, new_path.name);
  if (!target) return target.error();
  if (target->exists && (flags & RENAME_NOREPLACE) != 0) return Error{EEXIST};
  if (exchange && !target->exists) return Error{ENOENT};
  if (exchange && new_path.slash && !target->is_folder()) return Error{ENOTDIR};
  if (!node->is_folder() && (old_path.slash || (new_path.slash && !exchange))) return Error{ENOTDIR};
  if (node->synthetic || target->synthetic) return Error{EBUSY};  // mount points
  const Status done = root_->rename(*old_parent->host, old_path.name, *new_parent->host, new_path.name, flags,
                                    node->host->status, target->exists ? &target->host->status : nullptr);
  if (!done) return done;
  if (target->exists && target->status.inode == node->status.inode) return Done{};
  // fsnotify_move()
  const auto tell_move = [&](const Node& what, const Node& from_folder, const std::string& from_name,
                             const Node& to_folder, const std::string& to_name, const Node* replaced) {
    const std::uint32_t cookie = watches_->next_cookie();
    const std::uint32_t is_dir = what.is_folder() ? std::uint32_t{kInIsDir} : 0;
    tell(from_folder, from_name, kInMovedFrom | is_dir, cookie);
    tell(to_folder, to_name, kInMovedTo | is_dir, cookie);
    if (replaced != nullptr) watches_->notify(key_of(replaced->status), kInAttrib);
    watches_->notify(key_of(what.status), kInMoveSelf);
    if (replaced != nullptr) lost(*replaced);
  };
  tell_move(*node, *old_parent, old_path.name, *new_parent, new_path.name,
            target->exists && !exchange ? &*target : nullptr);
  if (exchange) {
    tell_move(*target, *new_parent, new_path.name, *old_parent, old_path.name, nullptr);
    moved(node->path, kAside + target->path);
    moved(target->path, node->path);
    moved(kAside + target->path, target->path);
    return Done{};
  }
  if (target->exists) {
    forget(*target);
    gone(target->path);
  }
  moved(node->path, target->path);
  return Done{};
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

void FileSystem::notify(const File& file, std::uint32_t event) { impl_->notify(file, event); }

const std::shared_ptr<FileWatches>& FileSystem::watches() const { return impl_->watches(); }

}  // namespace trapline::kernel
