// Advisory locks on files: those of fcntl(2) on ranges, of a process (F_SETLK) or of an open file description
// (F_OFD_SETLK), and those of flock(2) on whole files. The two kinds do not see each other.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "emu/kernel/result.hpp"
#include "emu/kernel/task/wait_queue.hpp"

namespace trapline::machine {
class PhysicalMemory;
}

namespace trapline::kernel {

class FileLocks {
 public:
  // Locks take of the guest's memory, so that it cannot have any number of them. It must outlive this.
  explicit FileLocks(machine::PhysicalMemory& memory) : memory_(memory) {}
  ~FileLocks();
  FileLocks(const FileLocks&) = delete;
  FileLocks& operator=(const FileLocks&) = delete;

  using FileKey = std::pair<std::uint64_t, std::uint64_t>;  // device and inode as the guest sees them
  // A descriptor table or an open file description: told apart, and nothing else.
  using Owner = const void*;
  enum class Kind : std::uint8_t { Range, Whole };

  struct Lock {
    Owner owner = nullptr;
    bool exclusive = false;
    std::uint64_t start = 0;
    std::uint64_t last = ~std::uint64_t{0} >> 1;  // OFFSET_MAX: to the end, wherever that is
    int pid = 0;                                  // whose it is, as F_GETLK says; -1 for a file's
  };

  // Who keeps the lock from being had, the one that starts first.
  std::optional<Lock> conflict(FileKey file, Kind kind, const Lock& wanted) const;
  std::size_t count(FileKey file, Kind kind) const;
  // Whether the owner has this very lock.
  bool holds(FileKey file, Kind kind, const Lock& lock) const;
  // Puts the lock in place of what its owner had there. The caller has seen that nobody is in the way.
  // ENOLCK: memory is used up.
  Status set(FileKey file, Kind kind, const Lock& lock);
  // Takes away what its owner has in [start, last]. ENOLCK: that would leave two, and memory is used up.
  Status clear(FileKey file, Kind kind, const Lock& range);
  // All that the owner has: on one file, or everywhere.
  void release(Owner owner, FileKey file);
  void release(Owner owner);

  // Woken when a lock on the file goes away.
  WaitQueue& queue(FileKey file) { return files_[file].queue; }
  // Who waits for whom, from when it goes to sleep until its call ends. A task is a token here.
  void waits(const void* task, Owner owner, Owner blocker) { waiting_[task] = {owner, blocker}; }
  void waits_no_more(const void* task) { waiting_.erase(task); }
  // Whether the blocker waits for the owner, over however many others.
  bool deadlock(Owner owner, Owner blocker) const;

 private:
  struct File {
    std::vector<Lock> ranges;  // by start; of one owner they do not overlap
    std::vector<Lock> wholes;
    WaitQueue queue;
    std::vector<Lock>& of(Kind kind) { return kind == Kind::Range ? ranges : wholes; }
    const std::vector<Lock>& of(Kind kind) const { return kind == Kind::Range ? ranges : wholes; }
  };

  bool replace(std::vector<Lock>& locks, std::vector<Lock> with);
  void forget_empty(FileKey file);

  machine::PhysicalMemory& memory_;
  std::map<FileKey, File> files_;
  std::map<Owner, std::set<FileKey>> owned_;  // where an owner may have locks
  std::map<const void*, std::pair<Owner, Owner>> waiting_;
};

}  // namespace trapline::kernel
