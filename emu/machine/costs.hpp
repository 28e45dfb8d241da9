// What the machine charges for events that are not instructions, in cycles. A teaching model: the orders of
// magnitude of a current processor and Linux, round figures, the same on both instruction sets.
#pragma once

#include <cstdint>

#include "isa/cost.hpp"

namespace trapline::machine {

struct EventCosts {
  std::uint64_t trap = 400;                 // an exception from user mode into the kernel and back
  std::uint64_t syscall = 150;              // the same by the system call instruction
  std::uint64_t context_switch = 600;       // from one task to another, without its debug registers
  std::uint64_t debug_register_write = 40;  // one MOV to DRn, one mtspr DABR
};

struct Costs {
  isa::CostTable instructions;
  EventCosts events;
};

}  // namespace trapline::machine
