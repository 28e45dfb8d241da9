// Names: given, changed and taken away; and who watches a file or a folder is told (inotify(7)).
#include <set>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/file_system_impl.hpp"
#include "emu/kernel/fs/path.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

constexpr const char* kAside = "//";  // puts a path apart from every other while two change places

FileWatches::Key watch_key(const FileStatus& status) { return {status.device, status.inode}; }

}  // namespace

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
  if (done) watches_->notify(watch_key(node->status), kInAttrib);
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
  watches_->notify(watch_key(folder.status), event, name, cookie);
}

Status FileSystem::Impl::made(const Node& folder, const std::string& name, std::uint32_t is_dir,
                              const Status& done) {
  if (done) tell(folder, name, kInCreate | is_dir);
  return done;
}

// One name of a file is gone: was it the last?
void FileSystem::Impl::lost(const Node& node) {
  if (!node.is_folder() && node.host->status.links > 1) return;
  watches_->notify(watch_key(node.status), kInDeleteSelf);
  watches_->gone(watch_key(node.status));
}

void FileSystem::Impl::notify(const File& file, std::uint32_t event) {
  if (!watches_->any() || !file.name().starts_with('/')) return;
  const auto status = file.status();
  if (!status) return;
  if ((status->mode & kSIfMt) == kSIfDir) event |= kInIsDir;
  const Resolver names({sources_}, root_ ? &*root_ : nullptr, inodes_);
  if (const auto parent = names.look_up(parent_of(file.name())); parent && parent->exists)
    tell(*parent, name_of(file.name()), event);
  watches_->notify(watch_key(*status), event);
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
  if (!folder) watches_->notify(watch_key(node->status), kInAttrib);
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
  Status done = root_->rename(*old_parent->host, old_path.name, *new_parent->host, new_path.name, flags,
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
    if (replaced != nullptr) watches_->notify(watch_key(replaced->status), kInAttrib);
    watches_->notify(watch_key(what.status), kInMoveSelf);
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

}  // namespace trapline::kernel
