// Events of poll(2), asm-generic/poll.h; the same on both instruction sets.
#pragma once

#include <cstdint>

namespace trapline::isa::linux_abi {

inline constexpr std::uint32_t kPollIn = 0x001;
inline constexpr std::uint32_t kPollPri = 0x002;
inline constexpr std::uint32_t kPollOut = 0x004;
inline constexpr std::uint32_t kPollErr = 0x008;
inline constexpr std::uint32_t kPollHup = 0x010;
inline constexpr std::uint32_t kPollNval = 0x020;
inline constexpr std::uint32_t kPollRdNorm = 0x040;
inline constexpr std::uint32_t kPollRdBand = 0x080;
inline constexpr std::uint32_t kPollWrNorm = 0x100;
inline constexpr std::uint32_t kPollWrBand = 0x200;

}  // namespace trapline::isa::linux_abi
