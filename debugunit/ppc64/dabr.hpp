// The Data Address Breakpoint of 64-bit server Power processors up to POWER7: DABR, its extension DABRX, and
// their comparator.
//
// Source: Power ISA v2.03–2.06, Book III-S, chapter 8 (Debug Facilities), "Data Address Breakpoint". The
// manual numbers bits from the left, so its bit 63 is value 1.
//
// Not here, because it belongs to the processor that asks: the Data Storage interrupt with DAR and DSISR, and
// which instructions make a storage access at all (dcbz is a store; dcbf, dcbst, dcbt … are left to the
// caller).
#pragma once

#include "debugunit/debug_unit.hpp"
#include "debugunit/ppc64/context.hpp"

namespace trapline::debugunit::ppc64 {

namespace dabr {

inline constexpr std::uint64_t kBt = 4;                   // bit 61: matches while MSR[DR] has this value
inline constexpr std::uint64_t kDw = 2;                   // bit 62: stores match
inline constexpr std::uint64_t kDr = 1;                   // bit 63: loads match
inline constexpr std::uint64_t kDab = ~std::uint64_t{7};  // bits 0:60: the doubleword watched

}  // namespace dabr

namespace dabrx {

inline constexpr std::uint64_t kBti = 8;  // bit 60: ignore BT
// Bits 61:63, PRIVM: the privilege states whose accesses match.
using privm::kHyp;
using privm::kPnh;
using privm::kPro;
inline constexpr std::uint64_t kPrivm = privm::kHyp | privm::kPnh | privm::kPro;
inline constexpr std::uint64_t kWritable = kBti | kPrivm;  // the rest is reserved and reads 0

}  // namespace dabrx

inline constexpr std::uint32_t kDoubleword = 8;  // bytes that DABR watches

// After reset both registers are 0 and nothing matches: a kernel has to write DABRX once before DABR has
// effect.
class Dabr final : public DebugUnit {
 public:
  unsigned slots() const override { return 1; }

  std::optional<Match> match(const isa::Access& access, const Context& context) const override;

  std::vector<Watched> watched() const override;

  std::uint64_t read(Register reg) const override;
  void write(Register reg, std::uint64_t value) override;

  // Nothing: a match shows in DSISR and DAR, a step in SRR1, and neither is the unit's.
  void record(const Match& match) override;
  void record(Status status) override;
  void enter_handler() override;

 private:
  bool armed() const { return kinds_ != 0 && (dabrx_ & dabrx::kPrivm) != 0; }
  void decode();

  isa::GuestVa first_;  // the doubleword
  unsigned kinds_ = 0;  // bit per AccessKind that can match
  std::uint64_t dabr_ = 0;
  std::uint64_t dabrx_ = 0;
};

}  // namespace trapline::debugunit::ppc64
