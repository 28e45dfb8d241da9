#include "emu/kernel/fs/file.hpp"

#include <bit>
#include <utility>
#include <vector>

#include "emu/kernel/fs/file_locks.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"

namespace trapline::kernel {

using isa::linux_abi::kOAccMode;
using isa::linux_abi::kORdWr;
using isa::linux_abi::kOWrOnly;

File::~File() {
  if (const auto locks = locks_.lock()) locks->release(this);
}

SyscallResult File::read(std::span<std::byte>) { return Error{EINVAL}; }
SyscallResult File::write(std::span<const std::byte>) { return Error{EINVAL}; }
SyscallResult File::pread(std::span<std::byte>, std::uint64_t) { return Error{ESPIPE}; }
SyscallResult File::pwrite(std::span<const std::byte>, std::uint64_t) { return Error{ESPIPE}; }
SyscallResult File::seek(std::int64_t, Whence) { return Error{ESPIPE}; }
SyscallResult File::ioctl(Syscall&) { return Error{ENOTTY}; }
SyscallResult File::pipe_size() const { return Error{EBADF}; }
SyscallResult File::set_pipe_size(std::uint64_t) { return Error{EBADF}; }
Status File::truncate(std::uint64_t) { return Error{EINVAL}; }
bool File::asynchronous() const { return (flags_ & isa::linux_abi::kOAsync) != 0; }
Result<FileBytes> File::contents() const { return Error{ENODEV}; }
std::uint64_t File::cost_of(std::uint64_t) const { return 0; }
std::optional<std::uint64_t> File::write_offset(std::optional<std::uint64_t>) const { return std::nullopt; }
Status File::allow_mapping(bool, bool) const { return Done{}; }
Result<std::shared_ptr<SharedMemory>> File::map(const Mapping& mapping) {
  auto memory_of_file = memory();
  if (memory_of_file == nullptr) return memory_of_file;
  if (mapping.offset + mapping.size < mapping.offset) return Error{EOVERFLOW};
  if (const Status allowed = allow_mapping(mapping.shared, mapping.write); !allowed) return allowed.error();
  return memory_of_file;
}
Status File::change_attributes(const AttributeChange&) { return Error{EPERM}; }
Result<Xattrs*> File::xattrs(bool) { return Error{EOPNOTSUPP}; }
Status File::allocate(std::uint64_t, std::uint64_t, std::uint64_t) {
  const auto now = status();
  return Error{now && (now->mode & isa::linux_abi::kSIfMt) == isa::linux_abi::kSIfIfo ? ESPIPE : ENODEV};
}
Status File::sync() { return Error{EINVAL}; }
bool File::path_only() const { return (flags_ & isa::linux_abi::kOPath) != 0; }
SyscallResult File::add_seals(std::uint64_t) { return Error{writable() ? EINVAL : EPERM}; }
SyscallResult File::seals() const { return Error{EINVAL}; }
Result<FileRef> File::reopen(std::uint64_t) const { return Error{ENXIO}; }
Result<std::span<const DirectoryEntry>> File::entries() { return Error{ENOTDIR}; }

std::uint32_t File::poll_events() {
  using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): POLL*
  return kPollIn | kPollOut | kPollRdNorm | kPollWrNorm;
}

// Access mode 3 is neither: it asks for permission to do both and then allows ioctl(2) only (open(2),
// "Notes").
bool File::readable() const {
  return !path_only() && ((flags_ & kOAccMode) == 0 || (flags_ & kOAccMode) == kORdWr);
}
bool File::writable() const {
  return !path_only() && ((flags_ & kOAccMode) == kOWrOnly || (flags_ & kOAccMode) == kORdWr);
}

FdTable::FdTable(const FdTable& other)
    : entries_(other.entries_), taken_(other.taken_), charge_(other.charge_) {
  if (!entries_.empty()) make_room_for(entries_.rbegin()->first | (kSmallest - 1));
}

// alloc_fdtable(): 128 descriptors, or that many doubled until it fits. It never shrinks, but a copy is no
// larger than it has to be.
void FdTable::make_room_for(int fd) {
  constexpr int kStep = 128;
  if (fd < size_) return;
  size_ = kStep;
  while (size_ <= fd) size_ *= 2;
}

Result<int> FdTable::lowest_free(int from, int limit) const {
  std::uint64_t wanted = ~std::uint64_t{0} << from % kBits;
  for (; from < limit; from += kBits - from % kBits, wanted = ~std::uint64_t{0}) {
    const std::uint64_t free = wanted & ~taken_[static_cast<std::size_t>(from / kBits)];
    if (free == 0) continue;
    const int first = from / kBits * kBits + std::countr_zero(free);
    return first < limit ? Result<int>(first) : Error{EMFILE};
  }
  return Error{EMFILE};
}

void FdTable::mark(int fd, bool taken) {
  const std::uint64_t bit = std::uint64_t{1} << fd % kBits;
  std::uint64_t& word = taken_[static_cast<std::size_t>(fd / kBits)];
  word = taken ? word | bit : word & ~bit;
}

Result<int> FdTable::add(FileRef file, bool close_on_exec, int from, int limit) {
  auto fd = lowest_free(from, limit);
  if (!fd) return fd;
  if (!charge_for(*file)) return Error{ENOMEM};
  make_room_for(*fd);
  entries_.emplace(*fd, Entry{std::move(file), close_on_exec});
  mark(*fd, true);
  return fd;
}

Status FdTable::put(int fd, FileRef file, bool close_on_exec) {
  assert(fd >= 0 && fd < kLimit);
  if (file == nullptr) {  // a first process without standard streams
    charge_.add(kEntryBytes);
  } else if (!charge_for(*file)) {
    return Error{ENOMEM};
  }
  make_room_for(fd);
  if (entries_.contains(fd)) charge_.remove(kEntryBytes);
  const Entry old = std::exchange(entries_[fd], Entry{std::move(file), close_on_exec});
  mark(fd, true);
  if (old.file) filp_close(*old.file);
  return Done{};
}

// For one more descriptor, and for the file, where this is its first.
bool FdTable::charge_for(File& file) {
  const std::uint64_t of_file = file.charge ? 0 : file.footprint();
  if (!charge_.room(kEntryBytes + of_file)) return false;
  charge_.add(kEntryBytes);
  if (of_file != 0 && charge_.memory() != nullptr) file.charge.emplace(*charge_.memory(), of_file);
  return true;
}

FdTable::Entry* FdTable::find(int fd) {
  const auto entry = entries_.find(fd);
  return entry == entries_.end() ? nullptr : &entry->second;
}

const FdTable::Entry* FdTable::find(int fd) const {
  const auto entry = entries_.find(fd);
  return entry == entries_.end() ? nullptr : &entry->second;
}

// The table is as it will be before a file goes: that may wake others.
bool FdTable::close(int fd) {
  const auto closed = entries_.extract(fd);
  if (closed.empty()) return false;
  mark(fd, false);
  charge_.remove(kEntryBytes);
  if (closed.mapped().file) filp_close(*closed.mapped().file);
  return true;
}

void FdTable::close_on_exec() {
  std::vector<int> closed;
  for (const auto& [fd, entry] : entries_) {
    if (entry.close_on_exec) closed.push_back(fd);
  }
  for (const int fd : closed) close(fd);
}

FdTable::~FdTable() {
  for (const auto& [fd, entry] : entries_) {
    if (entry.file) entry.file->flush();
  }
  if (const auto locks = locks_.lock()) locks->release(this);
}

void FdTable::filp_close(File& file) const {
  file.flush();
  const auto locks = locks_.lock();
  if (locks == nullptr) return;
  if (const auto status = file.status()) locks->release(this, {status->device, status->inode});
}

}  // namespace trapline::kernel
