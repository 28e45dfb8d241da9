#include "emu/kernel/task/pid.hpp"

#include <algorithm>

#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

Pid::Pid(const Task& task) : number_(task.tid()), process_(task.process) {}

Task* Pid::task() const {
  const auto process = process_.lock();
  if (process == nullptr) return nullptr;
  const auto thread = std::ranges::find(process->threads, number_, &Task::tid);
  return thread == process->threads.end() ? nullptr : *thread;
}

}  // namespace trapline::kernel
