// Where tasks are when a program crashes, waits for ever, or has run out of cycles: function, line, who
// called it, and the system call that the task sleeps in.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::scenario {

// Names and callers of the program that a kernel was started with. Another one that execve(2) put in its
// place has no names here.
class CallChains {
 public:
  CallChains(const SymbolTable& symbols, Unwinder& unwinder, kernel::Kernel& kernel)
      : symbols_(symbols), unwinder_(unwinder), kernel_(kernel) {}

  // From the function at the CPU's PC outwards, for the task whose registers it has.
  std::vector<Caller> of(machine::Cpu& cpu, const kernel::Task& task);
  Unwinder& unwinder() { return unwinder_; }

 private:
  const Caller& named(std::uint64_t address, std::uint64_t in_call);

  const SymbolTable& symbols_;
  Unwinder& unwinder_;
  kernel::Kernel& kernel_;
  std::unordered_map<std::uint64_t, Caller> known_;  // by where they go on
};

// Notes where tasks are, from the start of a run on, for the first process's end.
class Whereabouts {
 public:
  // `chains` gives the names of the program that the kernel was started with, once something is to be told
  // of; null: there are none.
  using Chains = std::function<CallChains*()>;
  // Asks the kernel, whose first task is there, to be told.
  Whereabouts(Chains chains, kernel::Kernel& kernel);
  ~Whereabouts();
  Whereabouts(const Whereabouts&) = delete;
  Whereabouts& operator=(const Whereabouts&) = delete;

  // The task that a signal killed first, where one killed the first process, and then those that were left;
  // or all, where the run ended before the program. Else nobody.
  std::vector<TaskWhere> take() { return std::move(tasks_); }

 private:
  void killed(kernel::Task& task, const kernel::SigInfo& info);
  void note_all(const kernel::Task* but);
  TaskWhere where(kernel::Task& task, std::string state) const;

  Chains chains_;
  kernel::Kernel& kernel_;
  std::string program_;  // what the first task began with
  std::vector<TaskWhere> tasks_;
};

// For people, each line after `indent`.
std::string text(const TaskWhere& where, std::string_view indent);

}  // namespace trapline::scenario
