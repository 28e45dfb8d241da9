// Who called whom, by a program's unwind tables and with its names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::scenario {

// The task's memory, as far as it is there.
GuestLoad memory_of(const kernel::Task& task);

// Names and callers of the program that a kernel was started with. Another one that execve(2) put in its
// place has no names here.
class CallChains {
 public:
  CallChains(const SymbolTable& symbols, Unwinder& unwinder) : symbols_(symbols), unwinder_(unwinder) {}

  // From the function at the CPU's PC outwards, for the task whose registers it has.
  std::vector<Caller> of(machine::Cpu& cpu, const kernel::Task& task);

  // The same as frames (Unwinder::frames()).
  std::vector<Unwinder::Frame> frames(machine::Cpu& cpu, const kernel::Task& task, std::size_t most,
                                      std::uint64_t up_to = ~std::uint64_t{0}) {
    return unwinder_.frames(cpu, memory_of(task), most, up_to);
  }
  void walk(machine::Cpu& cpu, const kernel::Task& task, const Unwinder::Visit& visit) {
    unwinder_.walk(cpu, memory_of(task), visit);
  }

 private:
  const Caller& named(std::uint64_t address, std::uint64_t in_call);

  const SymbolTable& symbols_;
  Unwinder& unwinder_;
  std::unordered_map<std::uint64_t, Caller> known_;  // by where they go on
};

}  // namespace trapline::scenario
