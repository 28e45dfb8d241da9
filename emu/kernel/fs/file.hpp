// Open files as Linux has them: a descriptor table names open file descriptions, which may be shared.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/result.hpp"

namespace trapline::kernel {

struct Syscall;
class FileLocks;
class Leases;
class Task;
class WaitQueue;
class Xattrs;

// The devices that files of a kind lie on: minor numbers of the major 0 (fs/mounts.cpp says what they are).
enum Device : std::uint64_t {
  kMemoryDevice = 1,
  kStreamDevice = 2,  // apart from the files of the root, so that no stream passes for one of them
  kPipeDevice = 3,
  kAnonInodeDevice = 4,
  kRootDevice = 5,
  kProcDevice = 6,
  kSysDevice = 7,
  kDevDevice = 8,
};

// Nanoseconds since 1970, by the machine's wall clock.
struct FileTimes {
  std::int64_t access = 0;
  std::int64_t modify = 0;
  std::int64_t change = 0;
};
// When the machine was made (kWallClockStart): that of all that the kernel itself shows.
inline constexpr FileTimes kTimesOfStart{946'684'800'000'000'000, 946'684'800'000'000'000,
                                         946'684'800'000'000'000};

// What stat(2) tells, before it is laid out for an instruction set.
struct FileStatus {
  std::uint64_t device = kRootDevice;
  std::uint64_t inode = 0;
  std::uint32_t mode = 0;  // type and permissions, linux/stat.h
  std::uint64_t links = 1;
  std::uint64_t special_device = 0;
  std::uint64_t size = 0;  // bytes
  std::uint64_t block_size = 4096;
  bool read_only = false;  // it lies where nothing can be changed (EROFS)
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  FileTimes times = kTimesOfStart;
};

// What chmod(2), chown(2) and utimensat(2) change (struct iattr); what is absent stays.
struct AttributeChange {
  std::optional<std::uint32_t> permissions{};
  std::optional<std::uint32_t> uid{};
  std::optional<std::uint32_t> gid{};
  bool owner = false;  // by chown(2), whether or not anything is given
  std::optional<std::int64_t> access{};
  std::optional<std::int64_t> modify{};
};

struct DirectoryEntry {
  std::string name;
  std::uint64_t inode = 0;
  std::uint32_t mode = 0;  // its type counts
};

enum class Whence : std::uint8_t { Set, Current, End, Data, Hole };

// An open file description (struct file). What a kind of file does not do answers as Linux does for such
// files.
class File : public std::enable_shared_from_this<File> {
 public:
  virtual ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  virtual SyscallResult read(std::span<std::byte> out);  // EINVAL
  // By whom matters for signalfd(2) alone, as it does for wait_queue_for().
  virtual SyscallResult read_by(Task& /*reader*/, std::span<std::byte> out) { return read(out); }
  virtual SyscallResult write(std::span<const std::byte> bytes);                         // EINVAL
  virtual SyscallResult pread(std::span<std::byte> out, std::uint64_t offset);           // ESPIPE
  virtual SyscallResult pwrite(std::span<const std::byte> bytes, std::uint64_t offset);  // ESPIPE
  virtual SyscallResult seek(std::int64_t offset, Whence whence);                        // ESPIPE
  // What read() takes to make so many bytes, beyond what copying them does; in cycles.
  virtual std::uint64_t cost_of(std::uint64_t bytes) const;
  // Where a write, or a pwrite to `at`, would begin; nothing where a file has no size that RLIMIT_FSIZE could
  // bound.
  virtual std::optional<std::uint64_t> write_offset(std::optional<std::uint64_t> at) const;
  virtual Result<FileStatus> status() const = 0;
  // `call` has the command in args[1] and its argument in args[2].
  virtual SyscallResult ioctl(Syscall& call);   // ENOTTY
  virtual Status truncate(std::uint64_t size);  // EINVAL
  // For a private mapping, or to be executed; ENODEV where a file cannot be mapped.
  virtual Result<FileBytes> contents() const;
  // The memory that the file consists of, which a mapping shows as it is; null: see contents().
  virtual std::shared_ptr<SharedMemory> memory() const { return nullptr; }
  // Before a mapping of memory() is made. EPERM: seals forbid it (memfd_create(2)).
  virtual Status allow_mapping(bool shared, bool write) const;
  // What a mapping shows, where that depends on the mapping; by default memory().
  struct Mapping {
    std::uint64_t size = 0;  // bytes, not rounded
    std::uint64_t offset = 0;
    std::uint64_t page_size = 0;
    bool shared = false;
    bool write = false;
  };
  virtual Result<std::shared_ptr<SharedMemory>> map(const Mapping& mapping);
  virtual std::uint32_t mapping_flags() const { return 0; }  // of VmFlag
  // Open for writing somewhere, so that it cannot be executed: ETXTBSY.
  virtual bool being_written() const { return false; }
  virtual Status change_attributes(const AttributeChange& change);  // EPERM
  // The extended attributes (xattr(7)), to look at or to change; EOPNOTSUPP where there are none, EROFS.
  virtual Result<Xattrs*> xattrs(bool change);
  // fallocate(2): ENODEV of what is no regular file, EOPNOTSUPP.
  virtual Status allocate(std::uint64_t mode, std::uint64_t offset, std::uint64_t size);
  // fsync(2): what was stored through mappings reaches the file. EINVAL of what has no storage.
  virtual Status sync();
  // Of a regular file with storage: who is told before others open it (fcntl(2), "Leases"). Null: EINVAL.
  virtual Leases* leases() { return nullptr; }
  // open(2) of a named pipe whose other end nobody has open yet: it waits in the queue.
  virtual bool opening() const { return false; }
  // The host's descriptor of a file of the root folder; -1: it is none.
  virtual int host_descriptor() const { return -1; }
  // Opened with O_PATH: it stands for a place, and nothing can be done with what lies there.
  bool path_only() const;
  // F_ADD_SEALS and F_GET_SEALS; EINVAL where the file is not in memory, or EPERM where it cannot be written.
  virtual SyscallResult add_seals(std::uint64_t seals);
  virtual SyscallResult seals() const;
  // Another open file description of the same file, as opening /proc/PID/fd/N makes one. ENXIO: there is
  // none, and this one stands for it.
  virtual Result<std::shared_ptr<File>> reopen(std::uint64_t flags) const;
  // Of a directory: "." and "..", then the others by name, as they were when this was first asked since the
  // last seek to 0. The position of a directory counts these. ENOTDIR of other files.
  virtual Result<std::span<const DirectoryEntry>> entries();
  // Reading takes what has come in and may wait for more, so one call of a guest is one read().
  virtual bool stream() const { return false; }
  // What poll(2) shows, of isa::linux_abi::Poll. A file that a read or write has to wait for answers it with
  // EAGAIN, and has a queue that is woken when that may have changed.
  virtual std::uint32_t poll_events();
  virtual std::uint32_t poll_events_for(const Task& /*who*/) { return poll_events(); }
  virtual WaitQueue* wait_queue() { return nullptr; }
  virtual WaitQueue* wait_queue_for(Task& /*who*/) { return wait_queue(); }
  // The same as poll(2) asks it, for those events (EPOLL*): kSleeps where guest code has to say, and the call
  // is to be made again then.
  virtual SyscallResult poll_by(Task& who, std::uint32_t /*wanted*/) { return poll_events_for(who); }
  virtual WaitQueue* poll_queue_for(Task& who) { return wait_queue_for(who); }
  // Whether splice(2) and sendfile(2) can have its bytes, and give it some (splice_read, splice_write).
  virtual bool splices_from() const { return true; }
  virtual bool splices_to() const { return true; }
  // Where such a transfer has left it.
  virtual void set_position(std::uint64_t position) {
    static_cast<void>(seek(static_cast<std::int64_t>(position), Whence::Set));
  }
  // One of its descriptors was closed (filp_close()).
  virtual void flush() {}
  // A blocking write(2) returns when all of it is written.
  virtual bool writes_all() const { return false; }

  virtual SyscallResult pipe_size() const;                  // EBADF
  virtual SyscallResult set_pipe_size(std::uint64_t size);  // EBADF

  // What /proc/PID/fdinfo tells beyond what it tells of every file.
  virtual std::string info() const { return {}; }

  // fcntl(2), F_SETOWN_EX and F_SETSIG: who gets which signal about it.
  struct Owner {
    enum Type : std::uint8_t { Thread, Process, Group };
    Type type = Process;
    int id = 0;      // 0: nobody
    int signal = 0;  // 0: SIGIO
  };
  Owner owner;
  // O_ASYNC: the owner is told, by the descriptor through which that was set.
  bool asynchronous() const;
  int asynchronous_fd = -1;

  // The locks that it may own from now on are released when it goes.
  void owns_locks(const std::shared_ptr<FileLocks>& locks) { locks_ = locks; }

  // What it takes of the host's memory, in bytes, roughly; and where that is charged while it is open.
  std::uint64_t footprint() const { return 1024 + name_.size(); }
  std::optional<machine::Charge> charge;

  // The path by which it was opened, as /proc/self/fd shows it; it goes along when that is renamed.
  const std::string& name() const { return name_; }
  void set_name(std::string name) { name_ = std::move(name); }
  std::uint64_t flags() const { return flags_; }  // O_ACCMODE and the status flags
  void set_flags(std::uint64_t flags) { flags_ = flags; }
  bool readable() const;
  bool writable() const;

 protected:
  File(std::string name, std::uint64_t flags) : name_(std::move(name)), flags_(flags) {}

 private:
  std::string name_;
  std::uint64_t flags_;
  std::weak_ptr<FileLocks> locks_;
};

using FileRef = std::shared_ptr<File>;

class FdTable {
 public:
  // One whose descriptors, and the files that they open, are charged to the memory.
  explicit FdTable(machine::PhysicalMemory& memory) : charge_(memory) {}
  // Whether there is room for a copy.
  bool can_copy() const { return charge_.room(charge_.bytes()); }

  struct Entry {
    FileRef file;
    bool close_on_exec = false;
  };

  FdTable() = default;
  // Of a new process: it has the files, but not the locks.
  FdTable(const FdTable& other);
  FdTable& operator=(const FdTable&) = delete;
  ~FdTable();

  static constexpr int kLimit = 4096;  // the most that RLIMIT_NOFILE can be

  // The lowest free number from `from` on; EMFILE where that is not below `limit`, ENOMEM.
  Result<int> lowest_free(int from = 0, int limit = kLimit) const;
  Result<int> add(FileRef file, bool close_on_exec, int from = 0, int limit = kLimit);
  // dup2: whatever was there is closed. `fd` is below kLimit. ENOMEM.
  Status put(int fd, FileRef file, bool close_on_exec);
  Entry* find(int fd);  // null: EBADF
  const Entry* find(int fd) const;
  bool close(int fd);
  void close_on_exec();
  const std::map<int, Entry>& entries() const { return entries_; }
  // How many descriptors the table has room for (fdtable::max_fds): select(2) looks at no more.
  int size() const { return size_; }
  // Its processes may own locks from now on. Those on a file are released when they close any descriptor of
  // it (fcntl(2), "Advisory record locking").
  void owns_locks(const std::shared_ptr<FileLocks>& locks) { locks_ = locks; }

 private:
  static constexpr std::uint64_t kEntryBytes = 128;

  void filp_close(File& file) const;
  bool charge_for(File& file);
  void make_room_for(int fd);
  void mark(int fd, bool taken);

  static constexpr int kSmallest = 64;  // NR_OPEN_DEFAULT

  std::map<int, Entry> entries_;
  // Its keys, a bit each, as fdtable::open_fds: so a free one is found as fast in a full table as in an empty
  // one.
  static constexpr int kBits = 64;
  std::array<std::uint64_t, kLimit / kBits> taken_{};
  int size_ = kSmallest;
  std::weak_ptr<FileLocks> locks_;
  machine::Charge charge_;
};

}  // namespace trapline::kernel
