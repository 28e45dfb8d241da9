#include "emu/kernel/perf/attr.hpp"

#include <algorithm>
#include <array>

#include "emu/kernel/mm/mm.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint32_t kSizeVer0 = 64;    // PERF_ATTR_SIZE_VER0, Linux 2.6.31
constexpr std::uint32_t kSizeKnown = 128;  // PERF_ATTR_SIZE_VER7, Linux 5.13
constexpr std::uint32_t kPageSize = 4096;

// The flag word is a C bit-field: its first field is the lowest bit on a little-endian ABI, and the highest
// on a big-endian one.
constexpr std::uint64_t in_field_order(std::uint64_t word, isa::Isa isa) {
  if (isa::byte_order(isa) == std::endian::little) return word;
  std::uint64_t reversed = 0;
  for (unsigned bit = 0; bit < 64; ++bit) reversed |= (word >> bit & 1) << (63 - bit);
  return reversed;
}

}  // namespace

Result<PerfEventAttr> copy_perf_event_attr(Mm& mm, isa::GuestVa address) {
  const auto size_field = mm.read_word(address + 4, 4);
  if (!size_field) return Error{EFAULT};
  const auto size = *size_field == 0 ? kSizeVer0 : static_cast<std::uint32_t>(*size_field);
  const auto too_big = [&]() -> Error {
    return mm.write_word(address + 4, kSizeKnown, 4) ? Error{E2BIG} : Error{EFAULT};
  };
  if (size < kSizeVer0 || size > kPageSize) return too_big();

  std::array<std::byte, kPageSize> bytes{};
  if (!mm.read(address, std::span(bytes).first(size))) return Error{EFAULT};
  const auto beyond = std::span(bytes).subspan(kSizeKnown);
  if (std::ranges::any_of(beyond, [](std::byte b) { return b != std::byte{0}; })) return too_big();

  const std::endian order = isa::byte_order(mm.isa());
  const auto u32 = [&](std::size_t at) {
    return static_cast<std::uint32_t>(isa::load_word(std::span(bytes).subspan(at, 4), order));
  };
  const auto u64 = [&](std::size_t at) { return isa::load_word(std::span(bytes).subspan(at, 8), order); };

  // Offsets and the order of the flags: include/uapi/linux/perf_event.h, struct perf_event_attr.
  constexpr std::size_t kReserved2 = 110;  // and the fields' widths in bytes
  constexpr std::size_t kReserved3 = 116;
  if (isa::load_word(std::span(bytes).subspan(kReserved2, 2), order) != 0 || u32(kReserved3) != 0) {
    return Error{EINVAL};
  }
  const std::uint64_t flags = in_field_order(u64(40), mm.isa());
  const auto flag = [flags](unsigned n) { return (flags >> n & 1) != 0; };
  constexpr std::uint64_t kDecodedFlags = 0x7f;
  PerfEventAttr attr;
  attr.type = u32(0);
  attr.config = u64(8);
  attr.sample_period = u64(16);
  attr.sample_type = u64(24);
  attr.read_format = u64(32);
  attr.disabled = flag(0);
  attr.inherit = flag(1);
  attr.pinned = flag(2);
  attr.exclusive = flag(3);
  attr.exclude_user = flag(4);
  attr.exclude_kernel = flag(5);
  attr.exclude_hv = flag(6);
  attr.other_flags = flags & ~kDecodedFlags;
  // With `freq` the period is a frequency, bounded by kernel.perf_event_max_sample_rate; else its top bit
  // must be free.
  constexpr unsigned kFreq = 10;
  constexpr std::uint64_t kMaxSampleRate = 100'000;
  if (flag(kFreq) ? attr.sample_period > kMaxSampleRate : (attr.sample_period >> 63) != 0)
    return Error{EINVAL};
  constexpr unsigned kEnableOnExec = 12, kUseClockid = 25, kInheritThread = 35, kRemoveOnExec = 36,
                     kSigtrap = 37;
  if (flag(kInheritThread) && !attr.inherit) return Error{EINVAL};
  if (flag(kRemoveOnExec) && flag(kEnableOnExec)) return Error{EINVAL};
  if (flag(kSigtrap) && !flag(kRemoveOnExec)) return Error{EINVAL};
  constexpr std::array<std::uint32_t, 5> kClocks{0, 1, 4, 7,
                                                 11};  // REALTIME, MONOTONIC, MONOTONIC_RAW, BOOTTIME, TAI
  if (flag(kUseClockid) && std::ranges::find(kClocks, u32(92)) == kClocks.end()) return Error{EINVAL};
  constexpr std::uint64_t kKnownSamples = (1u << 25) - 1;
  constexpr std::uint64_t kBranchStack = 1u << 11;
  constexpr std::uint64_t kBranchesWithoutPrivilege = ~std::uint64_t{7};
  if ((attr.sample_type & ~kKnownSamples) != 0) return Error{EINVAL};
  if ((attr.sample_type & kBranchStack) != 0) {
    // Which branches has to be said; and a breakpoint has none to show.
    return (u64(72) & kBranchesWithoutPrivilege) == 0 ? Error{EINVAL} : Error{EOPNOTSUPP};
  }
  attr.bp_type = u32(52);
  attr.bp_addr = isa::GuestVa(u64(56));
  attr.bp_len = u64(64);
  return attr;
}

}  // namespace trapline::kernel
