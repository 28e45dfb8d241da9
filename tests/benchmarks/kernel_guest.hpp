// A loop as a program of its own under the modelled kernel, with a perf event that counts hits of a
// breakpoint.
#pragma once

#include <cstdint>
#include <optional>

#include "emu/kernel/kernel.hpp"
#include "emu/machine/machine.hpp"
#include "loops.hpp"

namespace trapline::benchmarks {

class KernelGuest {
 public:
  // Loads the program and sets it up to run `count` times around.
  KernelGuest(isa::Isa isa, const Loop& loop, std::uint64_t count);

  // PERF_TYPE_BREAKPOINT events: stores to the data's first eight bytes; executions of the code's first
  // instruction.
  void count_stores();
  void count_executions();

  // Runs to the program's exit and returns how many seconds that took. Throws std::runtime_error where it
  // does not exit with 0, or where the event has not counted `count` hits.
  double run();

 private:
  void open_event(std::uint32_t type, isa::GuestVa address);

  std::uint64_t count_;
  isa::GuestVa code_;
  machine::Machine machine_;
  kernel::Kernel kernel_;
  kernel::Task* task_ = nullptr;
  std::optional<kernel::PerfEventRef> event_;
};

}  // namespace trapline::benchmarks
