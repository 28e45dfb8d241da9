// struct perf_event_attr in host form (perf_event_open(2), linux/perf_event.h).
#pragma once

#include <cstdint>

#include "emu/kernel/result.hpp"
#include "isa/address.hpp"

namespace trapline::kernel {

class Mm;

inline constexpr std::uint32_t kPerfTypeBreakpoint = 5;  // PERF_TYPE_BREAKPOINT

// HW_BREAKPOINT_*, linux/hw_breakpoint.h: bits of bp_type.
inline constexpr std::uint32_t kHwBreakpointEmpty = 0;
inline constexpr std::uint32_t kHwBreakpointR = 1;
inline constexpr std::uint32_t kHwBreakpointW = 2;
inline constexpr std::uint32_t kHwBreakpointX = 4;
inline constexpr std::uint32_t kHwBreakpointInvalid = kHwBreakpointR | kHwBreakpointW | kHwBreakpointX;

// PERF_FORMAT_*: what read(2) returns beside the count.
inline constexpr std::uint64_t kFormatTotalTimeEnabled = 1;
inline constexpr std::uint64_t kFormatTotalTimeRunning = 2;
inline constexpr std::uint64_t kFormatId = 4;
inline constexpr std::uint64_t kFormatGroup = 8;
inline constexpr std::uint64_t kFormatLost = 16;

struct PerfEventAttr {
  std::uint32_t type = kPerfTypeBreakpoint;
  std::uint64_t config = 0;
  std::uint64_t sample_period = 0;
  std::uint64_t sample_type = 0;
  std::uint64_t read_format = 0;
  bool disabled = false;
  bool inherit = false;
  bool pinned = false;
  bool exclusive = false;
  bool exclude_user = false;
  bool exclude_kernel = false;
  bool exclude_hv = false;
  std::uint64_t other_flags = 0;  // bits of the flag word beyond these, numbered from its first field on
  std::uint32_t bp_type = kHwBreakpointEmpty;
  isa::GuestVa bp_addr;
  std::uint64_t bp_len = 0;
};

// Reads the structure from user memory. E2BIG, with the size we know written back, where it has content
// beyond what we know; EINVAL for a size that no kernel ever had.
Result<PerfEventAttr> copy_perf_event_attr(Mm& mm, isa::GuestVa address);

}  // namespace trapline::kernel
