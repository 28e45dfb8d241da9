// Leases on a file (fcntl(2)): who holds one is told, and waited for, when another opens the file in a way
// that conflicts with it.
#pragma once

#include <cstdint>
#include <vector>

#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/task/wait_queue.hpp"

namespace trapline::kernel {

class Leases {
 public:
  enum Type : std::uint64_t { kRead, kWrite, kNone };  // F_RDLCK, F_WRLCK, F_UNLCK

  // Every open file of the one that the leases are on.
  void opened(const File& file) { ++count(file); }
  void closed(const File& file);

  // EINVAL, EAGAIN: others have it open.
  SyscallResult set(File& file, std::uint64_t type);
  Type type_of(const File& file) const;

  // The files whose leases keep another from being opened; each is told once.
  bool conflict(const File& opening) const;
  std::vector<File*> untold(const File& opening);
  // They had long enough: fs.lease-break-time.
  void take(const File& opening);

  static constexpr std::uint64_t kBreakTime = 45'000'000'000;  // nanoseconds
  WaitQueue queue;

 private:
  struct Lease {
    File* holder = nullptr;
    Type type = kNone;
    bool told = false;
  };

  unsigned& count(const File& file) { return file.writable() ? writers_ : readers_; }
  static bool in_the_way(const Lease& lease, const File& opening);

  std::vector<Lease> leases_;
  unsigned readers_ = 0;  // who may only read
  unsigned writers_ = 0;
};

}  // namespace trapline::kernel
