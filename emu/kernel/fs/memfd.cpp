#include "emu/kernel/fs/memfd.hpp"

#include <algorithm>
#include <vector>

#include "emu/kernel/fs/positioned_file.hpp"
#include "emu/kernel/fs/xattrs.hpp"
#include "emu/kernel/syscall/timespec.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): S_*, O_*

constexpr std::uint64_t kMaxSize = 0x7fffffffffffffff;

// What all open file descriptions of one such file share.
struct Memory {
  Scheduler& scheduler;
  const TaskTable& tasks;
  std::shared_ptr<SharedMemory> object;
  std::uint64_t size = 0;  // bytes; the object has whole pages
  std::uint32_t permissions = 0;
  std::uint64_t seals = 0;
  unsigned writers = 0;  // who opened it for writing: who made it does not count
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  FileTimes times{};
  Xattrs xattrs{scheduler.machine().memory()};

  std::int64_t now() const { return static_cast<std::int64_t>(kWallClockStart + scheduler.now()); }

  Status resize(std::uint64_t to) {
    if (to > kMaxSize) return Error{EFBIG};
    if ((to < size && (seals & kSealShrink) != 0) || (to > size && (seals & kSealGrow) != 0))
      return Error{EPERM};
    const std::uint64_t page = scheduler.machine().memory().frame_size();
    const std::uint64_t in_page = to % page;
    const std::uint64_t end = (to + page - 1) / page * page;
    if (to < size) {
      // What is left of the last page reads as zero when the file grows again.
      if (in_page != 0 && object->resident(to - in_page))
        static_cast<void>(object->write(to, std::vector<std::byte>(page - in_page)));
      // The pages behind it are nobody's any more.
      if (object.use_count() > 1) {
        for (const auto& [tid, task] : tasks.all()) {
          if (task->mm) task->mm->unmap_pages_of(object.get(), end);
        }
      }
    }
    object->resize(end);
    size = to;
    times.modify = times.change = now();
    return Done{};
  }

  std::uint64_t read(std::uint64_t offset, std::span<std::byte> out) const {
    if (offset >= size) return 0;
    const std::uint64_t here = std::min<std::uint64_t>(out.size(), size - offset);
    object->read(offset, out.first(here));
    return here;
  }

  // Whether a program could write to it through a mapping, now or after mprotect(2).
  bool mapped_for_writing() const {
    if (object.use_count() == 1) return false;
    return std::ranges::any_of(tasks.all(), [&](const auto& entry) {
      const Task& task = *entry.second;
      return task.mm && std::ranges::any_of(task.mm->vmas(), [&](const auto& mapping) {
               const Vma& vma = mapping.second;
               return vma.object == object && vma.shared && (vma.flags & kVmMayNotWrite) == 0;
             });
    });
  }
};

// A program that lies in such a file.
class MemoryContent final : public FileContent {
 public:
  explicit MemoryContent(std::shared_ptr<Memory> memory) : memory_(std::move(memory)) {}

  std::uint64_t size() const override { return memory_->size; }
  Result<std::uint64_t> read(std::uint64_t offset, std::span<std::byte> out) const override {
    return memory_->read(offset, out);
  }

 private:
  std::shared_ptr<Memory> memory_;
};

class MemFd final : public PositionedFile {
 public:
  MemFd(std::shared_ptr<Memory> memory, std::string name, std::uint64_t flags, bool opened)
      : PositionedFile(std::move(name), flags), memory_(std::move(memory)), counts_(opened && writable()) {
    if (counts_) ++memory_->writers;
  }
  ~MemFd() override {
    if (counts_) --memory_->writers;
  }
  MemFd(const MemFd&) = delete;
  MemFd& operator=(const MemFd&) = delete;

  Result<FileStatus> status() const override {
    return FileStatus{.device = kMemoryDevice,
                      .inode = memory_->object->number(),
                      .mode = kSIfReg | memory_->permissions,
                      .links = 0,
                      .size = memory_->size,
                      .uid = memory_->uid,
                      .gid = memory_->gid,
                      .times = memory_->times};
  }
  Status truncate(std::uint64_t size) override {
    if (!writable()) return Error{EINVAL};
    return memory_->resize(size);
  }
  std::shared_ptr<SharedMemory> memory() const override { return memory_->object; }

  Result<FileBytes> contents() const override {
    return FileBytes(std::make_shared<const MemoryContent>(memory_));
  }

  Status allow_mapping(bool shared, bool write) const override {
    const bool sealed = (memory_->seals & (kSealWrite | kSealFutureWrite)) != 0;
    if (shared && write && sealed) return Error{EPERM};
    return Done{};
  }
  bool being_written() const override { return memory_->writers != 0; }
  Status change_attributes(const AttributeChange& change) override {
    constexpr std::uint32_t kAnyExecute = 0111;
    const std::uint32_t permissions = change.permissions.value_or(memory_->permissions);
    if ((memory_->seals & kSealExec) != 0 && ((permissions ^ memory_->permissions) & kAnyExecute) != 0)
      return Error{EPERM};
    memory_->permissions = permissions;
    if (change.owner) memory_->permissions &= ~(kSIsUid | ((permissions & 010) != 0 ? kSIsGid : 0));
    memory_->uid = change.uid.value_or(memory_->uid);
    memory_->gid = change.gid.value_or(memory_->gid);
    memory_->times.access = change.access.value_or(memory_->times.access);
    memory_->times.modify = change.modify.value_or(memory_->times.modify);
    memory_->times.change = memory_->now();
    return Done{};
  }
  Result<Xattrs*> xattrs(bool) override { return &memory_->xattrs; }
  Status sync() override { return Done{}; }
  // shmem_fallocate(): pages that are not there read as zero and need not be kept.
  Status allocate(std::uint64_t mode, std::uint64_t offset, std::uint64_t size) override {
    enum : std::uint64_t { kKeepSize = 1, kPunchHole = 2 };
    if ((mode & ~std::uint64_t{kKeepSize | kPunchHole}) != 0) return Error{EOPNOTSUPP};
    if ((mode & kPunchHole) == 0) {
      if ((mode & kKeepSize) != 0 || offset + size <= memory_->size) return Done{};
      return memory_->resize(offset + size);
    }
    if ((memory_->seals & (kSealWrite | kSealFutureWrite)) != 0) return Error{EPERM};
    const std::uint64_t end = std::min(offset + size, memory_->size);
    if (offset < end) memory_->object->overwrite(offset, std::vector<std::byte>(end - offset));
    return Done{};
  }
  Result<FileRef> reopen(std::uint64_t flags) const override {
    return FileRef(std::make_shared<MemFd>(memory_, name(), flags, true));
  }

  SyscallResult seals() const override { return memory_->seals; }
  SyscallResult add_seals(std::uint64_t seals) override {
    constexpr std::uint64_t kAll =
        kSealSeal | kSealShrink | kSealGrow | kSealWrite | kSealFutureWrite | kSealExec;
    if (!writable()) return Error{EPERM};
    if ((seals & ~kAll) != 0) return Error{EINVAL};
    if ((memory_->seals & kSealSeal) != 0) return Error{EPERM};
    if ((seals & kSealWrite) != 0 && (memory_->seals & kSealWrite) == 0 && memory_->mapped_for_writing())
      return Error{EBUSY};
    // Who may not run it any more must not write what would be run, either (F_SEAL_EXEC).
    constexpr std::uint32_t kAnyExecute = 0111;
    if ((seals & kSealExec) != 0 && (memory_->permissions & kAnyExecute) != 0)
      seals |= kSealShrink | kSealGrow | kSealWrite | kSealFutureWrite;
    memory_->seals |= seals;
    return 0;
  }

 protected:
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) override {
    return memory_->read(offset, out);
  }

  SyscallResult write_at(std::span<const std::byte> bytes, std::uint64_t offset) override {
    if (bytes.empty()) return 0;
    if ((memory_->seals & (kSealWrite | kSealFutureWrite)) != 0) return Error{EPERM};
    if (offset >= kMaxSize) return Error{EFBIG};
    bytes = bytes.first(std::min<std::uint64_t>(bytes.size(), kMaxSize - offset));
    const std::uint64_t old_size = memory_->size;
    if (offset + bytes.size() > old_size) {
      if (const Status grown = memory_->resize(offset + bytes.size()); !grown) return grown.error();
    }
    if (memory_->object->write(offset, bytes)) {
      memory_->times.modify = memory_->times.change = memory_->now();
      return bytes.size();
    }
    static_cast<void>(memory_->resize(old_size));
    return Error{ENOSPC};
  }

 private:
  std::shared_ptr<Memory> memory_;
  bool counts_;
};

}  // namespace

FileRef make_memfd(Scheduler& scheduler, const TaskTable& tasks, const std::string& name, std::uint64_t seals,
                   std::uint32_t permissions, std::uint64_t flags) {
  auto memory = std::make_shared<Memory>(Memory{
      scheduler, tasks, std::make_shared<SharedMemory>(scheduler.machine(), 0), 0, permissions, seals});
  memory->times = {memory->now(), memory->now(), memory->now()};
  return std::make_shared<MemFd>(std::move(memory), "/memfd:" + name + " (deleted)", flags, false);
}

}  // namespace trapline::kernel
