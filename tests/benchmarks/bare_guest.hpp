// A loop of guest code on one CPU, without a kernel, and where its memory lies.
#pragma once

#include <cstdint>
#include <span>

#include "emu/machine/machine.hpp"
#include "loops.hpp"

namespace trapline::benchmarks {

inline constexpr isa::GuestVa kCode{0x400000};
inline constexpr isa::GuestVa kData{0x600000};
inline constexpr isa::GuestVa kWatched{0x700000};  // a page that no loop touches
inline constexpr isa::GuestVa kStackTop{0x800000};

class BareGuest {
 public:
  BareGuest(isa::Isa isa, const Loop& loop);

  // Arms breakpoints for reads and writes on the doublewords at these addresses: DR0 to DR3, or the DABR.
  void watch(std::span<const isa::GuestVa> doublewords);

  // Runs the loop `count` times around and returns how many seconds that took. Throws std::runtime_error
  // where it ends in another way than by the exit behind it.
  double run(std::uint64_t count);

  // How many breakpoints of the instruction set can be armed at once.
  unsigned slots() { return machine_.cpu(0).debug_unit().slots(); }

 private:
  static machine::MachineSpec spec(isa::Isa isa);

  machine::Machine machine_;
  machine::AddressSpace space_;
};

}  // namespace trapline::benchmarks
