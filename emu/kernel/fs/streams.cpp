// The standard streams of a guest: descriptors of ours, or text.
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

#include "emu/kernel/fs/file_system.hpp"
#include "emu/kernel/fs/host.hpp"
#include "emu/kernel/fs/host_root.hpp"
#include "emu/kernel/fs/terminal.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/linux/constants.hpp"
#include "isa/linux/stat_layout.hpp"

namespace trapline::kernel {

namespace {

using isa::linux_abi::device_number;
using isa::linux_abi::kSIfChr;
using isa::linux_abi::kSIfIfo;
using isa::linux_abi::kSIfMt;
using isa::linux_abi::kSIfReg;

// admin-guide/devices.rst: the first Unix98 terminal, and /dev/null for what is a device and no terminal.
constexpr std::uint64_t kTerminal = device_number(136, 0);
constexpr std::uint64_t kOtherDevice = device_number(1, 3);

// The same number for descriptors of the same host file, as `cat <f >>f` wants to know, and never the host's
// own.
std::uint64_t stream_inode(int host_fd, const HostStatus& status) {
  for (int fd = 0; fd < std::min(host_fd, 3); ++fd) {
    const auto other = host_status(fd);
    if (other && other->device == status.device && other->inode == status.inode) {
      return static_cast<std::uint64_t>(fd) + 1;
    }
  }
  return static_cast<std::uint64_t>(host_fd) + 1;
}

class HostStream final : public File {
 public:
  HostStream(int fd, std::string name, std::uint64_t flags) : File(std::move(name), flags), fd_(fd) {
    const auto status = host_status(fd);
    type_ = status ? status->mode & kSIfMt : kSIfChr;
  }

  SyscallResult read(std::span<std::byte> out) override {
    return host_result([&] { return ::read(fd_, out.data(), out.size()); });
  }
  SyscallResult write(std::span<const std::byte> bytes) override {
    return host_result([&] { return ::write(fd_, bytes.data(), bytes.size()); });
  }
  SyscallResult pread(std::span<std::byte> out, std::uint64_t offset) override {
    return host_result([&] { return ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset)); });
  }
  SyscallResult pwrite(std::span<const std::byte> bytes, std::uint64_t offset) override {
    return host_result([&] { return ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset)); });
  }
  SyscallResult seek(std::int64_t offset, Whence whence) override {
    constexpr std::array kHow{SEEK_SET, SEEK_CUR, SEEK_END, SEEK_DATA, SEEK_HOLE};
    return host_result([&] { return ::lseek(fd_, offset, kHow[static_cast<std::size_t>(whence)]); });
  }

  Result<FileStatus> status() const override {
    const auto host = host_status(fd_);
    if (!host) return host.error();
    FileStatus status{.device = kStreamDevice, .inode = stream_inode(fd_, *host), .mode = type_ | 0600};
    if (type_ == kSIfReg) {
      status.mode = host->guest_mode();
      status.size = host->size;
    } else if (type_ == kSIfChr) {
      status.mode = type_ | (terminal() ? 0620 : 0666);
      status.special_device = terminal() ? kTerminal : kOtherDevice;
      status.block_size = 1024;
    }
    return status;
  }

  SyscallResult ioctl(Syscall& call) override {
    if ((call.args[1] & 0xffffffff) == isa::linux_abi::differing(call.isa()).fionread) {
      int bytes = 0;
      auto done = host_result([&] { return ::ioctl(fd_, FIONREAD, &bytes); });
      if (!done) return done;
      if (!call.mm().write_word(call.address(2), static_cast<std::uint64_t>(bytes), 4)) return Error{EFAULT};
      return done;
    }
    return terminal() ? terminal_ioctl(call) : Error{ENOTTY};
  }

  bool stream() const override { return type_ != kSIfReg; }

 private:
  bool terminal() const { return type_ == kSIfChr && ::isatty(fd_) == 1; }

  int fd_;
  std::uint32_t type_;
};

// Pipes, as far as the guest can tell.
class InputText final : public File {
 public:
  explicit InputText(std::string text) : File("pipe:[1]", 0), text_(std::move(text)) {}

  SyscallResult read(std::span<std::byte> out) override {
    const auto part = std::string_view(text_).substr(position_, out.size());
    std::ranges::transform(part, out.begin(), [](char c) { return static_cast<std::byte>(c); });
    position_ += part.size();
    return part.size();
  }
  Result<FileStatus> status() const override {
    return FileStatus{.device = kStreamDevice, .inode = 1, .mode = kSIfIfo | 0600};
  }
  bool stream() const override { return true; }

 private:
  std::string text_;
  std::size_t position_ = 0;
};

class CapturedOutput final : public File {
 public:
  CapturedOutput(std::string name, std::function<bool(std::string_view)> sink)
      : File(std::move(name), isa::linux_abi::kOWrOnly), sink_(std::move(sink)) {}

  SyscallResult write(std::span<const std::byte> bytes) override {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!sink_(text)) return Error{EFBIG};
    return bytes.size();
  }
  Result<FileStatus> status() const override {
    return FileStatus{.device = kStreamDevice, .inode = 2, .mode = kSIfIfo | 0600};
  }
  bool stream() const override { return true; }

 private:
  std::function<bool(std::string_view)> sink_;
};

}  // namespace

FileRef host_stream(int host_fd, std::string name, std::uint64_t flags) {
  return std::make_shared<HostStream>(host_fd, std::move(name), flags);
}

FileRef input_text(std::string text) { return std::make_shared<InputText>(std::move(text)); }

FileRef captured_output(std::string name, std::function<bool(std::string_view)> sink) {
  return std::make_shared<CapturedOutput>(std::move(name), std::move(sink));
}

}  // namespace trapline::kernel
