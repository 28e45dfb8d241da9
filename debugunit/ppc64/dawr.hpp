// The Data Address Watchpoints of POWER8 and later: DAWR0 with DAWRX0, since POWER10 also DAWR1 with DAWRX1.
//
// Source: Power ISA v2.07, v3.0B and v3.1, Book III(-S), chapter "Debug Facilities", "Data Address
// Watchpoint". The manual numbers bits from the left, so its bit 63 is value 1.
#pragma once

#include <array>

#include "debugunit/debug_unit.hpp"
#include "debugunit/ppc64/context.hpp"

namespace trapline::debugunit::ppc64 {

namespace dawr {

inline constexpr std::uint64_t kDeaw = ~std::uint64_t{7};  // bits 0:60: the first doubleword of the range

}  // namespace dawr

namespace dawrx {

inline constexpr unsigned kMrdShift = 10;
inline constexpr std::uint64_t kMrd = std::uint64_t{63} << kMrdShift;  // bits 48:53: doublewords, less one
// Bit 56, HRAMMC: in hypervisor real mode bit 0 of the addresses is not compared.
inline constexpr std::uint64_t kHrammc = 0x80;
inline constexpr std::uint64_t kDw = 0x40;   // bit 57: stores match
inline constexpr std::uint64_t kDr = 0x20;   // bit 58: loads match
inline constexpr std::uint64_t kWt = 0x10;   // bit 59: matches while MSR[DR] has this value
inline constexpr std::uint64_t kWti = 0x08;  // bit 60: ignore WT
inline constexpr std::uint64_t kPrivm = privm::kHyp | privm::kPnh | privm::kPro;  // bits 61:63

inline constexpr std::uint64_t kWritable =
    kMrd | kHrammc | kDw | kDr | kWt | kWti | kPrivm;  // the rest reads 0

constexpr std::uint64_t mrd(std::uint64_t doublewords) { return ((doublewords - 1) & 0x3f) << kMrdShift; }

}  // namespace dawrx

inline constexpr std::uint64_t kRangeLimit = 512;  // bytes: the most that a range spans

class Dawr final : public DebugUnit {
 public:
  explicit Dawr(unsigned count) : count_(count) {}  // 1 or 2

  unsigned slots() const override { return count_; }

  std::optional<Match> match(const isa::Access& access, const Context& context) const override;

  std::vector<Watched> watched() const override;

  std::uint64_t read(Register reg) const override;
  void write(Register reg, std::uint64_t value) override;

  // Nothing: a match shows in DSISR and DAR, a step in SRR1, and neither is the unit's.
  void record(const Match& match) override;
  void record(Status status) override;
  void enter_handler() override;

 private:
  struct Watchpoint {
    std::uint64_t dawr = 0;
    std::uint64_t dawrx = 0;

    isa::GuestVa first() const { return isa::GuestVa(dawr & dawr::kDeaw); }
    bool matches(const isa::Access& access, const Context& context, std::uint32_t size) const;
  };

  std::uint32_t size(const Watchpoint& watchpoint) const;  // of its range, in bytes
  struct Place {
    unsigned watchpoint = 0;
    bool extension = false;  // DAWRX, not DAWR
  };
  std::optional<Place> place(Register reg) const;  // nothing where the unit has no such register

  unsigned count_;
  std::array<Watchpoint, 2> watchpoints_{};
};

}  // namespace trapline::debugunit::ppc64
