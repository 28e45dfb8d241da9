#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/overlap.hpp"
#include "debugunit/ppc64/context.hpp"

namespace trapline::debugunit::ppc64 {
namespace {

using isa::AccessKind;

constexpr unsigned bit(AccessKind kind) { return 1U << static_cast<unsigned>(kind); }

}  // namespace

std::optional<Match> Dabr::match(const isa::Access& access, const Context& context) const {
  if ((kinds_ & bit(access.kind)) == 0) return std::nullopt;
  if (!privilege_matches(dabrx_ & dabrx::kPrivm, context.privilege)) return std::nullopt;
  const bool translation = (dabr_ & dabr::kBt) != 0;
  if ((dabrx_ & dabrx::kBti) == 0 && translation != context.translation) return std::nullopt;
  if (!overlap(first_, kDoubleword, access.address, access.size)) return std::nullopt;
  // A Data Storage interrupt: the instruction has not executed (Book III-S, section 6.5.3).
  return Match{.slots = 1, .timing = Timing::Before};
}

std::vector<Watched> Dabr::watched() const {
  if (!armed()) return {};
  return {Watched{.slot = 0, .first = first_, .size = kDoubleword, .execute = false}};
}

std::uint64_t Dabr::read(Register reg) const {
  if (reg == Register::Dabr) return dabr_;
  if (reg == Register::Dabrx) return dabrx_;
  return 0;
}

void Dabr::write(Register reg, std::uint64_t value) {
  if (reg == Register::Dabr) {
    dabr_ = value;
    decode();
  } else if (reg == Register::Dabrx) {
    dabrx_ = value & dabrx::kWritable;
    decode();
  }
}

void Dabr::record(const Match& /*match*/) {}

void Dabr::record(Status /*status*/) {}

void Dabr::enter_handler() {}

void Dabr::decode() {
  first_ = isa::GuestVa(dabr_ & dabr::kDab);

  kinds_ = 0;
  if ((dabr_ & dabr::kDr) != 0) kinds_ |= bit(AccessKind::Read);
  if ((dabr_ & dabr::kDw) != 0) kinds_ |= bit(AccessKind::Write);
}

}  // namespace trapline::debugunit::ppc64
