// Descriptors of the host and their errors.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class HostFd {
 public:
  HostFd() = default;
  explicit HostFd(int fd) : fd_(fd) {}
  HostFd(HostFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  HostFd& operator=(HostFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~HostFd() {
    if (fd_ >= 0) ::close(fd_);
  }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  // A path to the very file, whatever becomes of its names: proc(5), /proc/pid/fd.
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_ = -1;
};

inline Error host_error() { return Error{errno}; }

// Repeats a host call that a signal interrupted, and makes a guest's result of its own.
template <class Call>
SyscallResult host_result(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0) return static_cast<std::uint64_t>(result);
    if (errno != EINTR) return host_error();
  }
}

}  // namespace trapline::kernel
