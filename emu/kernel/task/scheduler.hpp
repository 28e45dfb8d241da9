// Which task runs on which CPU, and when (kernel/sched/core.c of Linux 6.1). Everything follows from the
// CPUs' cycle clocks: the CPU whose clock is behind goes on next, for a stretch short enough that clocks
// never lie far apart. A CPU without work has no cost: its clock jumps ahead when a task comes to it. Tasks
// that sleep are in no list that is walked.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "emu/kernel/task/fair_queue.hpp"
#include "emu/kernel/task/interleaving.hpp"
#include "emu/kernel/task/real_time_queue.hpp"
#include "emu/kernel/task/timers.hpp"
#include "emu/kernel/task/wait_queue.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {

struct CpuUsage;
struct Process;
class Task;

// A task, after it may be gone.
struct TaskIds {
  int tgid = 0;  // 0: of the idle task
  int tid = 0;
};

// Told of each switch, for what a task has on its CPU beside its turn (prepare_task_switch(),
// finish_task_switch()).
class SwitchHooks {
 public:
  // The task comes onto the CPU. `previous`: who made way for it.
  virtual void switch_in(Task& task, machine::Cpu& cpu, const TaskIds& previous) = 0;
  // It leaves the CPU; `preempted`: it could have gone on.
  virtual void switch_out(Task& task, machine::Cpu& cpu, const TaskIds& next, bool preempted) = 0;

 protected:
  ~SwitchHooks() = default;
};

class Scheduler {
 public:
  Scheduler(machine::Machine& machine, SwitchHooks& hooks, const InterleavingSpec& interleaving);

  machine::Machine& machine() const { return machine_; }

  // The point of time that kernel code at work belongs to: the clock of the CPU that it runs on, or the timer
  // that went off. It never goes back, though clocks of CPUs differ.
  std::uint64_t now();
  // The latest time that anybody was told.
  std::uint64_t latest() const;

  // The CPU whose kernel is at work now works so long, for what emu/kernel/costs.hpp says.
  void spend(std::uint64_t cycles);
  // Cycles that the task, or all threads of a process, have had on CPUs.
  std::uint64_t cpu_time(const Task& task) const;
  std::uint64_t cpu_time(const Process& process) const;
  CpuUsage cpu_usage(const Task& task) const;
  CpuUsage cpu_usage(const Process& process) const;

  // The next CPU to go on, and from which time; nothing where no task can run.
  struct Turn {
    unsigned cpu = 0;
    std::uint64_t time = 0;
  };
  std::optional<Turn> next();
  // Gives the CPU its next task, where it has none, and returns the one it has. Null: all of its tasks have
  // to wait for real time's next period.
  Task* take_turn(Turn turn);
  // Up to which time the task may run before the scheduler has to look again.
  std::uint64_t limit(unsigned cpu) const;
  // Up to which time the kernel may go on for its task before other CPUs do.
  std::uint64_t kernel_limit(unsigned cpu) const;
  // After a task ran: who comes to the CPU by now, and what a tick has to say.
  void end_turn(unsigned cpu);
  // Before its task returns to user code: it makes way for another, where it has to. True: it did.
  bool preempt(unsigned cpu);
  // A timer goes off at that time, on whatever CPU.
  void enter_timer(std::uint64_t time) {
    active_time_ = time;
    active_cpu_.reset();
  }
  void enter_cpu(unsigned cpu) { active_cpu_ = cpu; }
  // The CPU whose kernel is at work; of a timer none.
  std::optional<unsigned> active_cpu() const { return active_cpu_; }
  // Whether the task there is to make way when it can (TIF_NEED_RESCHED).
  bool needs_resched(unsigned cpu) const { return cpus_[cpu].resched; }

  // A new task begins with what it has from its parent (sched_fork()).
  void fork(const Task& parent, Task& child);
  // A new one that has no parent, on that CPU.
  void admit(Task& task, unsigned cpu);
  void wake_up_new(Task& task);
  // One that slept can run.
  void wake_up(Task& task);
  // The task on a CPU gives it up, because it sleeps, stops or ends (schedule()).
  void leave(Task& task);
  void yield(Task& task);
  void set_affinity(Task& task, std::uint64_t mask);
  // sched_setscheduler(2), setpriority(2): at once, wherever the task is.
  void set_parameters(Task& task, const SchedParameters& parameters);
  // sched_rr_get_interval(2), in nanoseconds.
  std::uint64_t interval(const Task& task) const;

  // Grows whenever something happens by which limit() may change, or a task has to leave its CPU.
  std::uint64_t plans() const { return plans_; }
  Task* running(unsigned cpu) const { return cpus_[cpu].running ? cpus_[cpu].current : nullptr; }
  machine::Cpu* cpu_of(const Task& task) const;  // null: it runs on none
  // A CPU with the task's registers in it, for as long as `use` takes, wherever the task is.
  template <class Use>
  auto with_registers(Task& task, Use use) {
    if (machine::Cpu* const cpu = cpu_of(task)) return use(*cpu);
    const Borrowed borrowed(*this, task);
    return use(borrowed.cpu());
  }
  // The CPUs that there are, and those that tasks run on now.
  std::uint64_t possible_mask() const;
  std::uint64_t online_mask() const { return online_; }
  bool online(unsigned cpu) const { return (online_ >> cpu & 1) != 0; }
  // CPU hotplug (kernel/cpu.c): what is on the CPU goes on elsewhere, and nothing comes to it any more.
  // `last` stays there until it sleeps.
  void take_offline(unsigned cpu, const Task* last);
  void bring_online(unsigned cpu) { online_ |= std::uint64_t{1} << cpu; }
  std::size_t runnable() const;
  std::uint64_t switches() const { return switches_; }  // nr_switches of all CPUs

 private:
  // A CPU that has the registers of a task which does not run there.
  class Borrowed {
   public:
    Borrowed(const Scheduler& scheduler, Task& task);
    ~Borrowed() { cpu_.use(own_); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;

    machine::Cpu& cpu() const { return cpu_; }

   private:
    machine::Cpu& cpu_;
    machine::CpuState* own_;
  };

  struct RunQueue {
    explicit RunQueue(unsigned cpus) : fair(cpus) {}

    FairQueue fair;
    RealTimeQueue real_time;
    Task* current = nullptr;  // null: idle
    bool running = false;     // it is on the CPU: the switch to it was made
    bool resched = false;     // TIF_NEED_RESCHED
    // Woken by a CPU whose clock is ahead, and on the way here until the clock is there, too; by that time.
    Timeline arrivals;
    TaskIds last;      // of the task that ran last: a switch to it costs nothing
    TaskIds made_way;  // for `current`; nobody: the CPU was idle
    std::uint64_t next_tick = 0;
    unsigned ticks_to_balance = 0;
    // With a seed: when the current one has to make way, by chance.
    std::optional<std::uint64_t> chance{};
    // With a quantum of one: what the instruction that comes next costs.
    std::uint64_t next_cost = 0;

    unsigned size() const { return fair.size() + real_time.size(); }
    std::size_t waiting() const { return fair.waiting().size() + real_time.waiting().size(); }
    bool idle() const { return current == nullptr && size() == 0 && arrivals.empty(); }
  };

  std::uint64_t clock(unsigned cpu) const;
  std::optional<std::uint64_t> time_of_turn(unsigned cpu) const;
  void update(unsigned cpu);
  void enqueue(unsigned cpu, Task& task, FairQueue::Entry entry, bool first = false);
  void dequeue(Task& task, bool moves);
  void set_current(unsigned cpu, SchedEntity& entity);
  void put_current(unsigned cpu);
  SchedEntity* pick(unsigned cpu);
  void schedule(unsigned cpu, bool preempted);
  void switch_in(unsigned cpu);
  void request_resched(unsigned cpu);
  void check_preempt(unsigned cpu, Task& woken);
  // The task comes to the CPU when that CPU's clock is where the task's is.
  void send(Task& task, unsigned cpu);
  void move_away(Task& task);
  void receive(unsigned cpu);
  void tick(unsigned cpu);
  void let_chance_preempt(unsigned cpu);
  bool needs_tick(const RunQueue& queue) const { return queue.size() > 1 || queue.real_time.size() != 0; }

  // load_balance.cpp
  bool may_run(const Task& task, unsigned cpu) const;
  void find_fallback(Task& task) const;
  bool available(unsigned cpu) const;
  unsigned select_cpu_for_wakeup(const Task& task) const;
  unsigned select_cpu_for_fork(const Task& task) const;
  unsigned select_cpu_for_real_time(const Task& task) const;
  unsigned least_loaded(const Task& task) const;
  int rank(unsigned cpu) const;
  void pull_when_idle(unsigned cpu);
  void pull_real_time(unsigned cpu);
  void balance(unsigned cpu);
  Task* movable(const Timeline& waiting, unsigned to) const;
  void migrate(Task& task, unsigned to);

  machine::Machine& machine_;
  SwitchHooks& hooks_;
  Interleaving interleaving_;
  std::vector<RunQueue> cpus_;
  std::uint64_t online_;
  std::optional<unsigned> active_cpu_;
  std::uint64_t active_time_ = 0;
  std::uint64_t plans_ = 0;
  std::uint64_t switches_ = 0;
  std::uint64_t stretch_end_ = ~std::uint64_t{0};
  std::uint64_t latest_ = 0;  // that now() ever said
};

}  // namespace trapline::kernel
