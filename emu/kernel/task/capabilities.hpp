// What a thread may do (capabilities(7)). Everybody is root of a user namespace, so all have them all, until
// they give some up.
#pragma once

#include <cstdint>

namespace trapline::kernel {

inline constexpr unsigned kLastCapability = 40;  // CAP_LAST_CAP: CAP_CHECKPOINT_RESTORE
inline constexpr std::uint64_t kAllCapabilities = (std::uint64_t{2} << kLastCapability) - 1;

// SECBIT_*, linux/securebits.h; the bit above each locks it.
inline constexpr std::uint32_t kNoRoot = 1u << 0;
inline constexpr std::uint32_t kKeepCaps = 1u << 4;
inline constexpr std::uint32_t kNoAmbientRaise = 1u << 6;  // SECBIT_NO_CAP_AMBIENT_RAISE

struct Capabilities {
  std::uint64_t effective = kAllCapabilities;
  std::uint64_t permitted = kAllCapabilities;
  std::uint64_t inheritable = 0;
  std::uint64_t bounding = kAllCapabilities;
  std::uint64_t ambient = 0;
};

}  // namespace trapline::kernel
