// What comes to a CPU from elsewhere: calls of other CPUs, timers. Each is a function of guest code that runs
// on that CPU between two instructions of whatever runs there, or of its idle task.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "emu/kernel/module/kernel_code.hpp"
#include "emu/kernel/task/timers.hpp"

namespace trapline::kernel {

class Kernel;

class Interrupts {
 public:
  struct Interrupt {
    GuestVa function;  // void (*)(unsigned long)
    std::uint64_t argument = 0;
    bool soft = false;  // a soft interrupt, which waits for local_bh_enable(), too
  };

  Interrupts(Kernel& kernel, KernelCode& code);
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  // At that point of time, in nanoseconds since the start, or at once where it is past.
  void raise_at(std::uint64_t when, unsigned cpu, const Interrupt& interrupt);
  // False: there is none that has not begun.
  bool cancel(GuestVa function, std::uint64_t argument);

  // The CPU is offline: what came to it goes to another.
  void leave_cpu(unsigned cpu);

  // The task, which the CPU runs, takes the next one, if it can.
  void deliver(unsigned cpu, Task& task);
  bool pending(unsigned cpu, const Task& task) const {
    return !queues_[cpu].empty() && takes(task, queues_[cpu].front());
  }

  // swapper/N, which have no number of their own and are in no table.
  const std::vector<std::shared_ptr<Task>>& idle_tasks() const { return idle_; }

 private:
  static bool takes(const Task& task, const Interrupt& interrupt);
  void raise(unsigned wanted, const Interrupt& interrupt);
  Task& idle_task(unsigned cpu);

  Kernel& kernel_;
  KernelCode& code_;
  std::vector<std::deque<Interrupt>> queues_;                       // by CPU
  std::map<std::pair<std::uint64_t, std::uint64_t>, Timer> timed_;  // by function and argument
  std::vector<std::shared_ptr<Task>> idle_;                         // by CPU; null: never needed
};

}  // namespace trapline::kernel
