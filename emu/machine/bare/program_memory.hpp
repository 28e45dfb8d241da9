// Where a program lies that has a machine to itself: its pages with their permissions, each at its own
// physical address, and a stack at the end of memory.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "emu/machine/address_space.hpp"
#include "emu/machine/bare/bare_machine.hpp"

namespace trapline::machine {

class ProgramMemory {
 public:
  static constexpr std::uint64_t kStackSize = 64 << 10;  // bytes

  // Throws std::invalid_argument where a segment does not lie in memory below the stack.
  ProgramMemory(Machine& machine, std::span<const BareSegment> segments);

  const AddressSpace& pages() const { return pages_; }
  std::span<const GuestVa> mapped() const { return mapped_; }
  GuestVa stack_end() const { return stack_end_; }
  std::uint64_t checksum() const;

 private:
  const PhysicalMemory& memory_;
  AddressSpace pages_;
  std::vector<GuestVa> mapped_;  // in order
  GuestVa stack_end_;
};

}  // namespace trapline::machine
