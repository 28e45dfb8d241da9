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
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kFolderSize = 4096;   // st_size of a folder, bytes
constexpr std::uint64_t kNewFileSize = 4096;  // what an empty file or folder takes of the growth limit, bytes
// A guest has no business with the set-user-ID bit on a file of the host.
constexpr std::uint32_t kPermissions = 0777;

Result<HostFd> open_in_root(int root, const std::string& path) {
  open_how how{};
  how.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS;
  const auto fd = host_result([&] { return ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how); });
  if (!fd) return fd.error();
  return HostFd(static_cast<int>(*fd));
}

HostStatus status_of(const struct stat& host) {
  return {host.st_dev, host.st_ino, host.st_mode, static_cast<std::uint64_t>(host.st_size), host.st_nlink};
}

[[noreturn]] void fail(const RootFolder& folder, Error error, const std::string& what) {
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

HostRoot::HostRoot(const RootFolder& folder)
    : root_(::open(folder.path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      writable_(folder.writable),
      growth_(folder.growth_limit) {
  if (!root_) fail(folder, host_error(), "cannot be opened as the guest's root folder");
  const auto top = look_up("/");
  if (!top && top.error().number == ENOSYS) {
    fail(folder, top.error(), "a root folder needs a host with openat2(2), Linux 5.6 or later");
  }
  if (!top) fail(folder, top.error(), "cannot be looked into with openat2(2)");
  // Files are opened through /proc/self/fd, so that what was looked at is what gets opened.
  const auto opened = open_host(*top, O_RDONLY | O_DIRECTORY);
  if (!opened) fail(folder, opened.error(), "cannot be read through /proc/self/fd; is /proc mounted?");
}

Result<HostNode> HostRoot::look_up(const std::string& path) const {
  auto fd = open_in_root(root_.get(), path);
  if (!fd) return fd.error();
  const auto status = host_status(fd->get());
  if (!status) return status.error();
  return HostNode{std::move(*fd), *status};
}

Result<HostFd> HostRoot::create(const HostNode& folder, const std::string& name, std::uint64_t access,
                                std::uint32_t mode) {
  if (!growth_.take(kNewFileSize)) return Error{ENOSPC};
  // The access modes are the same on every instruction set. O_EXCL: nothing that exists is opened this way.
  const int flags =
      static_cast<int>(access & isa::linux_abi::kOAccMode) | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  HostFd fd(::openat(folder.fd.get(), name.c_str(), flags, static_cast<mode_t>(mode & kPermissions)));
  if (!fd) return host_error();
  // Our own umask is not the guest's.
  if (::fchmod(fd.get(), static_cast<mode_t>(mode & kPermissions)) != 0) return host_error();
  return fd;
}

Status HostRoot::make_folder(const HostNode& folder, const std::string& name, std::uint32_t mode) {
  if (!growth_.take(kNewFileSize)) return Error{ENOSPC};
  if (::mkdirat(folder.fd.get(), name.c_str(), static_cast<mode_t>(mode & kPermissions)) != 0)
    return host_error();
  const HostFd made(::openat(folder.fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_DIRECTORY | O_CLOEXEC));
  if (!made || ::chmod(made.path().c_str(), static_cast<mode_t>(mode & kPermissions)) != 0)
    return host_error();
  return Done{};
}

Result<FileBytes> HostRoot::contents(int fd) {
  const auto status = host_status(fd);
  if (!status) return status.error();
  if ((status->mode & S_IFMT) != S_IFREG) return Error{ENODEV};
  if (mapped_.size() >= forget_at_) {
    std::erase_if(mapped_, [](const auto& file) { return file.second.expired(); });
    forget_at_ = 2 * mapped_.size() + 64;
  }
  std::weak_ptr<const FileContent>& known = mapped_[{status->device, status->inode}];
  if (auto content = known.lock()) return FileBytes(std::move(content));
  HostFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own) return host_error();
  FileBytes content = host_content(std::move(own));
  known = content;
  return content;
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
