#include <algorithm>
#include <array>
#include <vector>

#include "emu/kernel/fs/directory.hpp"
#include "emu/kernel/fs/folder_watch.hpp"
#include "emu/kernel/fs/inotify.hpp"
#include "emu/kernel/fs/leases.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/task/task.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;

// fcntl(2) commands, asm-generic/fcntl.h
enum FcntlCommand : int {
  kFDupFd = 0,
  kFGetFd = 1,
  kFSetFd = 2,
  kFGetFl = 3,
  kFSetFl = 4,
  kFSetOwn = 8,
  kFGetOwn = 9,
  kFSetSig = 10,
  kFGetSig = 11,
  kFSetOwnEx = 15,
  kFGetOwnEx = 16,
  kFSetLease = 1024,
  kFGetLease = 1025,
  kFNotify = 1026,
  kFDupFdCloExec = 1030,
  kFSetPipeSize = 1031,
  kFGetPipeSize = 1032,
  kFAddSeals = 1033,
  kFGetSeals = 1034,
};
constexpr std::uint64_t kFdCloExec = 1;
constexpr std::uint64_t kSettable =
    kOAppend | kONonBlock | kOAsync | kONoATime;  // of what F_SETFL may change

// close_range(2) flags, linux/close_range.h
constexpr std::uint64_t kCloseRangeUnshare = 2;
constexpr std::uint64_t kCloseRangeCloExec = 4;

SyscallResult number(int fd) { return static_cast<std::uint64_t>(fd); }

SyscallResult duplicate(Syscall& call, const FileRef& file, bool close_on_exec, int from) {
  const auto fd = add_descriptor(call, file, close_on_exec, from);
  return fd ? number(*fd) : fd.error();
}

SyscallResult set_flags(Syscall& call, File& file) {
  const std::uint64_t settable = kSettable | differing(call.isa()).o_direct;
  if ((call.args[2] & kOAsync) != 0 && !file.asynchronous()) file.asynchronous_fd = call.integer(0);
  file.set_flags((file.flags() & ~settable) | (call.args[2] & settable));
  return std::uint64_t{0};
}

// Who asks first is who will be told (__f_setown()).
void own(Syscall& call, File& file) {
  if (file.owner.id == 0) file.owner = {File::Owner::Process, call.task.tgid(), file.owner.signal};
  file.asynchronous_fd = call.integer(0);
}

SyscallResult set_lease(Syscall& call, File& file) {
  if (file.leases() == nullptr) return Error{EINVAL};
  const SyscallResult done = file.leases()->set(file, call.args[2]);
  if (done && call.args[2] != Leases::kNone) own(call, file);
  return done;
}

// F_NOTIFY: DN_* of linux/fcntl.h.
SyscallResult notify_of_folder(Syscall& call, File& file) {
  struct Kind {
    std::uint32_t asked;
    std::uint32_t events;
  };
  constexpr std::array<Kind, 6> kKinds{{{0x1, kInAccess},
                                        {0x2, kInModify},
                                        {0x4, kInCreate | kInMovedTo},
                                        {0x8, kInDelete | kInMovedFrom},
                                        {0x10, kInMovedFrom},
                                        {0x20, kInAttrib}}};
  constexpr std::uint32_t kMultiShot = 0x80000000;
  auto* const folder = dynamic_cast<Directory*>(&file);
  if (folder == nullptr) return Error{ENOTDIR};
  const auto asked = static_cast<std::uint32_t>(call.args[2]);
  std::uint32_t events = 0;
  for (const Kind& kind : kKinds) events |= (asked & kind.asked) != 0 ? kind.events : 0;
  const auto status = file.status();
  if (!status) return status.error();
  if (events == 0) {
    folder->watch(nullptr);
    return 0;
  }
  own(call, file);
  folder->watch(make_folder_watch(call.kernel.signals(), call.kernel.file_system().watches(), file,
                                  {status->device, status->inode}, events, (asked & kMultiShot) != 0));
  return 0;
}

bool in_limit(const Syscall& call, int fd) { return fd >= 0 && fd < descriptor_limit(call); }

}  // namespace

Result<FileRef> any_file_argument(Syscall& call, unsigned n) {
  const auto* entry = call.task.files->find(call.integer(n));
  if (entry == nullptr) return Error{EBADF};
  return entry->file;
}

Result<FileRef> file_argument(Syscall& call, unsigned n) {
  auto file = any_file_argument(call, n);
  if (file && (*file)->path_only()) return Error{EBADF};
  return file;
}

int descriptor_limit(const Syscall& call) {
  return static_cast<int>(
      std::min<std::uint64_t>(call.task.process->limits[Resource::Files].soft, FdTable::kLimit));
}

Result<int> add_descriptor(Syscall& call, FileRef file, bool close_on_exec, int from) {
  return call.task.files->add(std::move(file), close_on_exec, from, descriptor_limit(call));
}

SyscallResult sys_close(Syscall& call) {
  enum ClosePhase : unsigned { kCloses, kFlushes };
  if (call.task.call.phase == kCloses) {
    if (call.task.kernel) call.task.kernel->flush.reset();
    if (!call.task.files->close(call.integer(0))) return Error{EBADF};
    if (!call.task.kernel || !call.task.kernel->flush) return std::uint64_t{0};
    call.task.call.phase = kFlushes;
    return Error{kSleeps};
  }
  // What guest code of the kernel said to it; the descriptor is gone in any case, so that there is nothing to
  // begin anew.
  const SyscallResult flushed = result_of_kernel_code(call.task.kernel->flush->value_or(0));
  call.task.kernel->flush.reset();
  const bool restarts = !flushed && flushed.error().number >= kErestartSys;
  return restarts ? SyscallResult(Error{EINTR}) : flushed;
}

SyscallResult sys_close_range(Syscall& call) {
  const auto first = static_cast<std::uint32_t>(call.args[0]);
  const auto last = static_cast<std::uint32_t>(call.args[1]);
  const std::uint64_t flags = call.args[2] & 0xffffffff;
  if ((flags & ~(kCloseRangeUnshare | kCloseRangeCloExec)) != 0 || first > last) return Error{EINVAL};
  if ((flags & kCloseRangeUnshare) != 0) {
    if (!call.task.files->can_copy()) return Error{ENOMEM};
    call.task.files = std::make_shared<FdTable>(*call.task.files);
  }
  FdTable& files = *call.task.files;
  std::vector<int> chosen;
  for (const auto& [fd, entry] : files.entries()) {
    if (static_cast<std::uint32_t>(fd) >= first && static_cast<std::uint32_t>(fd) <= last)
      chosen.push_back(fd);
  }
  for (const int fd : chosen) {
    if ((flags & kCloseRangeCloExec) != 0) {
      files.find(fd)->close_on_exec = true;
    } else {
      files.close(fd);
    }
  }
  return std::uint64_t{0};
}

SyscallResult sys_dup(Syscall& call) {
  const auto file = any_file_argument(call, 0);
  if (!file) return file.error();
  return duplicate(call, *file, false, 0);
}

SyscallResult sys_dup2(Syscall& call) {
  const auto file = any_file_argument(call, 0);
  const int to = call.integer(1);
  if (!file) return file.error();
  if (to == call.integer(0)) return number(to);
  if (!in_limit(call, to)) return Error{EBADF};
  if (const Status put = call.task.files->put(to, *file, false); !put) return put.error();
  return number(to);
}

SyscallResult sys_dup3(Syscall& call) {
  const std::uint64_t flags = call.args[2] & 0xffffffff;
  const int to = call.integer(1);
  if ((flags & ~kOCloExec) != 0 || to == call.integer(0)) return Error{EINVAL};
  const auto file = any_file_argument(call, 0);
  if (!file || !in_limit(call, to)) return Error{EBADF};
  if (const Status put = call.task.files->put(to, *file, flags != 0); !put) return put.error();
  return number(to);
}

SyscallResult sys_fcntl(Syscall& call) {
  FdTable::Entry* entry = call.task.files->find(call.integer(0));
  if (entry == nullptr) return Error{EBADF};
  const int command = call.integer(1);
  const FileRef file = entry->file;
  // open(2), O_PATH: what is about the descriptor alone works.
  constexpr std::array kOfDescriptor{kFDupFd, kFDupFdCloExec, kFGetFd, kFSetFd, kFGetFl};
  if (file->path_only() && std::ranges::find(kOfDescriptor, command) == kOfDescriptor.end())
    return Error{EBADF};
  if (const auto locked = lock_command(call, command, file)) return *locked;
  switch (command) {
    case kFDupFd:
    case kFDupFdCloExec:
      if (!in_limit(call, call.integer(2))) return Error{EINVAL};
      return duplicate(call, entry->file, command == kFDupFdCloExec, call.integer(2));
    case kFGetFd:
      return entry->close_on_exec ? kFdCloExec : 0;
    case kFSetFd:
      entry->close_on_exec = (call.args[2] & kFdCloExec) != 0;
      return std::uint64_t{0};
    case kFGetFl:
      return entry->file->flags();
    case kFSetFl:
      return set_flags(call, *file);
    case kFSetOwn:
      return set_owner(call, *entry->file);
    case kFGetOwn:
      return get_owner(*file);
    case kFSetOwnEx:
      return set_owner_ex(call, *file);
    case kFGetOwnEx:
      return get_owner_ex(call, *file);
    case kFSetSig:
      if (call.args[2] > static_cast<std::uint64_t>(kSignals)) return Error{EINVAL};
      file->owner.signal = call.integer(2);
      return std::uint64_t{0};
    case kFGetSig:
      return static_cast<std::uint64_t>(file->owner.signal);
    case kFSetLease:
      return set_lease(call, *file);
    case kFGetLease:
      return file->leases() == nullptr ? Leases::kNone : file->leases()->type_of(*file);
    case kFNotify:
      return notify_of_folder(call, *file);
    case kFAddSeals:
      return file->add_seals(call.args[2] & 0xffffffff);
    case kFGetSeals:
      return file->seals();
    case kFSetPipeSize:
      return entry->file->set_pipe_size(call.args[2] & 0xffffffff);
    case kFGetPipeSize:
      return entry->file->pipe_size();
    default:
      return Error{EINVAL};
  }
}

SyscallResult sys_ioctl(Syscall& call) {
  FdTable::Entry* entry = call.task.files->find(call.integer(0));
  if (entry == nullptr || entry->file->path_only()) return Error{EBADF};
  const std::uint64_t command = call.args[1] & 0xffffffff;
  const Differing codes = differing(call.isa());
  if (command == codes.fioclex || command == codes.fionclex) {
    entry->close_on_exec = command == codes.fioclex;
    return std::uint64_t{0};
  }
  const FileRef file = entry->file;
  if (command == codes.fionbio || command == codes.fioasync) {
    const auto on = call.mm().read_word(call.address(2), 4);
    if (!on) return Error{EFAULT};
    const std::uint64_t flag = command == codes.fionbio ? kONonBlock : kOAsync;
    if (flag == kOAsync && *on != 0 && !file->asynchronous()) file->asynchronous_fd = call.integer(0);
    file->set_flags((file->flags() & ~flag) | (*on != 0 ? flag : 0));
    return std::uint64_t{0};
  }
  return file->ioctl(call);
}

}  // namespace trapline::kernel
