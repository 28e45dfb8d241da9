// The host folder that is a guest's root: what lies in it, one name at a time. Links are not followed here;
// FileSystem does, so that they may also lead to what the kernel itself shows.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emu/kernel/fs/allowance.hpp"
#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/host.hpp"

namespace trapline::kernel {

// A file as the host has it. The numbers are the host's own: never shown to a guest.
struct HostStatus {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
  std::uint64_t links = 0;

  // Type and permissions as a guest sees them: those that a folder, a program and any other file usually
  // have.
  std::uint32_t guest_mode() const;
  // In bytes; of folders and special files, what hosts say differs.
  std::uint64_t guest_size() const;
};
Result<HostStatus> host_status(int fd);

// A place in the folder, pinned by an O_PATH descriptor.
struct HostNode {
  HostFd fd;
  HostStatus status;
};

class HostRoot {
 public:
  // Throws std::system_error.
  explicit HostRoot(const RootFolder& folder);

  bool writable() const { return writable_; }
  Allowance& growth() { return growth_; }
  // A regular file that is open for reading, for mappings: the same for all mappings of one file. ENODEV for
  // what is no regular file.
  Result<FileBytes> contents(int fd);

  // `path` is absolute and has neither links, `.` nor `..` in it.
  Result<HostNode> look_up(const std::string& path) const;

  // In `folder`, without leaving it. `mode` has permission bits only.
  Result<HostFd> create(const HostNode& folder, const std::string& name, std::uint64_t access,
                        std::uint32_t mode);
  Status make_folder(const HostNode& folder, const std::string& name, std::uint32_t mode);

 private:
  HostFd root_;
  bool writable_;
  Allowance growth_;

  using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device and inode of the host
  std::map<FileId, std::weak_ptr<const FileContent>> mapped_;
  std::size_t forget_at_ =
      64;  // when there are so many, those that nobody has mapped any more are looked for
};

// Opens a regular file or a folder. `flags` are the host's; nothing else can be opened: EACCES.
Result<HostFd> open_host(const HostNode& node, int flags);
Result<std::string> read_host_link(const HostNode& node);

struct HostEntry {
  std::string name;
  HostStatus status;
};
// All but "." and "..", in the order of their names.
Result<std::vector<HostEntry>> list_host_folder(int fd);

// An open regular file of the folder. `inode` is the guest's.
FileRef host_file(HostFd fd, std::string name, std::uint64_t flags, std::uint64_t inode, HostRoot& root);

}  // namespace trapline::kernel
