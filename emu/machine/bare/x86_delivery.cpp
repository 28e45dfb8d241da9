// Exceptions on their way through the IDT to the program's handlers (Intel SDM vol. 3A, 6.12–6.15).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emu/machine/bare/x86_bits.hpp"
#include "emu/machine/bare/x86_processor.hpp"
#include "isa/byte_order.hpp"
#include "isa/x86/canonical.hpp"

namespace trapline::machine {

using debugunit::Register;
using isa::x86::is_canonical;

namespace {

constexpr std::array<std::string_view, 20> kNames{"#DE", "#DB",   "NMI",   "#BP", "#OF", "#BR", "#UD",
                                                  "#NM", "#DF",   "INT n", "#TS", "#NP", "#SS", "#GP",
                                                  "#PF", "INT n", "#MF",   "#AC", "#MC", "#XM"};

constexpr std::string_view name_of(unsigned vector) {
  return vector < kNames.size() ? kNames[vector] : "INT n";
}

// SDM vol. 3A, table 6-4: what a second exception during the delivery of the first makes of both.
constexpr bool contributory(unsigned vector) { return vector == kDe || (vector >= kTs && vector <= kGp); }
constexpr bool makes_double_fault(unsigned first, unsigned second) {
  if (first == kPf) return second == kPf || contributory(second);
  return contributory(first) && contributory(second);
}

// An IDT gate of 16 bytes (6.14.1).
struct Gate {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  static constexpr unsigned kInterrupt = 0xe;
  static constexpr unsigned kTrap = 0xf;

  GuestVa offset() const { return GuestVa((low & 0xffff) | (low >> 48 << 16) | (high & 0xffffffff) << 32); }
  std::uint64_t selector() const { return low >> 16 & 0xffff; }
  unsigned stack() const { return static_cast<unsigned>(low >> 32 & 7); }
  unsigned type() const { return descriptor::type(low); }
  bool valid() const { return type() == kInterrupt || type() == kTrap; }
};

// The stacks in the 64-bit task state segment (8.7, figure 8-11).
constexpr std::uint64_t kTssRsp0 = 4;
constexpr std::uint64_t kTssIst1 = 36;

// Bits of error codes: of those that name a descriptor, and of #PF (6.13; 4.7).
constexpr std::uint32_t kInIdt = 2;
constexpr std::uint32_t kExternal = 1;
constexpr std::uint32_t kProtection = 1;
constexpr std::uint32_t kWrite = 2;
constexpr std::uint32_t kUser = 4;
constexpr std::uint32_t kFetch = 16;

}  // namespace

void X86Processor::debug_exception(const DebugException& exception) {
  // RF goes to the stack as it is: set between the iterations of a REP, clear otherwise, also for an
  // instruction breakpoint, whose handler has to set it (SDM vol. 3B, 17.3.1.1).
  const bool fault = exception.match.slots != 0 && exception.match.timing == debugunit::Timing::Before;
  deliver({.vector = kDb}, cpu().pc(), !fault && cpu().resume());
}

void X86Processor::page_fault(const PageFault& fault) {
  if (!is_canonical(fault.address)) {
    const bool stack = fault.kind != isa::AccessKind::Execute && cpu().stack_segment(cpu().pc());
    raise_fault({.vector = stack ? kSs : kGp, .error = 0});
    return;
  }
  cr2_ = fault.address.value;
  std::uint32_t error = cpl_ == 3 ? kUser : 0;
  if (pages().translate(fault.address)) error |= kProtection;
  if (fault.kind == isa::AccessKind::Write) error |= kWrite;
  if (fault.kind == isa::AccessKind::Execute) error |= kFetch;
  raise_fault({.vector = kPf, .error = error});
}

void X86Processor::deliver(Raise raise, GuestVa rip, bool resume) {
  cpu().release_debug_exceptions();
  const unsigned first = raise.vector;
  for (;;) {
    const auto second = try_to_deliver(raise, rip, resume);
    if (!second) return;
    if (raise.vector == kDf) {
      end(BareEnd::Shutdown,
          fmt::format("{} at {:#x} could not be delivered, nor the double fault that came of it",
                      name_of(first), rip.value));
      return;
    }
    if (makes_double_fault(raise.vector, second->vector)) {
      raise = {.vector = kDf, .error = 0};
    } else {
      raise = *second;
      rip = cpu().pc();  // INT n that does not get through is a fault itself
      resume = true;
    }
  }
}

std::optional<Raise> X86Processor::try_to_deliver(const Raise& raise, GuestVa rip, bool resume) {
  // Faults on the way name the gate, and whether something other than INT n wanted through it.
  const std::uint32_t external = raise.software ? 0 : kExternal;
  const std::uint32_t gate_error = raise.vector * 8 + kInIdt + external;
  constexpr std::uint32_t kGateSize = 16;
  if (kGateSize * raise.vector + (kGateSize - 1) > idt_.limit)
    return Raise{.vector = kGp, .error = gate_error};
  const GuestVa at = idt_.base + kGateSize * std::uint64_t{raise.vector};
  const Gate gate{load(at, 8), load(at + 8, 8)};
  if (!gate.valid()) return Raise{.vector = kGp, .error = gate_error};
  if (raise.software && descriptor::dpl(gate.low) < cpl_) return Raise{.vector = kGp, .error = gate_error};
  if (!descriptor::present(gate.low)) return Raise{.vector = kNp, .error = gate_error};

  const auto segment = descriptor(gate.selector());
  const auto segment_error = static_cast<std::uint32_t>(gate.selector() & 0xfffc) | external;
  if (!segment || !descriptor::code(*segment) || !descriptor::long_mode(*segment) ||
      descriptor::dpl(*segment) > cpl_)
    return Raise{.vector = kGp, .error = segment_error};
  if (!descriptor::present(*segment)) return Raise{.vector = kNp, .error = segment_error};
  const unsigned cpl = descriptor::conforming(*segment) ? cpl_ : descriptor::dpl(*segment);

  GuestVa stack(cpu().get(Reg::rsp));
  if (gate.stack() != 0) {
    stack = GuestVa(load(task_state_ + kTssIst1 + 8 * (gate.stack() - 1), 8));
  } else if (cpl < cpl_) {
    stack = GuestVa(load(task_state_ + kTssRsp0 + 8 * std::uint64_t{cpl}, 8));
  }
  const std::uint64_t image = (flags() & ~isa::x86::kRf) | (resume ? isa::x86::kRf : 0);
  std::vector<std::uint64_t> frame;  // from the lowest address
  if (raise.error) frame.push_back(*raise.error);
  frame.insert(frame.end(), {rip.value, selectors_[1], image, cpu().get(Reg::rsp), selectors_[2]});
  const GuestVa top = stack.align_down(16) - 8 * frame.size();
  for (std::size_t i = 0; i < frame.size(); ++i) {
    const auto page = pages().translate(top + 8 * i);
    const auto last = pages().translate(top + 8 * i + 7);
    if (page && last && page->permissions.write && last->permissions.write) continue;
    if (!is_canonical(top + 8 * i)) return Raise{.vector = kSs, .error = external};
    cr2_ = (top + 8 * i).value;
    return Raise{.vector = kPf, .error = kWrite | (page ? kProtection : 0)};
  }
  for (std::size_t i = 0; i < frame.size(); ++i) {
    std::array<std::byte, 8> bytes{};
    isa::store_word(bytes, frame[i], std::endian::little);
    machine().write(pages().translate(top + 8 * i)->address, bytes);
  }

  if (cpl < cpl_) selectors_[2] = 0;  // a null SS with the new RPL: 6.14.4
  cpl_ = cpl;
  selectors_[1] = static_cast<std::uint16_t>((gate.selector() & 0xfffc) | cpl);
  cpu().set(Reg::rsp, top.value);
  std::uint64_t new_flags = flags() & ~(isa::x86::kTf | isa::x86::kNt | isa::x86::kRf);
  if (gate.type() == Gate::kInterrupt) new_flags &= ~isa::x86::kIf;
  set_flags(new_flags);
  cpu().set_pc(gate.offset());
  set_debug_extensions();  // which hold the privilege
  if (raise.vector == kDb && !raise.software) cpu().enter_debug_handler();
  charge_delivery();

  ExceptionTaken taken{.name = name_of(raise.vector), .vector = raise.vector};
  taken.state = {{"rip", rip.value}, {"rflags", image}, {"cs", frame[raise.error ? 2 : 1]}};
  if (raise.error) taken.state.push_back({"error", *raise.error});
  if (raise.vector == kPf) taken.state.push_back({"cr2", cr2_});
  if (raise.vector == kDb) {
    taken.state.push_back({"dr6", cpu().read_debug_register(Register::Dr6)});
    taken.state.push_back({"dr7", cpu().read_debug_register(Register::Dr7)});
  }
  took(std::move(taken));
  return std::nullopt;
}

}  // namespace trapline::machine
