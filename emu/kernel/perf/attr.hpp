// struct perf_event_attr in host form (perf_event_open(2), linux/perf_event.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "emu/kernel/result.hpp"
#include "isa/address.hpp"
#include "isa/isa.hpp"

namespace trapline::kernel {

class Mm;

// PERF_TYPE_*
inline constexpr std::uint32_t kPerfTypeSoftware = 1;
inline constexpr std::uint32_t kPerfTypeBreakpoint = 5;

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

// PERF_SAMPLE_*: what a sample holds.
inline constexpr std::uint64_t kSampleIp = 1u << 0;
inline constexpr std::uint64_t kSampleTid = 1u << 1;
inline constexpr std::uint64_t kSampleTime = 1u << 2;
inline constexpr std::uint64_t kSampleAddr = 1u << 3;
inline constexpr std::uint64_t kSampleRead = 1u << 4;
inline constexpr std::uint64_t kSampleCallchain = 1u << 5;
inline constexpr std::uint64_t kSampleId = 1u << 6;
inline constexpr std::uint64_t kSampleCpu = 1u << 7;
inline constexpr std::uint64_t kSamplePeriod = 1u << 8;
inline constexpr std::uint64_t kSampleStreamId = 1u << 9;
inline constexpr std::uint64_t kSampleRaw = 1u << 10;
inline constexpr std::uint64_t kSampleBranchStack = 1u << 11;
inline constexpr std::uint64_t kSampleRegsUser = 1u << 12;
inline constexpr std::uint64_t kSampleStackUser = 1u << 13;
inline constexpr std::uint64_t kSampleWeight = 1u << 14;
inline constexpr std::uint64_t kSampleDataSrc = 1u << 15;
inline constexpr std::uint64_t kSampleIdentifier = 1u << 16;
inline constexpr std::uint64_t kSampleTransaction = 1u << 17;
inline constexpr std::uint64_t kSampleRegsIntr = 1u << 18;
inline constexpr std::uint64_t kSamplePhysAddr = 1u << 19;
inline constexpr std::uint64_t kSampleAux = 1u << 20;
inline constexpr std::uint64_t kSampleCgroup = 1u << 21;
inline constexpr std::uint64_t kSampleDataPageSize = 1u << 22;
inline constexpr std::uint64_t kSampleCodePageSize = 1u << 23;
inline constexpr std::uint64_t kSampleWeightStruct = 1u << 24;
inline constexpr std::uint64_t kSampleMax = 1u << 25;

inline constexpr std::uint64_t kMaxSampleRate = 100'000;  // kernel.perf_event_max_sample_rate
inline constexpr std::uint32_t kMaxStack = 127;           // kernel.perf_event_max_stack

struct PerfEventAttr {
  std::uint32_t type = kPerfTypeBreakpoint;
  std::uint64_t config = 0;
  std::uint64_t sample_period = 0;  // with `freq` a frequency, in Hz
  std::uint64_t sample_type = 0;
  std::uint64_t read_format = 0;
  // The flag word, in the order of its fields.
  bool disabled = false;
  bool inherit = false;
  bool pinned = false;
  bool exclusive = false;
  bool exclude_user = false;
  bool exclude_kernel = false;
  bool exclude_hv = false;
  bool exclude_idle = false;
  bool mmap = false;
  bool comm = false;
  bool freq = false;
  bool inherit_stat = false;
  bool enable_on_exec = false;
  bool task = false;
  bool watermark = false;
  unsigned precise_ip = 0;
  bool mmap_data = false;
  bool sample_id_all = false;
  bool exclude_host = false;
  bool exclude_guest = false;
  bool exclude_callchain_kernel = false;
  bool exclude_callchain_user = false;
  bool mmap2 = false;
  bool comm_exec = false;
  bool use_clockid = false;
  bool context_switch = false;
  bool write_backward = false;
  bool namespaces = false;
  bool ksymbol = false;
  bool bpf_event = false;
  bool aux_output = false;
  bool cgroup = false;
  bool text_poke = false;
  bool build_id = false;
  bool inherit_thread = false;
  bool remove_on_exec = false;
  bool sigtrap = false;

  std::uint32_t wakeup = 0;  // wakeup_events, or with `watermark` wakeup_watermark in bytes
  std::uint32_t bp_type = kHwBreakpointEmpty;
  isa::GuestVa bp_addr;      // config1 of other types
  std::uint64_t bp_len = 0;  // config2 of other types
  std::uint64_t branch_sample_type = 0;
  std::uint64_t sample_regs_user = 0;  // masks of PERF_REG_*
  std::uint64_t sample_regs_intr = 0;
  std::uint32_t sample_stack_user = 0;  // bytes
  std::int32_t clockid = 0;
  std::uint32_t aux_watermark = 0;
  std::uint16_t sample_max_stack = kMaxStack;
  std::uint32_t aux_sample_size = 0;
  std::uint64_t sig_data = 0;

  std::uint32_t size = 0;  // of the structure as the program had it
  bool operator==(const PerfEventAttr&) const = default;

  bool sampling() const { return sample_period != 0; }      // is_sampling_event()
  int clock() const { return use_clockid ? clockid : -1; }  // of its records; -1: perf's own
};

// EINVAL for what no kind of event allows. `valid_registers`: those of sample_regs_user that the instruction
// set has.
Status check_perf_event_attr(const PerfEventAttr& attr, std::uint64_t valid_registers);

// The structure as it lies in memory, without any question asked.
inline constexpr std::size_t kPerfEventAttrSize = 128;  // PERF_ATTR_SIZE_VER7, Linux 5.13
PerfEventAttr decode_perf_event_attr(std::span<const std::byte, kPerfEventAttrSize> bytes, isa::Isa isa);

// Reads the structure from user memory. E2BIG, with the size we know written back, where it has content
// beyond what we know; EINVAL for a size that no kernel ever had, and for what no kind of event allows.
// `valid_registers`: those of sample_regs_user that the instruction set has.
Result<PerfEventAttr> copy_perf_event_attr(Mm& mm, isa::GuestVa address, std::uint64_t valid_registers);

}  // namespace trapline::kernel
