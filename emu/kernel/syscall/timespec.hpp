// Points and spans of time as guests pass them: 64-bit seconds, and nano- or microseconds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/time_units.hpp"

namespace trapline::kernel {

// What the wall clock shows when the machine is made: 2000-01-01 00:00:00 UTC, in nanoseconds.
inline constexpr std::uint64_t kWallClockStart = 946'684'800 * kSecond;
// Further than any run, and no overflow in nanoseconds.
inline constexpr std::uint64_t kLongestTime = (std::uint64_t{1} << 33) * kSecond;

// Nanoseconds. EFAULT; EINVAL for negative times and fractions that are none.
inline Result<std::uint64_t> read_time(Mm& mm, GuestVa address, std::uint64_t fractions) {
  const auto seconds = mm.read_word(address, 8);
  const auto fraction = mm.read_word(address + 8, 8);
  if (!seconds || !fraction) return Error{EFAULT};
  if (static_cast<std::int64_t>(*seconds) < 0 || *fraction >= fractions) return Error{EINVAL};
  return std::min(*seconds, kLongestTime / kSecond) * kSecond + *fraction * (kSecond / fractions);
}
inline Result<std::uint64_t> read_timespec(Mm& mm, GuestVa address) {
  return read_time(mm, address, kSecond);
}
inline Result<std::uint64_t> read_timeval(Mm& mm, GuestVa address) {
  return read_time(mm, address, 1'000'000);
}

inline bool write_time(Mm& mm, GuestVa address, std::uint64_t time, std::uint64_t fractions) {
  return mm.write_word(address, time / kSecond, 8) &&
         mm.write_word(address + 8, time % kSecond / (kSecond / fractions), 8);
}
inline bool write_timespec(Mm& mm, GuestVa address, std::uint64_t time) {
  return write_time(mm, address, time, kSecond);
}
inline bool write_timeval(Mm& mm, GuestVa address, std::uint64_t time) {
  return write_time(mm, address, time, 1'000'000);
}

}  // namespace trapline::kernel
