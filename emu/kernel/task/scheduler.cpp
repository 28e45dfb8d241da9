#include "emu/kernel/task/scheduler.hpp"

#include <algorithm>
#include <utility>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

// Nanoseconds. A task runs this long while others wait (a tick of a kernel with HZ=250), and at least the
// second one after another was woken (sched_min_granularity of one CPU).
constexpr std::uint64_t kSlice = 4'000'000;
constexpr std::uint64_t kGranularity = 750'000;
// How far a CPU may get ahead of another that has work, in cycles. To change between CPUs costs the host
// about a microsecond, in which a guest gets on by some thousand cycles.
constexpr std::uint64_t kLead = 20'000;

}  // namespace

// A waiting task is in as many queues as it waits for. That of something that goes away wakes it, so that it
// looks again.
WaitQueue::~WaitQueue() { wake_all(); }

void WaitQueue::wake_all() {
  // Each leaves all queues that it is in, this one included.
  while (!tasks_.empty()) {
    Task& task = *tasks_.front();
    task.scheduler->wake_up(task);
  }
}

Scheduler::Scheduler(Kernel& kernel) : kernel_(kernel), cpus_(kernel.machine().cpus()) {}

std::uint64_t Scheduler::clock(unsigned cpu) const { return kernel_.machine().cpu(cpu).clock(); }

std::uint64_t Scheduler::now() {
  latest_ = std::max(latest_, active_cpu_ ? clock(*active_cpu_) : active_time_);
  return latest_;
}

std::optional<Scheduler::Turn> Scheduler::next() const {
  std::optional<Turn> best;
  for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu) {
    const RunQueue& queue = cpus_[cpu];
    if (queue.running == nullptr && queue.tasks.empty()) continue;
    const std::uint64_t time =
        queue.running != nullptr ? clock(cpu) : std::max(clock(cpu), queue.tasks.front()->ready_at);
    if (!best || time < best->time) best = Turn{cpu, time};
  }
  return best;
}

Task& Scheduler::take_turn(Turn turn) {
  enter_cpu(turn.cpu);
  RunQueue& queue = cpus_[turn.cpu];
  if (queue.running == nullptr) {
    Task& task = *queue.tasks.front();
    queue.tasks.pop_front();
    task.queued = false;
    machine::Cpu& cpu = kernel_.machine().cpu(turn.cpu);
    if (cpu.clock() < task.ready_at) cpu.charge(task.ready_at - cpu.clock());
    switch_to(turn.cpu, task);
  }
  return *queue.running;
}

void Scheduler::switch_to(unsigned cpu, Task& task) {
  RunQueue& queue = cpus_[cpu];
  const TaskIds previous = std::exchange(queue.next, 0) == task.tid() ? queue.last : TaskIds{};
  if (queue.last.tid != 0 && queue.last.tid != task.tid()) {
    kernel_.machine().cpu(cpu).charge(kernel_.machine().event_costs().context_switch);
    ++task.switches;
    kernel_.trace_switch(cpu, task);
  }
  queue.last = {task.tgid(), task.tid()};
  queue.running = &task;
  queue.slice_end = clock(cpu) + kSlice;
  task.cpu = cpu;
  task.running_since = clock(cpu);
  kernel_.context_switch_in(task, cpu, previous);
}

std::uint64_t Scheduler::limit(unsigned cpu) const {
  std::uint64_t limit = ~std::uint64_t{0};
  for (unsigned other = 0; other < cpus_.size(); ++other) {
    if (other == cpu) continue;
    const RunQueue& queue = cpus_[other];
    if (queue.running != nullptr) {
      limit = std::min(limit, clock(other) + kLead);
    } else if (!queue.tasks.empty()) {
      limit = std::min(limit, std::max(clock(other), queue.tasks.front()->ready_at) + kLead);
    }
  }
  if (!cpus_[cpu].tasks.empty()) limit = std::min(limit, cpus_[cpu].slice_end);
  return limit;
}

void Scheduler::tick(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  if (queue.running == nullptr || queue.tasks.empty() || clock(cpu) < queue.slice_end) return;
  yield(*queue.running);
}

void Scheduler::yield(Task& task) {
  if (cpus_[task.cpu].tasks.empty()) return;
  leave(task, true);
  task.ready_at = clock(task.cpu);
  task.queued = true;
  cpus_[task.cpu].tasks.push_back(&task);
}

std::uint64_t Scheduler::cpu_mask() const {
  return cpus_.size() == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << cpus_.size()) - 1;
}

std::size_t Scheduler::runnable() const {
  std::size_t count = 0;
  for (const RunQueue& queue : cpus_) count += queue.tasks.size() + (queue.running != nullptr ? 1 : 0);
  return count;
}

// The one it ran on last, where that has nothing to do; else another idle one; else the one with the fewest
// tasks.
unsigned Scheduler::choose_cpu(const Task& task) const {
  const auto load = [this](unsigned cpu) {
    return cpus_[cpu].tasks.size() + (cpus_[cpu].running != nullptr ? 1 : 0);
  };
  const auto allowed = [&](unsigned cpu) { return (task.affinity >> cpu & 1) != 0; };
  std::optional<unsigned> best;
  if (allowed(task.cpu)) best = task.cpu;
  for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu) {
    if (allowed(cpu) && (!best || load(cpu) < load(*best))) best = cpu;
  }
  return best.value_or(0);
}

void Scheduler::enqueue(Task& task) {
  task.cpu = choose_cpu(task);
  task.queued = true;
  ++plans_;
  RunQueue& queue = cpus_[task.cpu];
  queue.tasks.push_back(&task);
  if (queue.running != nullptr) queue.slice_end = std::min(queue.slice_end, clock(task.cpu) + kGranularity);
}

void Scheduler::wake_up(Task& task) {
  task.waits_in.leave();
  task.sleep_timer.cancel();
  task.state = TaskState::Running;
  if (task.queued || running(task.cpu) == &task) return;
  task.ready_at = now();
  enqueue(task);
}

void Scheduler::leave(Task& task, bool preempted) {
  RunQueue& queue = cpus_[task.cpu];
  if (queue.running != &task) return;
  task.run_time += clock(task.cpu) - task.running_since;
  task.running_since = clock(task.cpu);
  if (queue.tasks.empty()) take_from_others(task.cpu);
  TaskIds next;
  if (!queue.tasks.empty() && queue.tasks.front()->ready_at <= clock(task.cpu))
    next = {queue.tasks.front()->tgid(), queue.tasks.front()->tid()};
  queue.next = next.tid;
  kernel_.context_switch_out(task, task.cpu, next, preempted);
  queue.running = nullptr;
}

// newidle balancing: the longest queue gives its first task that may come.
void Scheduler::take_from_others(unsigned cpu) {
  RunQueue* longest = nullptr;
  for (RunQueue& queue : cpus_) {
    const auto may_come = [&](const Task* task) { return (task->affinity >> cpu & 1) != 0; };
    // What waits on a CPU that runs nothing will run there at once.
    if (queue.running == nullptr || !std::ranges::any_of(queue.tasks, may_come)) continue;
    if (longest == nullptr || queue.tasks.size() > longest->tasks.size()) longest = &queue;
  }
  if (longest == nullptr) return;
  const auto task =
      std::ranges::find_if(longest->tasks, [&](const Task* t) { return (t->affinity >> cpu & 1) != 0; });
  (*task)->cpu = cpu;
  cpus_[cpu].tasks.push_back(*task);
  longest->tasks.erase(task);
}

void Scheduler::move_if_needed(Task& task) {
  if ((task.affinity >> task.cpu & 1) != 0) return;
  if (task.queued) {
    std::erase(cpus_[task.cpu].tasks, &task);
  } else if (running(task.cpu) == &task) {
    leave(task, true);
    task.ready_at = clock(task.cpu);
  } else {
    return;
  }
  enqueue(task);
}

}  // namespace trapline::kernel
