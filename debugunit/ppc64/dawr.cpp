#include "debugunit/ppc64/dawr.hpp"

#include <algorithm>

#include "debugunit/overlap.hpp"

namespace trapline::debugunit::ppc64 {

using isa::AccessKind;

constexpr std::uint64_t kBit0 = std::uint64_t{1} << 63;  // numbered from the left

namespace {

// Of a range, what lies below 2^64: it does not go on at address 0, as there is no carry out of the
// comparison.
std::uint64_t up_to_the_top(isa::GuestVa first, std::uint64_t size) {
  const std::uint64_t most = isa::GuestVa(0) - first;
  return most == 0 ? size : std::min(size, most);
}

}  // namespace

bool Dawr::Watchpoint::matches(const isa::Access& access, const Context& context, std::uint32_t size) const {
  if (access.kind == AccessKind::Read && (dawrx & dawrx::kDr) == 0) return false;
  if (access.kind == AccessKind::Write && (dawrx & dawrx::kDw) == 0) return false;
  if (access.kind != AccessKind::Read && access.kind != AccessKind::Write) return false;
  if (!privilege_matches(dawrx & dawrx::kPrivm, context.privilege)) return false;
  const bool translation = (dawrx & dawrx::kWt) != 0;
  if ((dawrx & dawrx::kWti) == 0 && translation != context.translation) return false;
  const bool real_mode = context.privilege == Privilege::Hypervisor && !context.translation;
  // Without bit 0 addresses wrap at 2^63. Shifted by one, that is the wrap at 2^64.
  const unsigned shift = (dawrx & dawrx::kHrammc) != 0 && real_mode ? 1 : 0;
  const isa::GuestVa begin(first().value << shift);
  return overlap(begin, up_to_the_top(begin, std::uint64_t{size} << shift),
                 isa::GuestVa(access.address.value << shift), std::uint64_t{access.size} << shift);
}

std::uint32_t Dawr::size(const Watchpoint& watchpoint) const {
  const std::uint64_t doublewords = ((watchpoint.dawrx & dawrx::kMrd) >> dawrx::kMrdShift) + 1;
  std::uint64_t bytes = 8 * doublewords;
  // One watchpoint: the range ends with the aligned 512 bytes that it begins in (POWER8, POWER9; free since
  // v3.1).
  if (count_ == 1) bytes = std::min(bytes, kRangeLimit - watchpoint.first().offset_in(kRangeLimit));
  return static_cast<std::uint32_t>(up_to_the_top(watchpoint.first(), bytes));
}

std::optional<Match> Dawr::match(const isa::Access& access, const Context& context) const {
  // A Data Storage interrupt: the instruction has not executed (Book III-S, 6.5.3).
  Match found{.slots = 0, .timing = Timing::Before};
  for (unsigned n = 0; n < count_; ++n) {
    const Watchpoint& watchpoint = watchpoints_[n];
    if (watchpoint.matches(access, context, size(watchpoint))) found.slots |= 1U << n;
  }
  if (found.slots == 0) return std::nullopt;
  return found;
}

std::vector<Watched> Dawr::watched() const {
  std::vector<Watched> spans;
  for (unsigned n = 0; n < count_; ++n) {
    const Watchpoint& watchpoint = watchpoints_[n];
    if ((watchpoint.dawrx & (dawrx::kDr | dawrx::kDw)) == 0 || (watchpoint.dawrx & dawrx::kPrivm) == 0)
      continue;
    spans.push_back({.slot = n, .first = watchpoint.first(), .size = size(watchpoint), .execute = false});
    if ((watchpoint.dawrx & dawrx::kHrammc) == 0) continue;
    const isa::GuestVa alias(watchpoint.first().value ^ kBit0);  // the same but for bit 0
    spans.push_back({.slot = n, .first = alias, .size = size(watchpoint), .execute = false});
  }
  return spans;
}

std::optional<Dawr::Place> Dawr::place(Register reg) const {
  std::optional<Place> found;
  if (reg == Register::Dawr0) found = Place{0, false};
  if (reg == Register::Dawrx0) found = Place{0, true};
  if (reg == Register::Dawr1) found = Place{1, false};
  if (reg == Register::Dawrx1) found = Place{1, true};
  if (found && found->watchpoint >= count_) found.reset();
  return found;
}

std::uint64_t Dawr::read(Register reg) const {
  const auto at = place(reg);
  if (!at) return 0;
  const Watchpoint& watchpoint = watchpoints_[at->watchpoint];
  return at->extension ? watchpoint.dawrx : watchpoint.dawr;
}

void Dawr::write(Register reg, std::uint64_t value) {
  const auto at = place(reg);
  if (!at) return;
  Watchpoint& watchpoint = watchpoints_[at->watchpoint];
  if (at->extension) {
    watchpoint.dawrx = value & dawrx::kWritable;
  } else {
    watchpoint.dawr = value & dawr::kDeaw;
  }
}

void Dawr::record(const Match& /*match*/) {}

void Dawr::record(Status /*status*/) {}

void Dawr::enter_handler() {}

}  // namespace trapline::debugunit::ppc64
