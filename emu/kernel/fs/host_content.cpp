#include "emu/kernel/fs/host_content.hpp"

#include <sys/stat.h>

#include <limits>

namespace trapline::kernel {

namespace {

// It is read and not mapped: a host's file that is cut off meanwhile would be a SIGBUS of our own.
class HostContent final : public FileContent {
 public:
  explicit HostContent(HostFd fd) : fd_(std::move(fd)) {}

  std::uint64_t size() const override {
    struct stat host {};
    return ::fstat(fd_.get(), &host) == 0 ? static_cast<std::uint64_t>(host.st_size) : 0;
  }

  Result<std::uint64_t> read(std::uint64_t offset, std::span<std::byte> out) const override {
    std::uint64_t done = 0;
    while (done < out.size()) {
      constexpr auto kMost = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
      if (offset > kMost - done) break;
      const auto part = host_result([&] {
        return ::pread(fd_.get(), out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
      });
      if (!part) return part;
      if (*part == 0) break;
      done += *part;
    }
    return done;
  }

 private:
  HostFd fd_;
};

}  // namespace

FileBytes host_content(HostFd fd) { return std::make_shared<const HostContent>(std::move(fd)); }

}  // namespace trapline::kernel
