// Which task runs on which CPU, and when (kernel/sched). Everything follows from the CPUs' cycle clocks: the
// CPU whose clock is behind goes on next, for a stretch short enough that clocks never lie far apart. A CPU
// without work has no cost: its clock jumps ahead when a task comes to it. Tasks that sleep are in no list
// that is walked.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "emu/kernel/task/timers.hpp"
#include "emu/kernel/task/wait_queue.hpp"

namespace trapline::kernel {

class Kernel;
class Task;

// A task, after it may be gone.
struct TaskIds {
  int tgid = 0;  // 0: of the idle task
  int tid = 0;
};

class Scheduler {
 public:
  explicit Scheduler(Kernel& kernel);

  // The point of time that kernel code at work belongs to: the clock of the CPU that it runs on, or the timer
  // that went off. It never goes back, though clocks of CPUs differ.
  std::uint64_t now();

  // The next CPU to go on, and from which time; nothing where no task can run.
  struct Turn {
    unsigned cpu = 0;
    std::uint64_t time = 0;
  };
  std::optional<Turn> next() const;
  // Gives the CPU its next task, where it has none, and returns the one it has.
  Task& take_turn(Turn turn);
  // Up to which time the task may run before the scheduler has to look again.
  std::uint64_t limit(unsigned cpu) const;
  // After a task ran: whether its time is up and others wait, in which case it goes to the back of the queue.
  void tick(unsigned cpu);
  // A timer goes off at that time, on whatever CPU.
  void enter_timer(std::uint64_t time) {
    active_time_ = time;
    active_cpu_.reset();
  }
  void enter_cpu(unsigned cpu) { active_cpu_ = cpu; }
  // The CPU whose kernel is at work; of a timer none.
  std::optional<unsigned> active_cpu() const { return active_cpu_; }

  // A new task, or one that slept, can run.
  void wake_up(Task& task);
  // The task on a CPU gives it up, because it sleeps, stops or ends (schedule()); or, `preempted`, for
  // others.
  void leave(Task& task, bool preempted = false);
  void yield(Task& task);
  // Its affinity changed: it leaves a CPU that it may not run on.
  void move_if_needed(Task& task);

  // Grows whenever a task comes into a queue, by which limit() may change.
  std::uint64_t plans() const { return plans_; }
  Task* running(unsigned cpu) const { return cpus_[cpu].running; }
  std::uint64_t cpu_mask() const;
  std::size_t runnable() const;

 private:
  struct RunQueue {
    std::deque<Task*> tasks;  // that wait for this CPU
    Task* running = nullptr;
    TaskIds last;  // of the task that ran last: a switch to it costs nothing
    int next = 0;  // tid of the task that it made way for, and that comes at once; 0: the CPU idles
    std::uint64_t slice_end = 0;
  };

  std::uint64_t clock(unsigned cpu) const;
  void enqueue(Task& task);
  unsigned choose_cpu(const Task& task) const;
  void take_from_others(unsigned cpu);
  void switch_to(unsigned cpu, Task& task);

  Kernel& kernel_;
  std::vector<RunQueue> cpus_;
  std::optional<unsigned> active_cpu_;
  std::uint64_t active_time_ = 0;
  std::uint64_t plans_ = 0;
  std::uint64_t latest_ = 0;  // that now() ever said
};

}  // namespace trapline::kernel
