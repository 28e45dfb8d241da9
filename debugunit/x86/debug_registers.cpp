#include "debugunit/x86/debug_registers.hpp"

#include "debugunit/overlap.hpp"

namespace trapline::debugunit::x86 {
namespace {

using isa::AccessKind;

constexpr unsigned bit(AccessKind kind) { return 1U << static_cast<unsigned>(kind); }

// The accesses that a value of R/Wn can match. An I/O breakpoint compares port numbers, never memory
// addresses; there are none unless CR4.DE is set, and what R/Wn = 10 means without is undefined (17.2.4):
// here it then matches nothing.
constexpr unsigned kinds(dr7::Rw rw) {
  switch (rw) {
    case dr7::Rw::Execute:
      return bit(AccessKind::Execute);
    case dr7::Rw::Write:
      return bit(AccessKind::Write);
    case dr7::Rw::Io:
      return bit(AccessKind::Io);
    case dr7::Rw::ReadWrite:
      return bit(AccessKind::Read) | bit(AccessKind::Write);
  }
  return 0;
}

constexpr bool is_address(Register reg) { return reg >= Register::Dr0 && reg <= Register::Dr3; }

constexpr std::size_t slot_of(Register reg) {
  return static_cast<std::size_t>(reg) - static_cast<std::size_t>(Register::Dr0);
}

}  // namespace

std::optional<Match> DebugRegisters::match(const isa::Access& access, const Context& context) const {
  const unsigned kind = bit(access.kind);
  if ((armed_kinds_ & kind) == 0) return std::nullopt;
  if (access.kind == AccessKind::Io && !context.debug_extensions) return std::nullopt;

  // An instruction breakpoint is recognised only at the instruction's first byte (17.2.5).
  const bool execute = access.kind == AccessKind::Execute;
  const std::uint64_t size = execute ? 1 : access.size;

  Match found{.slots = 0,
              .timing = execute ? Timing::Before : Timing::After};  // fault, trap: 17.3.1.1, 17.3.1.2
  for (unsigned n = 0; n < kSlots; ++n) {
    const Slot& slot = decoded_[n];
    if ((slot.kinds & kind) != 0 && overlap(slot.first, slot.size, access.address, size))
      found.slots |= 1U << n;
  }
  if (found.slots == 0) return std::nullopt;
  return found;
}

std::vector<Watched> DebugRegisters::watched() const {
  std::vector<Watched> spans;
  for (unsigned n = 0; n < kSlots; ++n) {
    const Slot& slot = decoded_[n];
    if (slot.kinds == 0 || slot.kinds == bit(AccessKind::Io)) continue;
    const bool execute = slot.kinds == bit(AccessKind::Execute);
    spans.push_back({.slot = n, .first = slot.first, .size = slot.size, .execute = execute});
  }
  return spans;
}

std::uint64_t DebugRegisters::read(Register reg) const {
  if (is_address(reg)) return dr_[slot_of(reg)];
  if (reg == Register::Dr6) return dr6_;
  if (reg == Register::Dr7) return dr7_;
  return 0;
}

void DebugRegisters::write(Register reg, std::uint64_t value) {
  if (is_address(reg)) {
    dr_[slot_of(reg)] = value;  // all 64 bits, and not checked to be canonical (17.2.6)
    decode();
  } else if (reg == Register::Dr6) {
    std::uint64_t writable = dr6::kWritable;
    if (features_.rtm) writable |= dr6::kRtm;
    if (features_.bus_lock) writable |= dr6::kBld;
    dr6_ = (value & writable) | (dr6::kFixedOnes & ~writable);
  } else if (reg == Register::Dr7) {
    const std::uint64_t writable = dr7::kWritable | (features_.rtm ? dr7::kRtm : 0);
    dr7_ = (value & writable) | dr7::kFixedOnes;
    decode();
  }
}

void DebugRegisters::record(const Match& match) {
  for (unsigned n = 0; n < kSlots; ++n) {
    const bool matched = (match.slots & (1U << n)) != 0;
    dr6_ = matched ? dr6_ | dr6::b(n) : dr6_ & ~dr6::b(n);
  }
  dr6_ |= dr6::kRtm;
}

void DebugRegisters::record(Status status) {
  switch (status) {
    case Status::SingleStep:
      dr6_ |= dr6::kBs;
      break;
    case Status::GeneralDetect:
      dr6_ |= dr6::kBd;
      break;
  }
}

void DebugRegisters::enter_handler() { dr7_ &= ~dr7::kGd; }

void DebugRegisters::decode() {
  armed_kinds_ = 0;
  for (unsigned n = 0; n < kSlots; ++n) {
    const dr7::Rw rw = dr7::rw_of(dr7_, n);
    Slot slot;
    slot.kinds = dr7::enabled(dr7_, n) ? kinds(rw) : 0;
    // LENn masks the low bits of a data address (17.2.5). With R/Wn = 00 it must be 00, and anything else is
    // undefined (17.2.4): here, as in QEMU (target/i386, bpt_helper.c), LENn is then ignored and the whole of
    // DRn compared, so that a breakpoint set carelessly still stops where it points.
    slot.size = rw == dr7::Rw::Execute ? 1 : dr7::bytes(dr7::len_of(dr7_, n));
    slot.first = isa::GuestVa(dr_[n]).align_down(slot.size);
    decoded_[n] = slot;
    armed_kinds_ |= slot.kinds;
  }
}

}  // namespace trapline::debugunit::x86
