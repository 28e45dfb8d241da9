// What a guest finds under a path: the folder that the caller handed over, if any, and the few files that a
// kernel itself shows. Nothing else of the host is reachable.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/fs/mounts.hpp"

namespace trapline::machine {
class Machine;
}

namespace trapline::kernel {

class FileWatches;
class MadeFiles;
class Sysctls;
class Arch;
class PerfCore;
class Scheduler;
class Task;
class TaskTable;

// What the file system shows, and whom it tells.
struct FileSystemUses {
  machine::Machine& machine;
  Scheduler& scheduler;
  TaskTable& tasks;
  Arch& arch;
  PerfCore& perf;
};

// How openat2(2) has a path resolved: `flags` are RESOLVE_*; with those that keep it below `base`, the path
// is relative to that.
enum Resolve : std::uint64_t {
  kResolveNoXdev = 1,
  kResolveNoMagicLinks = 2,
  kResolveNoSymlinks = 4,
  kResolveBeneath = 8,
  kResolveInRoot = 0x10,
  kResolveCached = 0x20,
};
struct ResolveHow {
  std::uint64_t flags = 0;
  std::string base{};
  bool creates = false;  // O_CREAT: a slash behind the last name is EISDIR, whatever is there

  bool scoped() const { return (flags & (kResolveBeneath | kResolveInRoot)) != 0; }
};

// A host folder as the guest's root. Its paths are resolved by the host's kernel inside of it (openat2 with
// RESOLVE_IN_ROOT), so neither `..` nor a symbolic link leads out, and only regular files and folders are
// opened.
struct RootFolder {
  std::filesystem::path path;
  bool writable = false;
  // How many bytes a guest may add to it in all, as sizes of files go and with a block for each new file;
  // then ENOSPC. What it removes is not given back.
  std::uint64_t growth_limit = std::uint64_t{1} << 30;
};

// /dev, /proc and /sys are the kernel's own, whatever the root folder has there. Of the host's files, neither
// owners nor inode numbers or directory order show, and of their times only that of the last modification:
// a guest sees the same of the same files everywhere. It must outlive the files that it opened.
class FileSystem {
 public:
  // Throws std::system_error where the folder cannot be opened or the host's kernel has no openat2(2).
  FileSystem(const FileSystemUses& uses, const std::optional<RootFolder>& root);
  ~FileSystem();
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;

  // `path` is absolute and as the guest wrote it; `task` is who asks (/proc/self). `mode` is that of a
  // created file, with the umask already taken off. Errors are those of open(2), stat(2) and so on.
  Result<FileRef> open(Task& task, const std::string& path, std::uint64_t flags, std::uint32_t mode,
                       const ResolveHow& how = {});
  Result<FileStatus> status(Task& task, const std::string& path, bool follow);
  // Of what a mapping is of: the number of the file there, or one of its own where the guest can see none.
  std::uint64_t inode_of(Task& task, const std::string& path);
  Result<std::string> read_link(Task& task, const std::string& path);
  // The folder's path without links, `.` and `..`, as getcwd(2) shows it.
  Result<std::string> folder(Task& task, const std::string& path);
  // What lies there as O_PATH opens it: to look at it and to change its attributes.
  Result<FileRef> place(Task& task, const std::string& path, bool follow);
  Status make_folder(Task& task, const std::string& path, std::uint32_t mode);
  Status make_link(Task& task, const std::string& path, const std::string& target);
  // mknod(2): a named pipe, a socket or a regular file, by its `mode`.
  Status make_node(Task& task, const std::string& path, std::uint32_t mode);
  Status add_name(Task& task, const std::string& old_path, bool follow, const std::string& new_path);
  Status add_name(Task& task, const File& file, const std::string& new_path);
  Status remove(Task& task, const std::string& path, bool folder);
  // `flags` are of renameat2(2).
  Status rename(Task& task, const std::string& from, const std::string& to, unsigned flags);

  RootUse root_use() const;
  MadeFiles& made();
  Sysctls& sysctls();

  // inotify(7): something happened to an open file (IN_*); who watches it, or the folder that it is in, is
  // told.
  void notify(const File& file, std::uint32_t event);
  const std::shared_ptr<FileWatches>& watches() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The standard streams of a guest.
FileRef host_stream(int host_fd, std::string name,
                    std::uint64_t flags);  // passes through to a descriptor of ours
FileRef input_text(std::string text);      // reads as this text, then end of file
FileRef captured_output(std::string name,
                        std::function<bool(std::string_view)> sink);  // false: no more room (EFBIG)

}  // namespace trapline::kernel
