// A task by its number, for as long as there is one (struct pid): a number that is given out again later
// stands for somebody else.
#pragma once

#include <memory>

namespace trapline::kernel {

class Task;
struct Process;

class Pid {
 public:
  explicit Pid(const Task& task);

  int number() const { return number_; }
  // Null: it is gone. Through an execve(2) in a thread the number of its process goes to that thread.
  Task* task() const;
  std::shared_ptr<Process> process() const { return process_.lock(); }

 private:
  int number_;
  std::weak_ptr<Process> process_;
};

}  // namespace trapline::kernel
