// Path resolution (path_resolution(7)): from a path of the guest to the file, across the root folder and what
// the kernel itself shows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/inode_numbers.hpp"
#include "emu/kernel/fs/synthetic.hpp"

namespace trapline::kernel {

// A place in the guest's tree. Nothing may be there, in a folder that is.
struct Node {
  std::string path;  // without links, `.` and `..`
  bool exists = false;
  FileStatus status{};
  std::optional<HostNode> host{};            // it lies in the root folder,
  std::optional<SyntheticNode> synthetic{};  // or is the kernel's own

  bool is_folder() const;
  bool is_link() const;
  bool magic() const;  // a link to a file and not to a path
};

class Resolver {
 public:
  // `root` may be null. All that is given must outlive this.
  Resolver(const ProcView& view, const HostRoot* root, InodeNumbers& inodes)
      : view_(view), root_(root), inodes_(inodes) {}

  // Where an absolute path leads; what is missing is an error unless it is the last name. A slash at the end
  // asks for a folder. A magic link at the end stands for itself. ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG.
  Result<Node> resolve(const std::string& path, bool follow, const ResolveHow& how = {}) const;
  // The folder that the last name of `path` is in.
  Result<Node> folder_of(const std::string& path) const;

  // What is under this very name. A path here has no links, `.` and `..`.
  Result<Node> look_up(const std::string& path) const;
  Result<Node> look_up_in(const Node& folder, std::string_view name) const;

  Result<std::string> link_target(const Node& link) const;  // as readlink(2) shows it

  // All of a folder: the host's part through `host_fd` (negative: none), and the kernel's own.
  Result<std::vector<DirectoryEntry>> list(const std::string& path, std::uint64_t inode, int host_fd) const;

 private:
  Result<Node> look_up(const std::string& path, const Node* folder) const;

  ProcView view_;
  const HostRoot* root_;
  InodeNumbers& inodes_;
};

}  // namespace trapline::kernel
