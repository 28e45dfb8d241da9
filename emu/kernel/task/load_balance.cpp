// On which CPU a task comes to run (select_task_rq(), and the balancing of kernel/sched/fair.c and rt.c). All
// CPUs share a cache here. Loads are weights and numbers of those that can run now; averages over time are
// not kept.
#include <algorithm>

#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

bool Scheduler::may_run(const Task& task, unsigned cpu) const {
  return ((task.affinity & online_) >> cpu & 1) != 0;
}

// select_fallback_rq(): where none of its CPUs is left, it may run on any.
void Scheduler::find_fallback(Task& task) const {
  if ((task.affinity & online_) == 0) task.affinity = ~std::uint64_t{0};
}

// available_idle_cpu() || sched_idle_cpu()
bool Scheduler::available(unsigned cpu) const {
  const RunQueue& queue = cpus_[cpu];
  return queue.arrivals.empty() && queue.real_time.size() == 0 && queue.fair.only_idle();
}

unsigned Scheduler::least_loaded(const Task& task) const {
  const auto load = [this](unsigned cpu) { return cpus_[cpu].size() + cpus_[cpu].arrivals.size(); };
  std::optional<unsigned> best;
  if (may_run(task, task.cpu)) best = task.cpu;
  for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu) {
    if (may_run(task, cpu) && (!best || load(cpu) < load(*best))) best = cpu;
  }
  return best.value_or(0);
}

// select_idle_sibling(): where it ran last, or the next that has nothing to do. Else the waker's CPU, where
// that has less to do than its own (wake_affine_weight()).
unsigned Scheduler::select_cpu_for_wakeup(const Task& task) const {
  const auto count = static_cast<unsigned>(cpus_.size());
  for (unsigned i = 0; i < count; ++i) {
    const unsigned cpu = (task.cpu + i) % count;
    if (may_run(task, cpu) && available(cpu)) return cpu;
  }
  if (!may_run(task, task.cpu)) return least_loaded(task);
  const auto load = [this](unsigned cpu) { return cpus_[cpu].fair.weight(); };
  return active_cpu_ && may_run(task, *active_cpu_) && load(*active_cpu_) < load(task.cpu) ? *active_cpu_
                                                                                           : task.cpu;
}

// find_idlest_cpu()
unsigned Scheduler::select_cpu_for_fork(const Task& task) const {
  return real_time(task.sched.parameters.policy) ? select_cpu_for_real_time(task) : least_loaded(task);
}

// Of what runs on a CPU: none, a fair task, or the priority of real time.
int Scheduler::rank(unsigned cpu) const {
  const RunQueue& queue = cpus_[cpu];
  if (queue.idle()) return -1;
  return queue.current == nullptr ? 0 : queue.current->sched.parameters.priority;
}

// Where it ran last, unless one of its rank or above runs there: then where the least important one does
// (find_lowest_rq()).
unsigned Scheduler::select_cpu_for_real_time(const Task& task) const {
  const bool stays = may_run(task, task.cpu);
  if (stays && rank(task.cpu) < task.sched.parameters.priority) return task.cpu;
  std::optional<unsigned> lowest;
  for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu) {
    if (may_run(task, cpu) && (!lowest || rank(cpu) < rank(*lowest))) lowest = cpu;
  }
  if (stays && (!lowest || rank(*lowest) >= task.sched.parameters.priority)) return task.cpu;
  return lowest.value_or(0);
}

// One of those in front that may run there.
Task* Scheduler::movable(const Timeline& waiting, unsigned to) const {
  constexpr int kLooks = 32;  // SCHED_NR_MIGRATE_BREAK
  int looks = 0;
  for (SchedEntity* const entity : waiting) {
    if (may_run(*entity->task, to)) return entity->task;
    if (++looks == kLooks) break;
  }
  return nullptr;
}

void Scheduler::migrate(Task& task, unsigned to) {
  update(task.cpu);
  dequeue(task, true);
  task.sched.ready_at = std::max(task.sched.ready_at, active_cpu_ == to ? clock(to) : now());
  send(task, to);
}

// sched_balance_newidle(): from the CPU where the most wait.
void Scheduler::pull_when_idle(unsigned cpu) {
  Task* found = nullptr;
  std::size_t most = 0;
  for (unsigned other = 0; other < cpus_.size(); ++other) {
    const RunQueue& queue = cpus_[other];
    // What waits on a CPU that runs nothing will run there at once.
    if (other == cpu || queue.current == nullptr || queue.fair.waiting().size() <= most) continue;
    if (Task* const task = movable(queue.fair.waiting(), cpu)) {
      found = task;
      most = queue.fair.waiting().size();
    }
  }
  if (found != nullptr) migrate(*found, cpu);
}

// pull_rt_task(): no real-time task waits on another CPU while a lesser one would run here.
void Scheduler::pull_real_time(unsigned cpu) {
  const SchedEntity* const own = cpus_[cpu].real_time.pick();
  int best = own == nullptr ? 0 : own->parameters.priority;
  Task* found = nullptr;
  for (unsigned other = 0; other < cpus_.size(); ++other) {
    const RunQueue& queue = cpus_[other];
    if (other == cpu || queue.current == nullptr || queue.real_time.waiting().empty() ||
        queue.real_time.next_period())
      continue;
    Task* const task = movable(queue.real_time.waiting(), cpu);
    if (task != nullptr && task->sched.parameters.priority > best) {
      found = task;
      best = task->sched.parameters.priority;
    }
  }
  if (found != nullptr) migrate(*found, cpu);
}

// At a tick: to CPUs that have nothing to do at once, and now and then to one that has clearly less.
void Scheduler::balance(unsigned cpu) {
  constexpr unsigned kTicksBetween = 8;  // busy_factor 16, of 2 ms
  const RunQueue& queue = cpus_[cpu];
  const bool thorough = ++cpus_[cpu].ticks_to_balance >= kTicksBetween;
  if (thorough) cpus_[cpu].ticks_to_balance = 0;
  for (unsigned other = 0; other < cpus_.size() && !queue.fair.waiting().empty(); ++other) {
    if (other == cpu || !(available(other) || (thorough && cpus_[other].size() + 2 <= queue.size())))
      continue;
    if (Task* const task = movable(queue.fair.waiting(), other)) migrate(*task, other);
  }
}

}  // namespace trapline::kernel
