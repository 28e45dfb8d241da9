#include "emu/kernel/fs/host_root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <climits>
#include <memory>
#include <system_error>

#include "emu/kernel/fs/host_content.hpp"
#include "emu/kernel/time_units.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kFolderSize = 4096;   // st_size of a folder, bytes
constexpr std::uint64_t kNewFileSize = 4096;  // what an empty file or folder takes of the growth limit, bytes
// A guest has no business with the set-user-ID bit on a file of the host, which keeps ordinary permissions.
constexpr std::uint32_t kHostPermissions = 0777;
constexpr std::uint64_t kNameSize = 256;  // what a further name takes of the growth limit, bytes

// As a host's file they must not keep us out, whatever root among the guests may do.
mode_t host_permissions(std::uint32_t mode, bool folder) {
  return static_cast<mode_t>((mode & kHostPermissions) | (folder ? 0700 : 0600));
}

Result<HostFd> open_in_root(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;
  const auto fd = host_result([&] { return ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how); });
  if (!fd) return fd.error();
  return HostFd(static_cast<int>(*fd));
}

// In a second; times of files may lie before 1970.
constexpr std::int64_t kNanoseconds{kSecond};

HostStatus status_of(const struct stat& host) {
  return {host.st_dev,   host.st_ino,
          host.st_mode,  static_cast<std::uint64_t>(host.st_size),
          host.st_nlink, host.st_mtim.tv_sec * kNanoseconds + host.st_mtim.tv_nsec};
}

[[noreturn]] void fail_at(const RootFolder& folder, const Error& error, const std::string& what) {
  throw std::system_error(error.number, std::generic_category(), folder.path.string() + ": " + what);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

std::uint32_t HostStatus::guest_mode() const {
  const std::uint32_t type = mode & S_IFMT;
  if (type == S_IFDIR) return type | 0755;
  if (type == S_IFLNK) return type | 0777;
  return type | (type == S_IFREG && (mode & S_IXUSR) != 0 ? 0755 : 0644);
}

std::uint64_t HostStatus::guest_size() const {
  const std::uint32_t type = mode & S_IFMT;
  return type == S_IFDIR ? kFolderSize : type == S_IFREG || type == S_IFLNK ? size : 0;
}

Result<HostStatus> host_status(int fd) {
  struct stat host {};
  if (::fstat(fd, &host) != 0) return host_error();
  return status_of(host);
}

HostRoot::HostRoot(const RootFolder& folder, machine::Machine& machine, Clock clock, Unmap unmap,
                   Closed closed)
    : root_(::open(folder.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      writable_(folder.writable),
      growth_limit_(folder.writable ? folder.growth_limit : 0),
      growth_(growth_limit_),
      machine_(machine),
      clock_(std::move(clock)),
      unmap_(std::move(unmap)),
      closed_(std::move(closed)) {
  if (!root_) fail_at(folder, host_error(), "cannot be opened as the guest's root folder");
  const auto top = look_up("/");
  if (!top && top.error().number == ENOSYS) {
    fail_at(folder, top.error(), "a root folder needs a host with openat2(2), Linux 5.6 or later");
  }
  if (!top) fail_at(folder, top.error(), "cannot be looked into with openat2(2)");
  // Files are opened through /proc/self/fd, so that what was looked at is what gets opened.
  const auto opened = open_host(*top, O_RDONLY | O_DIRECTORY);
  if (!opened) fail_at(folder, opened.error(), "cannot be read through /proc/self/fd; is /proc mounted?");
}

namespace {

Result<HostNode> pinned(Result<HostFd> fd) {
  if (!fd) return fd.error();
  const auto status = host_status(fd->get());
  if (!status) return status.error();
  return HostNode{std::move(*fd), *status};
}

}  // namespace

Result<HostNode> HostRoot::look_up(const std::string& path) const {
  return pinned(open_in_root(root_.get(), path));
}

Result<HostNode> HostRoot::look_up_in(const HostNode& folder, const std::string& name) const {
  return pinned(open_in_root(folder.fd.get(), name));
}

// --- What lies in it changes
// ----------------------------------------------------------------------------------------------------

Result<HostFd> HostRoot::create(const HostNode& folder, const std::string& name, std::uint64_t access,
                                std::uint32_t mode) {
  if (!growth_.take(kNewFileSize)) return Error{ENOSPC};
  // The access modes are the same on every instruction set. O_EXCL: nothing that exists is opened this way.
  const int flags =
      static_cast<int>(access & isa::linux_abi::kOAccMode) | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  HostFd fd(::openat(folder.fd.get(), name.c_str(), flags, host_permissions(mode, false)));
  if (!fd) return host_error();
  // Our own umask is not the guest's.
  if (::fchmod(fd.get(), host_permissions(mode, false)) != 0) return host_error();
  if (const auto made = remember(folder, fd.get(), mode); !made) return made.error();
  modified(folder);
  return fd;
}

Result<HostFd> HostRoot::create_nameless(const HostNode& folder, std::uint64_t access, std::uint32_t mode) {
  if (!growth_.take(kNewFileSize)) return Error{ENOSPC};
  const int flags = static_cast<int>(access & isa::linux_abi::kOAccMode) | O_TMPFILE | O_CLOEXEC;
  HostFd fd(::open(folder.fd.path().c_str(), flags, host_permissions(mode, false)));
  if (!fd) return host_error();
  if (::fchmod(fd.get(), host_permissions(mode, false)) != 0) return host_error();
  if (const auto made = remember(folder, fd.get(), mode); !made) return made.error();
  return fd;
}

Status HostRoot::make_folder(const HostNode& folder, const std::string& name, std::uint32_t mode) {
  if (!growth_.take(kNewFileSize)) return Error{ENOSPC};
  if (::mkdirat(folder.fd.get(), name.c_str(), host_permissions(mode, true)) != 0) return host_error();
  const HostFd made(::openat(folder.fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC));
  if (!made || ::chmod(made.path().c_str(), host_permissions(mode, true)) != 0) return host_error();
  return remember_in(folder, name, mode);
}

Status HostRoot::make_link(const HostNode& folder, const std::string& name, const std::string& target) {
  if (!growth_.take(kNewFileSize)) return Error{ENOSPC};
  if (::symlinkat(target.c_str(), folder.fd.get(), name.c_str()) != 0) return host_error();
  return remember_in(folder, name, kHostPermissions);
}

Status HostRoot::make_node(const HostNode& folder, const std::string& name, std::uint32_t mode) {
  if (!growth_.take(kNewFileSize)) return Error{ENOSPC};
  const auto type = static_cast<mode_t>(mode & isa::linux_abi::kSIfMt);
  if (::mknodat(folder.fd.get(), name.c_str(), type | host_permissions(mode, false), 0) != 0)
    return host_error();
  return remember_in(folder, name, mode);
}

Status HostRoot::add_name(int fd, const HostStatus& file, const HostNode& folder, const std::string& name) {
  if (!growth_.take(kNameSize)) return Error{ENOSPC};
  const auto known = inode(file);
  if (!known) return known.error();
  // The link of proc(5) leads to the very file, even if that is a symbolic link.
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (::linkat(AT_FDCWD, path.c_str(), folder.fd.get(), name.c_str(), AT_SYMLINK_FOLLOW) != 0)
    return host_error();
  (*known)->times.change = clock_();
  modified(folder);
  return Done{};
}

Status HostRoot::remove(const HostNode& folder, const std::string& name, const HostStatus& what) {
  const bool is_folder = (what.mode & S_IFMT) == S_IFDIR;
  if (::unlinkat(folder.fd.get(), name.c_str(), is_folder ? AT_REMOVEDIR : 0) != 0) return host_error();
  lost_a_name(what);
  modified(folder);
  return Done{};
}

Status HostRoot::rename(const HostNode& from, const std::string& old_name, const HostNode& to,
                        const std::string& new_name, unsigned flags, const HostStatus& what,
                        const HostStatus* replaced) {
  const auto moved = inode(what);
  if (!moved) return moved.error();
  if (::renameat2(from.fd.get(), old_name.c_str(), to.fd.get(), new_name.c_str(), flags) != 0)
    return host_error();
  if (replaced != nullptr && replaced->id() == what.id()) return Done{};  // two names of one file
  (*moved)->times.change = clock_();
  if (replaced != nullptr) {
    if ((flags & RENAME_EXCHANGE) == 0) {
      lost_a_name(*replaced);
    } else if (const auto other = inode(*replaced)) {
      (*other)->times.change = clock_();
    }
  }
  modified(from);
  modified(to);
  return Done{};
}

// Who has the file open keeps what is known of it; the host may give its number to another file.
void HostRoot::lost_a_name(const HostStatus& what) {
  if (const auto known = inodes_.find(what.id())) known->times.change = clock_();
  if ((what.mode & S_IFMT) == S_IFDIR || what.links == 1) inodes_.forget(what.id());
}

// What was just made. In a folder with the set-group-ID bit, the group is the folder's (inode(7)).
Result<std::shared_ptr<HostInode>> HostRoot::remember(const HostNode& folder, int fd, std::uint32_t mode) {
  const auto host = host_status(fd);
  if (!host) return host.error();
  inodes_.forget(host->id());
  auto made = inode(*host);
  if (!made) return made;
  const std::int64_t now = clock_();
  (*made)->permissions = mode & isa::linux_abi::kModeBits;
  (*made)->times = {now, now, now};
  const auto parent = inodes_.find(folder.status.id());
  if (parent && (parent->permissions & isa::linux_abi::kSIsGid) != 0) {
    (*made)->gid = parent->gid;
    if ((host->mode & S_IFMT) == S_IFDIR) (*made)->permissions |= isa::linux_abi::kSIsGid;
  }
  return made;
}

Status HostRoot::remember_in(const HostNode& folder, const std::string& name, std::uint32_t mode) {
  const HostFd fd(::openat(folder.fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return host_error();
  if (const auto made = remember(folder, fd.get(), mode); !made) return made.error();
  modified(folder);
  return Done{};
}

void HostRoot::modified(const HostNode& folder) {
  if (const auto known = inode(folder.status)) modified(**known);
}

// --- What the guest sees of a file
// ----------------------------------------------------------------------------------------------------

Result<std::shared_ptr<HostInode>> HostRoot::inode(const HostStatus& host) {
  if (auto known = inodes_.find(host.id())) return known;
  if (!machine_.memory().can_charge(HostInode::kFootprint)) return Error{ENOMEM};
  auto made = std::make_shared<HostInode>(machine_.memory(), status(host, 0, nullptr));
  inodes_.add(host.id(), made);
  return made;
}

FileStatus HostRoot::status(const HostStatus& host, std::uint64_t number, const HostInode* inode) const {
  FileStatus shown{.inode = number,
                   .mode = host.guest_mode(),
                   .links = host.links,
                   .size = host.guest_size(),
                   .read_only = !writable_,
                   .times = {host.modified, host.modified, host.modified}};
  if (inode != nullptr) inode->show_in(shown);
  return shown;
}

// Some file systems say 1 for every folder.
std::uint64_t HostRoot::folder_links(int fd, const HostStatus& host) const {
  if (host.links != 1) return host.links;
  const auto entries = list_host_folder(fd);
  if (!entries) return host.links;
  return 2 + static_cast<std::uint64_t>(std::ranges::count_if(
                 *entries, [](const HostEntry& entry) { return (entry.status.mode & S_IFMT) == S_IFDIR; }));
}

// mount(8), relatime.
void HostRoot::accessed(HostInode& inode) const {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  if (!writable_) return;
  const std::int64_t now = clock_();
  FileTimes& times = inode.times;
  if (times.access <= times.modify || times.access <= times.change || now - times.access >= kDay)
    times.access = now;
}

// chmod(2), chown(2), utimensat(2). The host's file follows as far as it lets us: its owner never changes.
Status HostRoot::change(int fd, HostInode& inode, const AttributeChange& change) {
  using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): S_IS*
  if (!writable_) return Error{EROFS};
  const auto host = host_status(fd);
  if (!host) return host.error();
  const std::uint32_t type = host->mode & kSIfMt;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  if (change.permissions) {
    if (type == kSIfLnk) return Error{EOPNOTSUPP};
    inode.permissions = *change.permissions & kModeBits;
    static_cast<void>(::chmod(path.c_str(), host_permissions(inode.permissions, type == kSIfDir)));
  }
  if (change.uid) inode.uid = *change.uid;
  if (change.gid) inode.gid = *change.gid;
  if (change.owner && type != kSIfDir) {
    constexpr std::uint32_t kGroupExecute = 010;
    inode.permissions &= ~kSIsUid;
    if ((inode.permissions & kGroupExecute) != 0) inode.permissions &= ~kSIsGid;
  }
  if (change.access) inode.times.access = *change.access;
  if (change.modify) inode.times.modify = *change.modify;
  if ((change.access || change.modify) && type != kSIfLnk) {
    const auto host_time = [](const std::optional<std::int64_t>& time) {
      if (!time) return timespec{0, UTIME_OMIT};
      const std::int64_t rest = (*time % kNanoseconds + kNanoseconds) % kNanoseconds;
      return timespec{(*time - rest) / kNanoseconds, rest};
    };
    const timespec times[] = {host_time(change.access), host_time(change.modify)};
    static_cast<void>(::utimensat(AT_FDCWD, path.c_str(), times, 0));
  }
  inode.times.change = clock_();
  return Done{};
}

// --- Contents
// ----------------------------------------------------------------------------------------------------

Result<FileBytes> HostRoot::contents(int fd, const std::shared_ptr<HostInode>& inode) const {
  const auto status = host_status(fd);
  if (!status) return status.error();
  if ((status->mode & S_IFMT) != S_IFREG) return Error{ENODEV};
  if (auto content = inode->content.lock()) return content;
  HostFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own) return host_error();
  FileBytes content = host_content(std::move(own), inode);
  inode->content = content;
  return content;
}

Result<std::shared_ptr<SharedMemory>> HostRoot::pages(int fd, std::uint64_t number,
                                                      const std::shared_ptr<HostInode>& inode) const {
  if (auto known = inode->pages.lock()) return known;
  const auto status = host_status(fd);
  if (!status) return status.error();
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  HostFd own(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!own) return host_error();
  auto store = host_page_store(std::move(own), number, inode, [this](HostInode& file) { modified(file); });
  auto pages = std::make_shared<SharedMemory>(machine_, whole_pages(status->size), std::move(store));
  inode->pages = pages;
  return pages;
}

void HostRoot::wrote(const HostInode& inode, std::uint64_t offset, std::span<const std::byte> bytes,
                     std::uint64_t size) const {
  const auto pages = inode.pages.lock();
  if (pages == nullptr) return;
  if (whole_pages(size) > pages->size()) pages->resize(whole_pages(size));
  pages->overwrite(offset, bytes);
}

// Pages behind the end are nobody's any more, and what is left of the last one reads as zero when the file
// grows again.
void HostRoot::resized(const HostInode& inode, std::uint64_t old_size, std::uint64_t size) const {
  const std::uint64_t end = whole_pages(size);
  if (size < old_size) {
    if (const auto content = inode.content.lock()) unmap_(content.get(), end);
  }
  const auto pages = inode.pages.lock();
  if (pages == nullptr) return;
  if (size < old_size) {
    pages->overwrite(size, std::vector<std::byte>(end - size));
    unmap_(pages.get(), end);
  }
  pages->resize(end);
}

std::uint64_t HostRoot::whole_pages(std::uint64_t size) const {
  const std::uint64_t page = machine_.memory().frame_size();
  return (size + page - 1) / page * page;
}

Result<HostFd> open_below(const std::filesystem::path& root, const std::string& path) {
  const HostFd folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return host_error();
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  const auto found =
      host_result([&] { return ::syscall(SYS_openat2, folder.get(), path.c_str(), &how, sizeof how); });
  if (!found) return found.error();
  HostNode node{HostFd(static_cast<int>(*found)), {}};
  const auto status = host_status(node.fd.get());
  if (!status) return status.error();
  if ((status->mode & S_IFMT) != S_IFREG) return Error{EACCES};
  node.status = *status;
  return open_host(node, O_RDONLY | O_NONBLOCK);
}

Result<HostFd> open_host(const HostNode& node, int flags) {
  const std::uint32_t type = node.status.mode & S_IFMT;
  if (type != S_IFREG && type != S_IFDIR) return Error{EACCES};
  const auto fd = host_result([&] { return ::open(node.fd.path().c_str(), flags | O_CLOEXEC | O_NOCTTY); });
  if (!fd) return fd.error();
  return HostFd(static_cast<int>(*fd));
}

Result<std::string> read_host_link(const HostNode& node) {
  std::array<char, PATH_MAX> text{};
  const auto size = host_result([&] { return ::readlinkat(node.fd.get(), "", text.data(), text.size()); });
  if (!size) return size.error();
  return std::string(text.data(), *size);
}

Result<std::vector<HostEntry>> list_host_folder(int fd) {
  // A descriptor of its own, since reading moves the position.
  const int again = ::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (again < 0) return host_error();
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(again));
  if (!directory) return host_error();
  std::vector<HostEntry> entries;
  errno = 0;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    struct stat host {};
    if (name == "." || name == "..") continue;
    // What vanishes meanwhile was not there.
    if (::fstatat(again, name.c_str(), &host, AT_SYMLINK_NOFOLLOW) == 0)
      entries.push_back({name, status_of(host)});
    errno = 0;
  }
  if (errno != 0) return host_error();
  std::ranges::sort(entries, {}, &HostEntry::name);
  return entries;
}

}  // namespace trapline::kernel
