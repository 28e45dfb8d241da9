// Where tasks are when a program crashes, waits for ever, or has run out of cycles: function, line, who
// called it, and the system call that the task sleeps in.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/perf/result.hpp"

namespace trapline::scenario {

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
  std::vector<TaskWhere> tasks_;
};

// For people, each line after `indent`.
std::string text(const TaskWhere& where, std::string_view indent);

}  // namespace trapline::scenario
