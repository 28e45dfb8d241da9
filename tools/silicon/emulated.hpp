// The cases in the emulator: one machine and one CPU for all of them, and no guest kernel.
#pragma once

#include "emu/machine/address_space.hpp"
#include "emu/machine/machine.hpp"
#include "tools/silicon/arena.hpp"
#include "tools/silicon/case.hpp"
#include "tools/silicon/outcome.hpp"

namespace trapline::tools::silicon {

class Emulated {
 public:
  explicit Emulated(machine::Gear gear);

  Outcome run(const Case& test);

 private:
  std::byte* map(std::uint64_t address, machine::Permissions permissions);
  void load(const Case& test);
  Stop stop(const Case& test, StopKind kind, unsigned slots);

  machine::Machine machine_;
  machine::Cpu& cpu_;
  machine::AddressSpace space_{kPage};
  Arena arena_;
};

}  // namespace trapline::tools::silicon
