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

constexpr std::uint64_t kMode = 36;              // struct file, f_mode
constexpr std::uint64_t kHasPositions = 4;       // FMODE_LSEEK
constexpr std::uint64_t kPosition = 24;          // struct file, f_pos
constexpr std::uint64_t kMostInCall = 1U << 16;  // bytes that go to or from a file in one call

class GuestFile final : public File {
 public:
  GuestFile(GuestFiles& files, GuestVa file, std::string name, std::uint64_t flags, const FileStatus& status)
      : File(std::move(name), flags), files_(files), file_(file), status_(status) {}
  ~GuestFile() override { files_.release(file_); }
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
  std::uint32_t poll_events() override {
    return isa::linux_abi::kPollIn | isa::linux_abi::kPollOut | isa::linux_abi::kPollRdNorm |
           isa::linux_abi::kPollWrNorm;
  }
  bool stream() const override { return true; }

 private:
  static constexpr std::uint64_t kOwnPosition = ~std::uint64_t{0};

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

void GuestFiles::release(GuestVa file) {
  if (ended_) return;
  const auto function = kernel_.kernel_half().modules().resolve("__fput");
  if (!function) return;
  KernelCall call{.function = *function, .arguments = {file.value}, .reason = "the release of a file"};
  Task* const task = current();
  if (task != nullptr && task->alive() && task->step != Step::ExitReported)
    return code_.call(*task, std::move(call));
  // Of a task that ends the kernel takes it over (delayed_fput()).
  const Result<Task*> made = kernel_.lifecycle().kernel_thread("kworker/0:1", 0);
  if (!made) return;
  Task& worker = **made;
  call.returned = [this, &worker](std::uint64_t) { kernel_.lifecycle().begin_exit(worker, {}); };
  code_.call(worker, std::move(call));
  kernel_.scheduler().wake_up_new(worker);
}

}  // namespace trapline::kernel
