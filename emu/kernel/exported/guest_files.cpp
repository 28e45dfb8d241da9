#include "emu/kernel/exported/guest_files.hpp"

#include <algorithm>
#include <utility>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/poll.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kOperations = 8;         // struct file, f_op
constexpr std::uint64_t kMode = 36;              // struct file, f_mode
constexpr std::uint64_t kHasPositions = 4;       // FMODE_LSEEK
constexpr std::uint64_t kPosition = 24;          // struct file, f_pos
constexpr std::uint64_t kMostInCall = 1U << 16;  // bytes that go to or from a file in one call

// struct file_operations
namespace operations {
constexpr std::uint64_t kReadIter = 32;
constexpr std::uint64_t kWriteIter = 40;
constexpr std::uint64_t kPoll = 48;
constexpr std::uint64_t kFlush = 88;
}  // namespace operations

class GuestFile final : public File {
 public:
  GuestFile(GuestFiles& files, GuestVa file, std::string name, std::uint64_t flags, const FileStatus& status)
      : File(std::move(name), flags), files_(files), file_(file), status_(status) {}
  ~GuestFile() override { files_.release(file_, flushes_); }
  GuestFile(const GuestFile&) = delete;
  GuestFile& operator=(const GuestFile&) = delete;

  SyscallResult read(std::span<std::byte> out) override { return read_at(out, kOwnPosition); }
  SyscallResult write(std::span<const std::byte> bytes) override { return write_at(bytes, kOwnPosition); }
  SyscallResult pread(std::span<std::byte> out, std::uint64_t offset) override {
    // Asked of nothing, it says whether this can be done.
    return out.empty() ? SyscallResult(std::uint64_t{0}) : read_at(out, offset);
  }
  SyscallResult pwrite(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return bytes.empty() ? SyscallResult(std::uint64_t{0}) : write_at(bytes, offset);
  }
  SyscallResult seek(std::int64_t offset, Whence whence) override {
    // Where it is, is known without asking.
    if (offset == 0 && whence == Whence::Current) {
      if ((files_.space().read_word(file_ + kMode, 4).value_or(0) & kHasPositions) == 0) return Error{ESPIPE};
      return files_.space().read_word(file_ + kPosition).value_or(0);
    }
    return call("vfs_llseek",
                {file_.value, static_cast<std::uint64_t>(offset), static_cast<std::uint64_t>(whence)});
  }
  SyscallResult ioctl(Syscall& call_) override {
    return call("vfs_ioctl", {file_.value, call_.args[1], call_.args[2]});
  }
  Result<FileStatus> status() const override { return status_; }
  SyscallResult poll_by(Task& who, std::uint32_t wanted) override {
    if (!has(operations::kPoll)) return poll_events();
    return files_.poll(who, shared_from_this(), file_, wanted);
  }
  WaitQueue* poll_queue_for(Task& who) override {
    return who.kernel && who.kernel->poll ? &GuestFiles::poll_queue(who) : nullptr;
  }
  void flush() override {
    if (has(operations::kFlush) && !files_.flush(file_)) ++flushes_;
  }
  // As Linux has it where a file's operations are of the later kind.
  bool splices_from() const override { return has(operations::kReadIter); }
  bool splices_to() const override { return has(operations::kWriteIter); }
  void set_position(std::uint64_t position) override {
    (void)files_.space().write_word(file_ + kPosition, position);
  }
  bool stream() const override { return true; }

 private:
  static constexpr std::uint64_t kOwnPosition = ~std::uint64_t{0};

  bool has(std::uint64_t operation) const {
    const GuestVa all(files_.space().read_word(file_ + kOperations).value_or(0));
    return files_.space().read_word(all + operation).value_or(0) != 0;
  }
  SyscallResult read_at(std::span<std::byte> out, std::uint64_t offset) {
    const auto some = out.first(std::min<std::uint64_t>(out.size(), kMostInCall));
    return call("__vfs_read", {file_.value, 0, some.size(), offset}, some, {});
  }
  SyscallResult write_at(std::span<const std::byte> bytes, std::uint64_t offset) {
    const auto some = bytes.first(std::min<std::uint64_t>(bytes.size(), kMostInCall));
    return call("__vfs_write", {file_.value, 0, some.size(), offset}, {}, some);
  }
  SyscallResult call(std::string_view function, std::vector<std::uint64_t> arguments,
                     std::span<std::byte> out = {}, std::span<const std::byte> in = {}) {
    Task* const task = files_.current();
    if (task == nullptr) return Error{EIO};
    return files_.call(*task, {this, function, std::move(arguments), out, in});
  }

  GuestFiles& files_;
  GuestVa file_;
  FileStatus status_;
  unsigned flushes_ = 0;  // that its function has not been told of
};

}  // namespace

GuestFiles::GuestFiles(Kernel& kernel, KernelCode& code) : kernel_(kernel), code_(code) {}

Task* GuestFiles::current() const {
  const auto cpu = kernel_.scheduler().active_cpu();
  return cpu ? kernel_.scheduler().running(*cpu) : nullptr;
}

Status GuestFiles::add(std::string path, std::uint32_t mode, GuestVa inode) {
  constexpr std::uint32_t kPermissions = 07777;
  constexpr std::uint64_t kRdev = 4;
  // A device's number, as struct inode has it: 12 bits of major, 20 of minor.
  const std::uint64_t rdev = space().read_word(inode + kRdev, 4).value_or(0);
  const bool device = (mode & isa::linux_abi::kSIfMt) == isa::linux_abi::kSIfChr;
  const auto number = device ? isa::linux_abi::device_number(static_cast<unsigned>(rdev >> 20),
                                                             static_cast<unsigned>(rdev & 0xfffff))
                             : 0;
  return kernel_.file_system().made().add(
      std::move(path),
      {.content = MadeDevice{.open =
                                 [this, inode](Task& task, const MadeDevice::Request& request) {
                                   return open(task, inode, request);
                                 },
                             .number = number},
       .permissions = mode & kPermissions});
}

Result<FileRef> GuestFiles::open(Task& task, GuestVa inode, const MadeDevice::Request& request) {
  const SyscallResult file = call(task, {this, "vfs_open", {inode.value, request.asked}});
  if (!file) return file.error();
  return FileRef(
      std::make_shared<GuestFile>(*this, GuestVa(*file), request.name, request.flags, request.status));
}

SyscallResult GuestFiles::call(Task& task, const Request& request) {
  KernelContext& context = code_.context_of(task);
  if (context.awaited && context.awaited->who == request.who) {
    const AwaitedCall done = *context.awaited;
    if (!done.result) return Error{kSleeps};
    context.awaited.reset();
    const SyscallResult result = result_of_kernel_code(*done.result);
    if (result && !request.out.empty())
      (void)space().read(done.buffer,
                         request.out.first(std::min<std::uint64_t>(*result, request.out.size())));
    if (done.buffer.value != 0) (void)space().kfree(done.buffer);
    return result;
  }
  const auto function = kernel_.kernel_half().modules().resolve(std::string(request.function));
  if (!function || context.awaited) return Error{EIO};
  AwaitedCall awaited{.who = request.who};
  std::vector<KernelCall::Argument> arguments(request.arguments.begin(), request.arguments.end());
  const std::size_t bytes = std::max(request.out.size(), request.in.size());
  if (bytes != 0) {
    awaited.buffer = space().kmalloc(bytes);
    if (awaited.buffer.value == 0) return Error{ENOMEM};
    awaited.size = bytes;
    (void)space().write(awaited.buffer, request.in);
    arguments.at(1) = awaited.buffer.value;
  }
  context.awaited = awaited;
  code_.call(task, {.function = *function,
                    .arguments = std::move(arguments),
                    .reason = std::string(request.function),
                    .returned = [&context](std::uint64_t result) {
                      if (context.awaited) context.awaited->result = result;
                    }});
  return Error{kSleeps};
}

void GuestFiles::run(std::vector<KernelCall> calls) {
  if (ended_) return;
  Task* task = current();
  const bool ending = task == nullptr || !task->alive() || task->step == Step::ExitReported;
  if (ending) {
    const Result<Task*> made = kernel_.lifecycle().kernel_thread("kworker/0:1", 0);
    if (!made) return;
    task = *made;
    kernel_.kernel_half().variables().task_made();
    calls.back().returned = [this, task](std::uint64_t) { kernel_.lifecycle().begin_exit(*task, {}); };
  }
  for (KernelCall& call : calls) code_.call(*task, std::move(call));
  if (ending) kernel_.scheduler().wake_up_new(*task);
}

bool GuestFiles::flush(GuestVa file) {
  Task* const task = current();
  if (ended_ || task == nullptr || !task->alive() || task->step == Step::ExitReported) return false;
  const auto function = kernel_.kernel_half().modules().resolve("filp_flush");
  if (!function) return true;
  KernelContext& context = code_.context_of(*task);
  context.flush.emplace();
  code_.call(*task, {.function = *function,
                     .arguments = {file.value},
                     .reason = "a descriptor that is closed",
                     .returned = [&context](std::uint64_t result) {
                       if (context.flush) *context.flush = result;
                     }});
  return true;
}

void GuestFiles::release(GuestVa file, unsigned flushes) {
  const auto flush = kernel_.kernel_half().modules().resolve("filp_flush");
  const auto function = kernel_.kernel_half().modules().resolve("__fput");
  if (!function || !flush) return;
  std::vector<KernelCall> calls(
      flushes, {.function = *flush, .arguments = {file.value}, .reason = "a descriptor that is closed"});
  calls.push_back({.function = *function, .arguments = {file.value}, .reason = "the release of a file"});
  run(std::move(calls));
}

// --- poll(2) (fs/select.c) ---

SyscallResult GuestFiles::poll(Task& task, const FileRef& self, GuestVa file, std::uint32_t wanted) {
  KernelContext& context = code_.context_of(task);
  if (!context.poll) {
    constexpr std::uint64_t kTableSize = 64;  // struct poll_wqueues of the library's
    const GuestVa table = space().kmalloc(kTableSize);
    if (table.value == 0) return isa::linux_abi::kPollErr;
    context.poll = std::make_unique<PollInKernelCode>();
    context.poll->table = table;
  }
  const auto [at, fresh] = context.poll->files.try_emplace(self.get());
  PollInKernelCode::Asked& asked = at->second;
  if (fresh) asked.file = self;
  if (asked.events) return *asked.events;
  if (asked.asking) return Error{kSleeps};
  const auto function = kernel_.kernel_half().modules().resolve("__vfs_poll");
  if (!function) return isa::linux_abi::kPollErr;
  asked.asking = true;
  code_.call(task, {.function = *function,
                    .arguments = {file.value, context.poll->table.value, wanted, fresh ? 1ULL : 0ULL},
                    .reason = "poll(2) of a file",
                    .returned = [&asked](std::uint64_t result) {
                      asked.asking = false;
                      asked.events = static_cast<std::uint32_t>(result);
                    }});
  return Error{kSleeps};
}

WaitQueue& GuestFiles::poll_queue(Task& task) { return task.kernel->poll->queue; }

bool GuestFiles::sleeps_in_poll(Task& task) {
  PollInKernelCode& poll = *task.kernel->poll;
  for (auto& [file, asked] : poll.files) asked.events.reset();
  return !std::exchange(poll.woken, false);
}

void GuestFiles::end_poll(Task& task) {
  const auto poll = std::move(task.kernel->poll);
  const auto function = kernel_.kernel_half().modules().resolve("__poll_freewait");
  if (!function) return;
  code_.call(task, {.function = *function, .arguments = {poll->table.value}, .reason = "the end of poll(2)"});
}

void GuestFiles::wake_poll(Task& task) {
  if (!task.kernel || !task.kernel->poll) return;
  PollInKernelCode& poll = *task.kernel->poll;
  poll.woken = poll.queue.empty();
  poll.queue.wake_all();
}

}  // namespace trapline::kernel
