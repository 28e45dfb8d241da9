// Makes a Hit of what happened: by whom, from where, with the names of the program.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/machine/observers.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::scenario {

class HitTeller {
 public:
  HitTeller(kernel::Kernel& kernel, const SymbolTable& symbols, Unwinder& unwinder)
      : kernel_(kernel), symbols_(symbols), unwinder_(unwinder) {}

  void set_main(const kernel::Task& task) { main_ = task.tid(); }

  // What any hit tells. Without a task it is the idle one's.
  Hit begin(const machine::Cpu& cpu, const kernel::Task* task) const;
  void name_instruction(Hit& hit) const;
  // `kernel`: it was the kernel's, for the task.
  void name_access(Hit& hit, machine::Cpu& cpu, const kernel::Task& task, bool kernel);
  // Of an observer from outside, which watches `place` from `first` on, where that is now.
  Hit tell(const machine::Observation& what, const Place& place, isa::GuestVa first);

 private:
  std::vector<Caller> callchain(machine::Cpu& cpu, const kernel::Task& task);

  kernel::Kernel& kernel_;
  const SymbolTable& symbols_;
  Unwinder& unwinder_;
  int main_ = 0;                                       // thread id of the program's first task
  std::unordered_map<std::uint64_t, Caller> callers_;  // known ones, by where they go on
};

}  // namespace trapline::scenario
