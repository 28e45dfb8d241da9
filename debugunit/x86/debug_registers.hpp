// The x86 debug registers DR0–DR3, DR6 and DR7 and their comparator: the base form that every x86-64
// processor has, and the bits that transactional memory (RTM) and bus-lock detection add.
//
// Sources: Intel SDM vol. 3B sections 17.2.1–17.2.6 (as numbered from 2010 to 2022; now chapter 18 or 19);
// AMD APM vol. 2 section 13.1. Section numbers below are the SDM's.
//
// The instructions that access them: mov_dr.hpp. Not here, because it belongs to the processor that asks:
// RFLAGS.RF and TF, and clearing L0–L3 at a hardware task switch, which 64-bit mode has not.
#pragma once

#include <array>

#include "debugunit/debug_unit.hpp"

namespace trapline::debugunit::x86 {

inline constexpr unsigned kSlots = 4;  // DR0–DR3

// DR6, the debug status register (17.2.3).
namespace dr6 {

constexpr std::uint64_t b(unsigned n) { return std::uint64_t{1} << n; }  // Bn: the condition of DRn was met

// A bus lock was detected: alone among these it says so with 0.
inline constexpr std::uint64_t kBld = std::uint64_t{1} << 11;
inline constexpr std::uint64_t kBd = std::uint64_t{1} << 13;  // a debug register was accessed under DR7.GD
inline constexpr std::uint64_t kBs = std::uint64_t{1} << 14;  // single step
inline constexpr std::uint64_t kBt = std::uint64_t{1} << 15;  // task switch
// The exception came inside a transactional region: likewise with 0.
inline constexpr std::uint64_t kRtm = std::uint64_t{1} << 16;

inline constexpr std::uint64_t kWritable = b(0) | b(1) | b(2) | b(3) | kBd | kBs | kBt;
// Bits 4–11 and 16–31, of which BLD and RTM are fixed only without their features; bit 12 and 32–63 are 0.
inline constexpr std::uint64_t kFixedOnes = 0xFFFF0FF0;
inline constexpr std::uint64_t kReset = kFixedOnes;  // SDM vol. 3A, processor state after reset

}  // namespace dr6

// DR7, the debug control register (17.2.4).
namespace dr7 {

enum class Rw : std::uint8_t {
  Execute = 0b00,
  Write = 0b01,
  Io = 0b10,         // with CR4.DE set; undefined without
  ReadWrite = 0b11,  // data reads and writes, not instruction fetches
};

enum class Len : std::uint8_t { One = 0b00, Two = 0b01, Eight = 0b10, Four = 0b11 };

constexpr unsigned bytes(Len len) {
  constexpr std::array<unsigned, 4> kBytes{1, 2, 8, 4};
  return kBytes[static_cast<std::size_t>(len)];
}

constexpr unsigned l_shift(unsigned n) { return 2 * n; }
constexpr unsigned g_shift(unsigned n) { return 2 * n + 1; }
constexpr unsigned rw_shift(unsigned n) { return 16 + 4 * n; }
constexpr unsigned len_shift(unsigned n) { return 18 + 4 * n; }

// The fields of breakpoint n, in place.
constexpr std::uint64_t l(unsigned n) { return std::uint64_t{1} << l_shift(n); }  // Ln: local enable
constexpr std::uint64_t g(unsigned n) { return std::uint64_t{1} << g_shift(n); }  // Gn: global enable
constexpr std::uint64_t rw(unsigned n, Rw value) {
  return std::uint64_t{static_cast<unsigned>(value)} << rw_shift(n);
}
constexpr std::uint64_t len(unsigned n, Len value) {
  return std::uint64_t{static_cast<unsigned>(value)} << len_shift(n);
}

// And out of a value of DR7.
constexpr bool enabled(std::uint64_t value, unsigned n) { return (value & (l(n) | g(n))) != 0; }
constexpr Rw rw_of(std::uint64_t value, unsigned n) { return static_cast<Rw>((value >> rw_shift(n)) & 0b11); }
constexpr Len len_of(std::uint64_t value, unsigned n) {
  return static_cast<Len>((value >> len_shift(n)) & 0b11);
}

inline constexpr std::uint64_t kLe = std::uint64_t{1} << 8;  // exact match, local: no effect since the P6
inline constexpr std::uint64_t kGe = std::uint64_t{1} << 9;  // exact match, global: likewise
inline constexpr std::uint64_t kRtm = std::uint64_t{1}
                                      << 11;                  // debug in transactional regions; else reserved
inline constexpr std::uint64_t kGd = std::uint64_t{1} << 13;  // general detect

inline constexpr std::uint64_t kWritable = 0xFFFF0000 | 0xFF | kLe | kGe | kGd;
inline constexpr std::uint64_t kFixedOnes = std::uint64_t{1} << 10;  // bits 11, 12, 14, 15 and 32–63 are 0
inline constexpr std::uint64_t kReset = kFixedOnes;                  // SDM vol. 3A, as for DR6

}  // namespace dr7

class DebugRegisters final : public DebugUnit {
 public:
  explicit DebugRegisters(Features features = {}) : features_(features) {}

  unsigned slots() const override { return kSlots; }

  // All enabled breakpoints whose condition holds. Privilege plays no part: DR7 has no such filter.
  std::optional<Match> match(const isa::Access& access, const Context& context) const override;

  std::vector<Watched> watched() const override;

  std::uint64_t read(Register reg) const override;
  void write(Register reg, std::uint64_t value) override;

  // Sets DR6.Bn of each matched slot and clears the others: "certain debug exceptions may clear bits 0–3"
  // (17.2.3), and on the processors known each does. The other bits stay until a MOV clears them, but for
  // RTM, which is of this exception alone.
  void record(const Match& match) override;
  // Sets DR6.BS or BD. BT and BLD are for MOV alone: there are no task switches in 64-bit mode, and bus locks
  // are not detected here.
  void record(Status status) override;
  void enter_handler() override;

 private:
  // What match() needs of DRn and of DR7's fields for n.
  struct Slot {
    isa::GuestVa first;
    std::uint32_t size = 0;  // bytes
    unsigned kinds = 0;      // bit per AccessKind that can match; 0 while not armed
  };

  void decode();

  Features features_;
  std::array<Slot, kSlots> decoded_{};
  unsigned armed_kinds_ = 0;  // the union of all slots' kinds
  std::array<std::uint64_t, kSlots> dr_{};
  std::uint64_t dr6_ = dr6::kReset;
  std::uint64_t dr7_ = dr7::kReset;
};

}  // namespace trapline::debugunit::x86
