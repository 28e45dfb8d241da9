// Points of a program's code, from outside of the machine: one is told when a task that runs the program
// comes to one, and when a call returns.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/returns.hpp"

namespace trapline::scenario {

class ProgramPoints final : private kernel::TaskListener {
 public:
  using Reached = Returns::Reached;

  explicit ProgramPoints(kernel::Kernel& kernel);
  ~ProgramPoints();
  ProgramPoints(const ProgramPoints&) = delete;
  ProgramPoints& operator=(const ProgramPoints&) = delete;

  // `task` runs the program, of which nothing has run yet.
  void start(const kernel::Task& task);
  bool runs_program(const kernel::Task& task) const { return task.executable == program_; }
  // How much higher the program lies than its file says.
  std::uint64_t bias() const { return bias_; }

  // Before the instruction there, in the guest, is executed.
  void at(std::uint64_t address, Reached reached);
  Returns& returns() { return returns_; }

 private:
  void made(kernel::Task& task, kernel::Task& parent) override;
  void executed(kernel::Task& task) override { returns_.forget(task.tid()); }
  void ends(kernel::Task& task) override { returns_.forget(task.tid()); }

  kernel::Kernel& kernel_;
  std::string program_;  // Task::executable of those that run it
  std::uint64_t bias_ = 0;
  Returns returns_;
  std::vector<machine::Observers::Id> observers_;
};

}  // namespace trapline::scenario
