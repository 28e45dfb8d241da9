// The bits of the x86-64 system registers and descriptors that bare machines know (Intel SDM vol.
// 3A, 2.3, 2.5 and 3.4.5).
#pragma once

#include <cstdint>

namespace trapline::machine {

inline constexpr std::uint64_t kReservedFlag = 1u << 1;  // of RFLAGS: reads 1
// Those of RFLAGS that exist, without VM, VIF and VIP.
inline constexpr std::uint64_t kModelledFlags = 0x257fd7;

namespace cr0 {
inline constexpr std::uint64_t kPe = 1u << 0;
inline constexpr std::uint64_t kNe = 1u << 5;
inline constexpr std::uint64_t kWp = 1u << 16;
inline constexpr std::uint64_t kPg = 1u << 31;
}  // namespace cr0

namespace cr4 {
inline constexpr std::uint64_t kDe = 1u << 3;
inline constexpr std::uint64_t kPae = 1u << 5;
inline constexpr std::uint64_t kOsfxsr = 1u << 9;
inline constexpr std::uint64_t kOsxmmexcpt = 1u << 10;
// VME, PVI, TSD, DE, PSE, PAE, MCE, PGE, PCE, OSFXSR, OSXMMEXCPT: the rest belongs to what is not there.
inline constexpr std::uint64_t kExisting = 0x7ff;
}  // namespace cr4

namespace efer {
inline constexpr std::uint64_t kSce = 1u << 0;
inline constexpr std::uint64_t kLme = 1u << 8;
inline constexpr std::uint64_t kLma = 1u << 10;
}  // namespace efer

namespace descriptor {

constexpr bool present(std::uint64_t value) { return (value >> 47 & 1) != 0; }
constexpr unsigned dpl(std::uint64_t value) { return static_cast<unsigned>(value >> 45 & 3); }
constexpr unsigned type(std::uint64_t value) { return static_cast<unsigned>(value >> 40 & 0x1f); }  // with S
constexpr bool code(std::uint64_t value) { return (type(value) & 0x18) == 0x18; }
constexpr bool writable_data(std::uint64_t value) { return (type(value) & 0x1a) == 0x12; }
constexpr bool readable(std::uint64_t value) {
  return (type(value) & 0x18) == 0x10 || (type(value) & 0x1a) == 0x1a;
}
constexpr bool conforming(std::uint64_t value) { return (type(value) & 0x1c) == 0x1c; }
constexpr bool long_mode(std::uint64_t value) { return (value >> 53 & 1) != 0; }

}  // namespace descriptor

}  // namespace trapline::machine
