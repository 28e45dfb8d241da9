#include "bare_guest.hpp"

#include <array>
#include <stdexcept>
#include <variant>

#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/x86/debug_registers.hpp"
#include "measuring.hpp"

namespace trapline::benchmarks {

namespace {

using debugunit::Register;
namespace dabr = debugunit::ppc64::dabr;
namespace dabrx = debugunit::ppc64::dabrx;
namespace dr7 = debugunit::x86::dr7;

constexpr std::uint64_t kMemory = 16ull << 20;
constexpr std::uint64_t kNever = 1ull << 60;  // cycles

}  // namespace

machine::MachineSpec BareGuest::spec(isa::Isa isa) {
  machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
  spec.memory = kMemory;
  return spec;
}

BareGuest::BareGuest(isa::Isa isa, const Loop& loop)
    : machine_(spec(isa)), space_(machine::linux_page_size(isa)) {
  const auto map = [this](isa::GuestVa at, machine::Permissions permissions) {
    space_.map(at, machine_.allocate_frame().value(), permissions);
  };
  map(kCode, {.read = true, .execute = true});
  for (const isa::GuestVa at : {kData, kWatched, kStackTop - space_.page_size()})
    map(at, {.read = true, .write = true});
  machine_.write(space_.translate(kCode)->address, loop.program(isa));
  machine_.cpu(0).set_address_space(&space_);
}

void BareGuest::watch(std::span<const isa::GuestVa> doublewords) {
  machine::Cpu& cpu = machine_.cpu(0);
  if (machine_.isa() == isa::Isa::X86_64) {
    constexpr std::array kAddresses{Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3};
    std::uint64_t control = 0;
    for (unsigned slot = 0; slot < doublewords.size(); ++slot) {
      cpu.write_debug_register(kAddresses.at(slot), doublewords[slot].value);
      control |= dr7::g(slot) | dr7::rw(slot, dr7::Rw::ReadWrite) | dr7::len(slot, dr7::Len::Eight);
    }
    cpu.write_debug_register(Register::Dr7, control);
  } else {
    cpu.write_debug_register(Register::Dabrx, dabrx::kPrivm);
    cpu.write_debug_register(Register::Dabr, doublewords.front().value | dabr::kBt | dabr::kDr | dabr::kDw);
  }
}

double BareGuest::run(std::uint64_t count) {
  machine::Cpu& cpu = machine_.cpu(0);
  const bool x86 = machine_.isa() == isa::Isa::X86_64;
  cpu.set_pc(kCode);
  if (x86) {
    cpu.set(isa::x86::Reg::rbx, kData.value);
    cpu.set(isa::x86::Reg::rsp, kStackTop.value);
    cpu.set(isa::x86::Reg::rcx, count);
  } else {
    cpu.set(isa::ppc64::Reg::r3, kData.value);
    cpu.set(isa::ppc64::Reg::r1, kStackTop.value);
    cpu.set(isa::ppc64::Reg::ctr, count);
  }
  const Stopwatch watch;
  const machine::Stop stop = cpu.run(kNever);
  const double seconds = watch.seconds();
  const std::uint64_t left = x86 ? cpu.get(isa::x86::Reg::rcx) : cpu.get(isa::ppc64::Reg::ctr);
  // SYSCALL leaves the address behind it in rcx.
  const bool complete = x86 ? left == cpu.pc().value || left == 0 : left == 0;
  if (!std::holds_alternative<machine::SystemCall>(stop) || !complete)
    throw std::runtime_error("a loop ended early");
  return seconds;
}

}  // namespace trapline::benchmarks
