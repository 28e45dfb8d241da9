// Resource limits (getrlimit(2)).
#pragma once

#include <array>
#include <cstdint>

namespace trapline::kernel {

// RLIMIT_*, asm-generic/resource.h
enum class Resource : std::uint8_t {
  Cpu,
  FileSize,
  Data,
  Stack,
  Core,
  Rss,
  Processes,
  Files,
  LockedMemory,
  AddressSpace,
  Locks,
  PendingSignals,
  MessageQueues,
  Nice,
  RealTimePriority,
  RealTime,
};
inline constexpr unsigned kResources = static_cast<unsigned>(Resource::RealTime) + 1;

struct Limit {
  std::uint64_t soft;
  std::uint64_t hard;
};
inline constexpr std::uint64_t kNoLimit = ~0ull;  // RLIM_INFINITY

class Limits {
 public:
  Limit& operator[](Resource resource) { return limits_[static_cast<std::size_t>(resource)]; }
  const Limit& operator[](Resource resource) const { return limits_[static_cast<std::size_t>(resource)]; }

 private:
  // What the kernel gives its first process (INIT_RLIMITS), with the bounds of a machine that is shared.
  std::array<Limit, kResources> limits_{{
      {kNoLimit, kNoLimit},
      {kNoLimit, kNoLimit},
      {kNoLimit, kNoLimit},
      {8u << 20, kNoLimit},
      {0, kNoLimit},
      {kNoLimit, kNoLimit},
      {4096, 4096},
      {1024, 4096},
      {8u << 20, 8u << 20},
      {kNoLimit, kNoLimit},
      {kNoLimit, kNoLimit},
      {4096, 4096},
      {819200, 819200},
      {0, 0},
      {0, 0},
      {kNoLimit, kNoLimit},
  }};
};

}  // namespace trapline::kernel
