#include "emu/scenario/program_points.hpp"

#include <utility>

namespace trapline::scenario {

ProgramPoints::ProgramPoints(kernel::Kernel& kernel) : kernel_(kernel), returns_(kernel) {
  kernel_.lifecycle().add_listener(*this);
}

ProgramPoints::~ProgramPoints() {
  kernel_.lifecycle().remove_listener(*this);
  for (const auto id : observers_) kernel_.machine().observers().remove(id);
}

void ProgramPoints::start(const kernel::Task& task) {
  program_ = task.executable;
  bias_ = task.mm->places.load_bias;
}

void ProgramPoints::at(std::uint64_t address, Reached reached) {
  observers_.push_back(kernel_.machine().observers().add(
      {.first = isa::GuestVa(address), .size = 1, .executes = true, .before = true},
      [this, reached = std::move(reached)](const machine::Observation& what) {
        kernel::Task* const task = kernel_.scheduler().running(what.cpu.index());
        if (task != nullptr && runs_program(*task)) reached(what.cpu, *task);
      }));
}

void ProgramPoints::made(kernel::Task& task, kernel::Task& parent) {
  if (runs_program(task) && task.mm != parent.mm) returns_.copy(parent.tid(), task.tid());
}

}  // namespace trapline::scenario
