// struct rusage (getrusage(2)): of its sixteen fields, user time, memory and context switches are known.
#pragma once

#include <array>
#include <cstdint>

#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/task/process.hpp"
#include "emu/kernel/time_units.hpp"

namespace trapline::kernel {

// All time counts as user time: the model's kernel takes none. False: EFAULT.
inline bool write_rusage(Mm& mm, GuestVa address, const CpuUsage& usage, std::uint64_t peak_kilobytes = 0) {
  constexpr std::uint64_t kSize = 144;  // two timevals and fourteen longs
  constexpr std::uint64_t kMaxRss = 32, kVoluntary = 128, kInvoluntary = 136;
  const std::array<std::byte, kSize> zeros{};
  return mm.write(address, zeros) && mm.write_word(address, usage.time / kSecond, 8) &&
         mm.write_word(address + 8, usage.time % kSecond / 1000, 8) &&
         mm.write_word(address + kMaxRss, peak_kilobytes, 8) &&
         mm.write_word(address + kVoluntary, usage.voluntary_switches, 8) &&
         mm.write_word(address + kInvoluntary, usage.involuntary_switches, 8);
}

}  // namespace trapline::kernel
