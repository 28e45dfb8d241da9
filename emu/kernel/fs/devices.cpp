#include "emu/kernel/fs/devices.hpp"

#include <algorithm>
#include <memory>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

// Their position always reads as 0, and an offset is taken and ignored.
class MemoryDevice : public File {
 public:
  MemoryDevice(std::string name, std::uint64_t flags, const FileStatus& status)
      : File(std::move(name), flags), status_(status) {}

  SyscallResult pread(std::span<std::byte> out, std::uint64_t) final { return read(out); }
  SyscallResult pwrite(std::span<const std::byte> bytes, std::uint64_t) final { return write(bytes); }
  SyscallResult seek(std::int64_t, Whence) final { return std::uint64_t{0}; }
  Result<FileStatus> status() const final { return status_; }
  SyscallResult write(std::span<const std::byte> bytes) override { return bytes.size(); }

 private:
  FileStatus status_;
};

class Null final : public MemoryDevice {
 public:
  using MemoryDevice::MemoryDevice;
  SyscallResult read(std::span<std::byte>) override { return std::uint64_t{0}; }
};

class Zero : public MemoryDevice {
 public:
  using MemoryDevice::MemoryDevice;
  SyscallResult read(std::span<std::byte> out) final {
    std::ranges::fill(out, std::byte{0});
    return out.size();
  }
};

class Full final : public Zero {
 public:
  using Zero::Zero;
  SyscallResult write(std::span<const std::byte>) override { return Error{ENOSPC}; }
};

// SplitMix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
class SplitMix64 {
 public:
  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

 private:
  std::uint64_t state_ = 0;
};

class Random final : public MemoryDevice {
 public:
  using MemoryDevice::MemoryDevice;
  // random(4): how many bits the pool holds; to change it takes rights that nobody has.
  SyscallResult ioctl(Syscall& call) override {
    enum : std::uint64_t { kAddCount = 1, kAddEntropy = 3, kZero = 4, kClear = 6, kReseed = 7 };
    constexpr std::uint64_t kBits = 256;  // POOL_BITS
    const std::uint64_t command = call.args[1] & 0xffffffff;
    if (command ==
        isa::linux_abi::io_code(call.isa(), isa::linux_abi::IoDirection::Read, 'R', 0, 4))  // RNDGETENTCNT
      return call.mm().write_word(call.address(2), kBits, 4) ? SyscallResult(std::uint64_t{0})
                                                             : Error{EFAULT};
    const std::uint64_t number = command & 0xff;
    const bool changes =
        (command >> 8 & 0xff) == 'R' && (number == kAddCount || number == kAddEntropy || number == kZero ||
                                         number == kClear || number == kReseed);
    return changes ? Error{EPERM} : Error{EINVAL};
  }
  std::uint64_t cost_of(std::uint64_t bytes) const override { return bytes / costs::kRandomBytes; }
  SyscallResult read(std::span<std::byte> out) override {
    const std::size_t size = out.size();
    while (!out.empty()) {
      if (left_ == 0) {
        for (; out.size() >= sizeof word_; out = out.subspan(sizeof word_))
          isa::store_word(out.first(sizeof word_), generator_.next(), std::endian::little);
        if (out.empty()) break;
        word_ = generator_.next();
        left_ = sizeof word_;
      }
      out.front() = static_cast<std::byte>(word_);
      out = out.subspan(1);
      word_ >>= 8;
      --left_;
    }
    return size;
  }

 private:
  SplitMix64 generator_;
  std::uint64_t word_ = 0;
  std::size_t left_ = 0;  // bytes of `word_` not yet given out: how reads are cut does not show
};

}  // namespace

FileRef make_null(std::string name, std::uint64_t flags, const FileStatus& status) {
  return std::make_shared<Null>(std::move(name), flags, status);
}
FileRef make_zero(std::string name, std::uint64_t flags, const FileStatus& status) {
  return std::make_shared<Zero>(std::move(name), flags, status);
}
FileRef make_full(std::string name, std::uint64_t flags, const FileStatus& status) {
  return std::make_shared<Full>(std::move(name), flags, status);
}
FileRef make_random(std::string name, std::uint64_t flags, const FileStatus& status) {
  return std::make_shared<Random>(std::move(name), flags, status);
}

}  // namespace trapline::kernel
