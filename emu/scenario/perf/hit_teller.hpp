// Makes a Hit of what happened: by whom, from where, with the names of the program.
#pragma once

#include <cstdint>

#include "emu/kernel/kernel.hpp"
#include "emu/machine/observers.hpp"
#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/symbols.hpp"

namespace trapline::scenario {

class HitTeller {
 public:
  HitTeller(kernel::Kernel& kernel, const SymbolTable& symbols, CallChains& chains)
      : kernel_(kernel), symbols_(symbols), chains_(chains) {}

  void set_main(const kernel::Task& task) { main_ = task.tid(); }

  // What any hit tells. Without a task it is the idle one's.
  Hit begin(const machine::Cpu& cpu, const kernel::Task* task) const;
  void name_instruction(Hit& hit, const kernel::Task& task) const;
  // `kernel`: it was the kernel's, for the task.
  void name_access(Hit& hit, machine::Cpu& cpu, const kernel::Task& task, bool kernel);
  // Of an access to a place that is from `first` on now.
  void name_place(Hit& hit, const Place& place, isa::GuestVa first) const;
  // Of an observer from outside, which watches `place` from `first` on, where that is now.
  Hit tell(const machine::Observation& what, const Place& place, isa::GuestVa first);

 private:
  kernel::Kernel& kernel_;
  const SymbolTable& symbols_;
  CallChains& chains_;
  int main_ = 0;  // thread id of the program's first task
};

}  // namespace trapline::scenario
