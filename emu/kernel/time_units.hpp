// Spans of time that Linux counts in, in nanoseconds.
#pragma once

#include <cstdint>

namespace trapline::kernel {

inline constexpr std::uint64_t kSecond = 1'000'000'000;
inline constexpr std::uint64_t kJiffy = 4'000'000;       // CONFIG_HZ=250
inline constexpr std::uint64_t kClockTick = 10'000'000;  // of a clock_t: USER_HZ=100

}  // namespace trapline::kernel
