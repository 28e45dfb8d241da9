// Who called whom, by the unwind tables of what is mapped, and with its names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/loaded_code.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::scenario {

class CallChains {
 public:
  explicit CallChains(LoadedCode& code) : code_(code) {}

  LoadedCode& code() { return code_; }

  // From the function at the CPU's PC outwards, for the task whose registers it has.
  std::vector<Caller> of(machine::Cpu& cpu, const kernel::Task& task);
  // The same from the function of an instruction that has just been executed: a call has left for another
  // one, and a return has left its own.
  std::vector<Caller> from(std::uint64_t instruction, machine::Cpu& cpu, const kernel::Task& task);

  // The same as frames; at most so many, and none beyond the one that begins at `up_to`.
  std::vector<Frame> frames(machine::Cpu& cpu, const kernel::Task& task, std::size_t most,
                            std::uint64_t up_to = ~std::uint64_t{0});
  void walk(machine::Cpu& cpu, const kernel::Task& task, const VisitFrame& visit);

 private:
  Caller named(const kernel::Task& task, std::uint64_t address, std::uint64_t in_call);

  LoadedCode& code_;
  // By where they go on, in what lies there.
  std::map<std::pair<const SymbolTable*, std::uint64_t>, Caller> known_;
};

}  // namespace trapline::scenario
