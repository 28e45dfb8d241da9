// What the guest's kernel keeps of a file of the root folder, because the host does not say it, or says
// something else on each host: permissions, owners, times, extended attributes; and what there is of it while
// it is in use.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/fs/leases.hpp"
#include "emu/kernel/fs/xattrs.hpp"
#include "emu/kernel/mm/file_bytes.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

class Pipe;

struct HostInode {
  HostInode(machine::PhysicalMemory& memory, const FileStatus& status)
      : charge(memory, kFootprint),
        permissions(status.mode & isa::linux_abi::kModeBits),
        uid(status.uid),
        gid(status.gid),
        times(status.times),
        xattrs(memory) {}

  static constexpr std::uint64_t kFootprint = 384;  // of the host's memory, roughly

  void show_in(FileStatus& status) const {
    status.mode = (status.mode & isa::linux_abi::kSIfMt) | permissions;
    status.uid = uid;
    status.gid = gid;
    status.times = times;
  }

  machine::Charge charge;
  std::uint32_t permissions;
  std::uint32_t uid;
  std::uint32_t gid;
  FileTimes times;
  Xattrs xattrs;
  Leases leases;
  std::weak_ptr<SharedMemory> pages;         // while somebody has the file mapped to share it,
  std::weak_ptr<const FileContent> content;  // or to read it,
  std::weak_ptr<Pipe> pipe;                  // or, of a named pipe, somebody has it open
};

// By what the host calls them. One is there from when it is first needed until the last name of its file is
// gone; who has the file open keeps it longer.
class HostInodes {
 public:
  using Id = std::pair<std::uint64_t, std::uint64_t>;  // device and inode of the host

  std::shared_ptr<HostInode> find(Id id) const {
    const auto known = inodes_.find(id);
    return known == inodes_.end() ? nullptr : known->second;
  }
  void add(Id id, std::shared_ptr<HostInode> inode) { inodes_[id] = std::move(inode); }
  void forget(Id id) { inodes_.erase(id); }

 private:
  std::map<Id, std::shared_ptr<HostInode>> inodes_;
};

}  // namespace trapline::kernel
