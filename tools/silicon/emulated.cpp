#include "tools/silicon/emulated.hpp"

#include <span>
#include <stdexcept>
#include <variant>

#include "debugunit/x86/debug_registers.hpp"

namespace trapline::tools::silicon {

namespace {

using debugunit::Register;
using isa::x86::Reg;

constexpr std::array kAddressRegisters{Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3};
constexpr std::uint64_t kMostCycles = 1'000'000;  // for one stop to the next

machine::MachineSpec spec(machine::Gear gear) {
  machine::MachineSpec result = machine::MachineSpec::defaults(isa::Isa::X86_64);
  result.memory = 4ull << 20;
  result.gear = gear;
  return result;
}

constexpr Reg gpr(std::size_t index) { return static_cast<Reg>(index); }
static_assert(gpr(kGprs - 1) == Reg::r15);

}  // namespace

Emulated::Emulated(machine::Gear gear) : machine_(spec(gear)), cpu_(machine_.cpu(0)) {
  const std::vector<std::byte> code = code_image();
  for (std::size_t at = 0; at < code.size(); at += kPage) {
    map(kCode + at, {.read = true, .write = false, .execute = true});
    const auto page = std::span(code).subspan(at, std::min<std::size_t>(kPage, code.size() - at));
    machine_.write(space_.translate(isa::GuestVa(kCode + at))->address, page);
  }
  arena_.scratch = map(kScratch, {.read = true, .write = true, .execute = false});
  for (std::size_t page = 0; page < kDataPages; ++page)
    arena_.data[page] = map(kData + page * kPage, {.read = true, .write = true, .execute = false});
  cpu_.set_address_space(&space_);
}

std::byte* Emulated::map(std::uint64_t address, machine::Permissions permissions) {
  const auto frame = machine_.allocate_frame();
  if (!frame) throw std::runtime_error("the machine for the cases has too little memory");
  space_.map(isa::GuestVa(address), *frame, permissions);
  return machine_.memory().bytes(*frame, kPage).data();
}

void Emulated::load(const Case& test) {
  for (std::size_t i = 0; i < kGprs; ++i) cpu_.set(gpr(i), test.gpr[i]);
  cpu_.set(Reg::rflags, test.rflags);
  cpu_.set(Reg::fs_base, test.fs_base);
  cpu_.set(Reg::gs_base, test.gs_base);
  cpu_.set_pc(isa::GuestVa(place(*test.form).start));
  for (unsigned n = 0; n < kBreakpoints; ++n) {
    if (cpu_.read_debug_register(kAddressRegisters[n]) != test.dr[n])
      cpu_.write_debug_register(kAddressRegisters[n], test.dr[n]);
  }
  cpu_.write_debug_register(Register::Dr7, test.dr7);
  cpu_.write_debug_register(Register::Dr6, debugunit::x86::dr6::kReset);
}

Stop Emulated::stop(const Case& test, StopKind kind, unsigned slots) {
  std::array<std::uint64_t, kGprs> values{};
  for (std::size_t i = 0; i < kGprs; ++i) values[i] = cpu_.get(gpr(i));
  return make_stop(test, kind, cpu_.pc().value, slots, cpu_.get(Reg::rflags), values);
}

Outcome Emulated::run(const Case& test) {
  constexpr std::uint64_t kSlots = (1u << kBreakpoints) - 1;
  arena_.prepare(test);
  load(test);
  Outcome outcome;
  while (outcome.stops.size() < kMostStops) {
    const machine::Stop why = cpu_.run(cpu_.clock() + kMostCycles);
    if (const auto* const exception = std::get_if<machine::DebugException>(&why)) {
      const auto slots = static_cast<unsigned>(cpu_.read_debug_register(Register::Dr6) & kSlots);
      outcome.stops.push_back(stop(test, StopKind::Trap, slots));
      cpu_.write_debug_register(Register::Dr6, debugunit::x86::dr6::kReset);
      // As Linux does, so that the instruction does not hit its breakpoint again.
      if (exception->match.timing == debugunit::Timing::Before)
        cpu_.set(Reg::rflags, cpu_.get(Reg::rflags) | isa::x86::kRf);
      continue;
    }
    const bool end = std::holds_alternative<machine::SoftwareBreakpoint>(why) &&
                     cpu_.pc().value == place(*test.form).end + 1;
    outcome.stops.push_back(stop(test, end ? StopKind::End : StopKind::Fault, 0));
    break;
  }
  arena_.digest(test, outcome);
  return outcome;
}

}  // namespace trapline::tools::silicon
