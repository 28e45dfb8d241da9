// The file system from within: file_system.cpp finds and opens what there is, file_system_names.cpp gives
// names and takes them away.
#pragma once

#include <optional>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/inode_numbers.hpp"
#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/fs/made_files.hpp"
#include "emu/kernel/fs/proc_files.hpp"
#include "emu/kernel/fs/resolver.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

class FileSystem::Impl {
 public:
  Impl(const FileSystemUses& uses, const std::optional<RootFolder>& root)
      : sources_{uses.machine, uses.scheduler, uses.tasks, uses.arch, root && root->writable, &made_},
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
  MadeFiles& made() { return made_; }
  Sysctls& sysctls() { return sysctls_; }
  Resolver resolver(Task& task) { return Resolver({sources_, &task}, root_ ? &*root_ : nullptr, inodes_); }

 private:
  // Flags that act at open(2) only, beside creation itself; fcntl(2), F_GETFL.
  static constexpr std::uint64_t kOpenOnly = isa::linux_abi::kOCreat | isa::linux_abi::kOExcl |
                                             isa::linux_abi::kONoCtty | isa::linux_abi::kOTrunc |
                                             isa::linux_abi::kOCloExec;
  static constexpr std::uint64_t kMaxEntries = std::uint64_t{1} << 20;  // in open directories
  static constexpr std::uint64_t kMaxText = std::uint64_t{64} << 20;    // bytes in open files of /proc

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
    return (flags & ~kOpenOnly) | isa::linux_abi::differing(isa_).o_largefile;
  }

  MadeFiles made_;
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

}  // namespace trapline::kernel
