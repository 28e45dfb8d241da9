// struct rusage (getrusage(2)): of its sixteen fields, user time and page faults of memory are known.
#pragma once

#include <array>
#include <cstdint>

#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel {

// `time` in nanoseconds. All of it counts as user time: the model's kernel takes none. False: EFAULT.
inline bool write_rusage(Mm& mm, GuestVa address, std::uint64_t time, std::uint64_t peak_kilobytes = 0) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  constexpr std::uint64_t kSize = 144;  // two timevals and fourteen longs
  constexpr std::uint64_t kMaxRss = 32;
  const std::array<std::byte, kSize> zeros{};
  return mm.write(address, zeros) && mm.write_word(address, time / kSecond, 8) &&
         mm.write_word(address + 8, time % kSecond / 1000, 8) &&
         mm.write_word(address + kMaxRss, peak_kilobytes, 8);
}

}  // namespace trapline::kernel
