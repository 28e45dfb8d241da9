// The host folder that is a guest's root: what lies in it, one name at a time. Links are not followed here;
// FileSystem does, so that they may also lead to what the kernel itself shows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emu/kernel/fs/allowance.hpp"
#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/host.hpp"
#include "emu/kernel/fs/host_inode.hpp"

namespace trapline::kernel {

// A file as the host has it. The numbers are the host's own: never shown to a guest.
struct HostStatus {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint32_t mode = 0;
  std::uint64_t size = 0;
  std::uint64_t links = 0;
  std::int64_t modified = 0;  // st_mtim in nanoseconds: shown, since equal folders have equal ones

  HostInodes::Id id() const { return {device, inode}; }
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
  // What is kept of files is charged to the machine's memory. `clock` is the machine's wall clock, in
  // nanoseconds since 1970. Throws std::system_error. `unmap` takes the pages of a file from an offset on out
  // of all mappings (Mm::unmap_pages_of()).
  using Clock = std::function<std::int64_t()>;
  using Unmap = std::function<void(const void* file, std::uint64_t offset)>;
  // `closed` is told of each open file that goes.
  using Closed = std::function<void(const File&)>;
  HostRoot(const RootFolder& folder, machine::Machine& machine, Clock clock, Unmap unmap, Closed closed);

  bool writable() const { return writable_; }
  std::uint64_t growth_limit() const { return growth_limit_; }
  Allowance& growth() { return growth_; }
  std::uint64_t growth_left() const { return growth_.left(); }
  // A regular file that is open for reading, for mappings: the same for all mappings of one file. ENODEV for
  // what is no regular file.
  Result<FileBytes> contents(int fd, const std::shared_ptr<HostInode>& inode) const;
  // The same for mappings that share it: their pages, which all see at once and the file gets in the end.
  Result<std::shared_ptr<SharedMemory>> pages(int fd, std::uint64_t number,
                                              const std::shared_ptr<HostInode>& inode) const;
  // The guest has written to the file, or gave it another size: so have its pages.
  void wrote(const HostInode& inode, std::uint64_t offset, std::span<const std::byte> bytes,
             std::uint64_t size) const;
  void resized(const HostInode& inode, std::uint64_t old_size, std::uint64_t size) const;

  // `path` is absolute and has neither links, `.` nor `..` in it.
  Result<HostNode> look_up(const std::string& path) const;
  // One name in a folder that was looked up, which is neither `.` nor `..`.
  Result<HostNode> look_up_in(const HostNode& folder, const std::string& name) const;

  // In `folder`, without leaving it. `mode` has permission bits only.
  Result<HostFd> create(const HostNode& folder, const std::string& name, std::uint64_t access,
                        std::uint32_t mode);
  Status make_folder(const HostNode& folder, const std::string& name, std::uint32_t mode);
  Status make_link(const HostNode& folder, const std::string& name, const std::string& target);
  // A named pipe, a socket or an empty regular file: the type is in `mode`.
  Status make_node(const HostNode& folder, const std::string& name, std::uint32_t mode);
  // Another name for a file: link(2).
  Status add_name(int fd, const HostStatus& file, const HostNode& folder, const std::string& name);
  // A regular file without a name, in the file system of `folder` (O_TMPFILE). EOPNOTSUPP.
  Result<HostFd> create_nameless(const HostNode& folder, std::uint64_t access, std::uint32_t mode);
  Status remove(const HostNode& folder, const std::string& name, const HostStatus& what);
  // `flags` are of renameat2(2). `replaced`: what had the new name.
  Status rename(const HostNode& from, const std::string& old_name, const HostNode& to,
                const std::string& new_name, unsigned flags, const HostStatus& what,
                const HostStatus* replaced);

  // --- What the guest sees of a file ---
  // `number` is the inode number that the guest knows it by.
  FileStatus status(const HostStatus& host, std::uint64_t number, const HostInode* inode) const;
  FileStatus status(const HostStatus& host, std::uint64_t number) const {
    return status(host, number, inodes_.find(host.id()).get());
  }
  // How many names a folder has, those of its subfolders included, whatever the host's file system counts.
  std::uint64_t folder_links(int fd, const HostStatus& host) const;
  std::shared_ptr<HostInode> known_inode(const HostStatus& host) const { return inodes_.find(host.id()); }
  // What is kept of it, made where nothing is yet; ENOMEM.
  Result<std::shared_ptr<HostInode>> inode(const HostStatus& host);
  Status change(int fd, HostInode& inode, const AttributeChange& change);
  void accessed(HostInode& inode) const;
  void closed(const File& file) const { closed_(file); }
  void modified(HostInode& inode) const { inode.times.modify = inode.times.change = clock_(); }

 private:
  Result<std::shared_ptr<HostInode>> remember(const HostNode& folder, int fd, std::uint32_t mode);
  Status remember_in(const HostNode& folder, const std::string& name, std::uint32_t mode);
  void modified(const HostNode& folder);
  void lost_a_name(const HostStatus& what);
  std::uint64_t whole_pages(std::uint64_t size) const;

  HostFd root_;
  bool writable_;
  std::uint64_t growth_limit_;
  Allowance growth_;
  machine::Machine& machine_;
  Clock clock_;
  Unmap unmap_;
  Closed closed_;
  HostInodes inodes_;
};

// Opens a regular file for reading; links lead where they would with `root` as the root folder.
Result<HostFd> open_below(const std::filesystem::path& root, const std::string& path);
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
FileRef host_file(HostFd fd, std::string name, std::uint64_t flags, std::uint64_t number,
                  std::shared_ptr<HostInode> inode, HostRoot& root);
// A place in the folder, whatever lies there: what O_PATH opens.
FileRef host_place(HostNode node, std::string name, std::uint64_t flags, std::uint64_t number,
                   HostRoot& root);

}  // namespace trapline::kernel
