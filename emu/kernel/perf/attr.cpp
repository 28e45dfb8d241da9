#include "emu/kernel/perf/attr.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emu/kernel/mm/mm.hpp"
#include "isa/byte_order.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint32_t kSizeVer0 = 64;  // PERF_ATTR_SIZE_VER0, Linux 2.6.31
constexpr std::uint32_t kSizeKnown = kPerfEventAttrSize;

// The flag word's fields of one bit, from the lowest; precise_ip is two bits of its own.
constexpr unsigned kPreciseIp = 15;
constexpr std::array<bool PerfEventAttr::*, 38> kFlags{
    &PerfEventAttr::disabled,
    &PerfEventAttr::inherit,
    &PerfEventAttr::pinned,
    &PerfEventAttr::exclusive,
    &PerfEventAttr::exclude_user,
    &PerfEventAttr::exclude_kernel,
    &PerfEventAttr::exclude_hv,
    &PerfEventAttr::exclude_idle,
    &PerfEventAttr::mmap,
    &PerfEventAttr::comm,
    &PerfEventAttr::freq,
    &PerfEventAttr::inherit_stat,
    &PerfEventAttr::enable_on_exec,
    &PerfEventAttr::task,
    &PerfEventAttr::watermark,
    nullptr,
    nullptr,
    &PerfEventAttr::mmap_data,
    &PerfEventAttr::sample_id_all,
    &PerfEventAttr::exclude_host,
    &PerfEventAttr::exclude_guest,
    &PerfEventAttr::exclude_callchain_kernel,
    &PerfEventAttr::exclude_callchain_user,
    &PerfEventAttr::mmap2,
    &PerfEventAttr::comm_exec,
    &PerfEventAttr::use_clockid,
    &PerfEventAttr::context_switch,
    &PerfEventAttr::write_backward,
    &PerfEventAttr::namespaces,
    &PerfEventAttr::ksymbol,
    &PerfEventAttr::bpf_event,
    &PerfEventAttr::aux_output,
    &PerfEventAttr::cgroup,
    &PerfEventAttr::text_poke,
    &PerfEventAttr::build_id,
    &PerfEventAttr::inherit_thread,
    &PerfEventAttr::remove_on_exec,
    &PerfEventAttr::sigtrap,
};

// The flag word is a C bit-field: its first field is the lowest bit on a little-endian ABI, and the highest
// on a big-endian one.
constexpr std::uint64_t in_field_order(std::uint64_t word, isa::Isa isa) {
  if (isa::byte_order(isa) == std::endian::little) return word;
  std::uint64_t reversed = 0;
  for (unsigned bit = 0; bit < 64; ++bit) reversed |= (word >> bit & 1) << (63 - bit);
  return reversed;
}

}  // namespace

// What no kind of event allows (perf_copy_attr, and the first of perf_event_open(2) itself).
Status check_perf_event_attr(const PerfEventAttr& attr, std::uint64_t valid_registers) {
  constexpr std::uint64_t kFormats =
      kFormatTotalTimeEnabled | kFormatTotalTimeRunning | kFormatId | kFormatGroup | kFormatLost;
  const auto samples = [&](std::uint64_t what) { return (attr.sample_type & what) != 0; };
  if ((attr.sample_type & ~(kSampleMax - 1)) != 0)
    return refused(EINVAL, "sample_type", "sample_type has bits that Linux 6.1 has no meaning for");
  if ((attr.read_format & ~kFormats) != 0)
    return refused(EINVAL, "read_format", "read_format has bits that Linux 6.1 has no meaning for");
  if (samples(kSampleBranchStack)) {
    constexpr std::uint64_t kKnownBranches = (1u << 19) - 1;
    constexpr std::uint64_t kPrivileges = 7;
    if ((attr.branch_sample_type & ~kKnownBranches) != 0 || (attr.branch_sample_type & ~kPrivileges) == 0)
      return refused(EINVAL, "branch_sample_type",
                     "branch_sample_type names no kind of branch, or an unknown one");
  }
  const auto valid_mask = [&](std::uint64_t mask) { return mask != 0 && (mask & ~valid_registers) == 0; };
  if (samples(kSampleRegsUser) && !valid_mask(attr.sample_regs_user)) {
    return refused(EINVAL, "sample_regs_user",
                   "sampling the user's registers wants sample_regs_user to name some, and none that the "
                   "instruction set does not have");
  }
  constexpr std::uint32_t kMostStack = 0xffff;
  if (samples(kSampleStackUser) &&
      (attr.sample_stack_user >= kMostStack || attr.sample_stack_user % 8 != 0)) {
    return refused(EINVAL, "sample_stack_user", [size = attr.sample_stack_user] {
      return fmt::format("sample_stack_user is a multiple of 8 below 65535, and {} is not", size);
    });
  }
  if (samples(kSampleRegsIntr) && !valid_mask(attr.sample_regs_intr)) {
    return refused(
        EINVAL, "sample_regs_intr",
        "sampling the interrupted registers wants sample_regs_intr to name some, and none that the "
        "instruction set does not have");
  }
  if (samples(kSampleWeight) && samples(kSampleWeightStruct))
    return refused(EINVAL, "sample_type", "a sample has a weight or a structure of weights, not both");
  if (attr.inherit_thread && !attr.inherit)
    return refused(EINVAL, "inherit_thread", "inherit_thread says which children inherit, and wants inherit");
  if (attr.remove_on_exec && attr.enable_on_exec) {
    return refused(EINVAL, "remove_on_exec",
                   "at execve(2) an event is removed (remove_on_exec) or enabled (enable_on_exec), not both");
  }
  if (attr.sigtrap && !attr.remove_on_exec) {
    return refused(
        EINVAL, "sigtrap",
        "sigtrap wants remove_on_exec: a program that execve(2) starts knows nothing of the signal");
  }
  // With `freq` the period is a frequency; else its top bit must be free.
  if (attr.freq && attr.sample_period > kMaxSampleRate) {
    return refused(EINVAL, "sample_freq", [freq = attr.sample_period] {
      return fmt::format(
          "a frequency is at most {} a second (kernel.perf_event_max_sample_rate), and {} is not",
          kMaxSampleRate, freq);
    });
  }
  if (!attr.freq && (attr.sample_period >> 63) != 0)
    return refused(EINVAL, "sample_period", "a period is less than 2 to the 63");
  return Done{};
}

PerfEventAttr decode_perf_event_attr(std::span<const std::byte, kPerfEventAttrSize> bytes, isa::Isa isa) {
  const std::endian order = isa::byte_order(isa);
  const auto field = [&](std::size_t at, std::size_t width) {
    return isa::load_word(bytes.subspan(at, width), order);
  };
  const auto u16 = [&](std::size_t at) { return static_cast<std::uint16_t>(field(at, 2)); };
  const auto u32 = [&](std::size_t at) { return static_cast<std::uint32_t>(field(at, 4)); };
  const auto u64 = [&](std::size_t at) { return field(at, 8); };

  // Offsets: include/uapi/linux/perf_event.h, struct perf_event_attr.
  PerfEventAttr attr;
  attr.type = u32(0);
  attr.config = u64(8);
  attr.sample_period = u64(16);
  attr.sample_type = u64(24);
  attr.read_format = u64(32);
  const std::uint64_t flags = in_field_order(u64(40), isa);
  for (std::size_t n = 0; n < kFlags.size(); ++n) {
    if (kFlags[n] != nullptr) attr.*kFlags[n] = (flags >> n & 1) != 0;
  }
  // A field of two bits: on a big-endian ABI its higher one comes first.
  const auto precise = static_cast<unsigned>(flags >> kPreciseIp & 3);
  attr.precise_ip = order == std::endian::little ? precise : (precise >> 1 | (precise & 1) << 1);
  attr.wakeup = u32(48);
  attr.bp_type = u32(52);
  attr.bp_addr = isa::GuestVa(u64(56));
  attr.bp_len = u64(64);
  attr.branch_sample_type = u64(72);
  attr.sample_regs_user = u64(80);
  attr.sample_stack_user = u32(88);
  attr.clockid = static_cast<std::int32_t>(u32(92));
  attr.sample_regs_intr = u64(96);
  attr.aux_watermark = u32(104);
  attr.sample_max_stack = u16(108);
  attr.aux_sample_size = u32(112);
  attr.sig_data = u64(120);
  if (attr.sample_max_stack == 0) attr.sample_max_stack = kMaxStack;
  return attr;
}

Result<PerfEventAttr> copy_perf_event_attr(Mm& mm, isa::GuestVa address, std::uint64_t valid_registers) {
  const auto size_field = mm.read_word(address + 4, 4);
  if (!size_field) return Error{EFAULT};
  const auto size = *size_field == 0 ? kSizeVer0 : static_cast<std::uint32_t>(*size_field);
  const auto too_big = [&] {
    (void)mm.write_word(address + 4, kSizeKnown, 4);
    return refused(E2BIG, "size", [] {
      return fmt::format(
          "struct perf_event_attr has {} to a page of bytes, and those beyond {} must be zero: "
          "Linux 6.1 does not know them",
          kSizeVer0, kSizeKnown);
    });
  };
  if (size < kSizeVer0 || size > mm.page_size()) return too_big();

  // What a program of an older ABI does not have is zero.
  std::array<std::byte, kSizeKnown> bytes{};
  // What lies beyond our own is looked at first, up to where there is something (copy_struct_from_user()).
  std::array<std::byte, 64> part{};
  for (std::uint32_t at = kSizeKnown; at < size;) {
    std::uint32_t here = std::min<std::uint32_t>(part.size(), size - at);
    if (!mm.read(address + at, std::span(part).first(here))) here = 1;
    if (here == 1 && !mm.read(address + at, std::span(part).first(1))) return Error{EFAULT};
    const auto read = std::span(part).first(here);
    if (std::ranges::any_of(read, [](std::byte b) { return b != std::byte{0}; })) return too_big();
    at += here;
  }
  if (!mm.read(address, std::span(bytes).first(std::min(size, kSizeKnown)))) return Error{EFAULT};

  PerfEventAttr attr = decode_perf_event_attr(bytes, mm.isa());
  attr.size = size;
  const auto word = [&](std::size_t at, std::size_t width) {
    return isa::load_word(std::span(bytes).subspan(at, width), isa::byte_order(mm.isa()));
  };
  constexpr std::size_t kFlagWord = 40;
  constexpr std::size_t kReserved2 = 110;
  constexpr std::size_t kReserved3 = 116;
  const std::uint64_t unknown_flags = in_field_order(word(kFlagWord, 8), mm.isa()) >> kFlags.size();
  if (unknown_flags != 0 || word(kReserved2, 2) != 0 || word(kReserved3, 4) != 0)
    return refused(EINVAL, "", "reserved bits of struct perf_event_attr are set");
  if (const Status valid = check_perf_event_attr(attr, valid_registers); !valid) return valid.error();
  return attr;
}

}  // namespace trapline::kernel
