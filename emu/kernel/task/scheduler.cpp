#include "emu/kernel/task/scheduler.hpp"

#include <algorithm>
#include <utility>

#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

// With a seed: for how many cycles, at the most, a task has its CPU while others wait. Short, because a race
// is lost in a few instructions, and hits cost far more.
constexpr std::uint64_t kLongestByChance = 1 << 16;
constexpr std::uint64_t kNever = ~std::uint64_t{0};

TaskIds ids_of(const Task* task) { return task == nullptr ? TaskIds{} : TaskIds{task->tgid(), task->tid()}; }

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

Scheduler::Borrowed::Borrowed(const Scheduler& scheduler, Task& task)
    : cpu_(scheduler.machine_.cpu(task.cpu)), own_(cpu_.state()) {
  cpu_.use(&task.registers);
}

Scheduler::Scheduler(machine::Machine& machine, SwitchHooks& hooks, const InterleavingSpec& interleaving)
    : machine_(machine), hooks_(hooks), interleaving_(interleaving), online_(possible_mask()) {
  const unsigned cpus = machine.cpus();
  cpus_.reserve(cpus);
  for (unsigned cpu = 0; cpu < cpus; ++cpu) cpus_.emplace_back(cpus);
}

// --- Time, and whose turn it is ---

std::uint64_t Scheduler::clock(unsigned cpu) const { return machine_.cpu(cpu).clock(); }

std::uint64_t Scheduler::now() {
  latest_ = std::max(latest(), active_cpu_ ? clock(*active_cpu_) : active_time_);
  return latest_;
}

std::uint64_t Scheduler::latest() const { return std::max(latest_, machine_.latest_counter()); }

void Scheduler::spend(std::uint64_t cycles) {
  if (active_cpu_) machine_.cpu(*active_cpu_).charge(cycles);
}

std::uint64_t Scheduler::cpu_time(const Task& task) const {
  const bool runs = running(task.cpu) == &task;
  return task.sched.sum_exec_runtime + (runs ? clock(task.cpu) - task.sched.exec_start : 0);
}

std::uint64_t Scheduler::cpu_time(const Process& process) const { return cpu_usage(process).time; }

CpuUsage Scheduler::cpu_usage(const Task& task) const {
  return {cpu_time(task), task.sched.voluntary_switches, task.sched.involuntary_switches};
}

CpuUsage Scheduler::cpu_usage(const Process& process) const {
  CpuUsage usage = process.usage_of_the_dead;
  for (const Task* const task : process.threads) usage += cpu_usage(*task);
  return usage;
}

machine::Cpu* Scheduler::cpu_of(const Task& task) const {
  return running(task.cpu) == &task ? &machine_.cpu(task.cpu) : nullptr;
}

std::optional<std::uint64_t> Scheduler::time_of_turn(unsigned cpu) const {
  const RunQueue& queue = cpus_[cpu];
  if (queue.current != nullptr) return clock(cpu) + queue.next_cost;
  if (queue.idle()) return std::nullopt;
  std::uint64_t time = kNever;
  if (queue.fair.size() != 0) time = clock(cpu);
  if (queue.real_time.size() != 0) time = std::min(time, queue.real_time.next_period().value_or(clock(cpu)));
  if (!queue.arrivals.empty()) time = std::min(time, (*queue.arrivals.begin())->ready_at);
  return std::max(time, clock(cpu));
}

std::optional<Scheduler::Turn> Scheduler::next() {
  std::optional<Turn> first;
  for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu) {
    const auto time = time_of_turn(cpu);
    if (time && (!first || *time < first->time)) first = Turn{cpu, *time};
  }
  if (!first || !interleaving_.by_chance()) return first;
  std::vector<Turn> near;
  for (unsigned cpu = 0; cpu < cpus_.size(); ++cpu) {
    const auto time = time_of_turn(cpu);
    if (time && *time - first->time < interleaving_.quantum()) near.push_back({cpu, *time});
  }
  return near[interleaving_.choice(near.size())];
}

Task* Scheduler::take_turn(Turn turn) {
  enter_cpu(turn.cpu);
  RunQueue& queue = cpus_[turn.cpu];
  if (queue.current == nullptr && clock(turn.cpu) < turn.time)
    machine_.cpu(turn.cpu).charge(turn.time - clock(turn.cpu));
  receive(turn.cpu);
  if (queue.current == nullptr) {
    SchedEntity* const first = pick(turn.cpu);
    if (first == nullptr) return nullptr;
    set_current(turn.cpu, *first);
    queue.made_way = {};
  }
  if (!queue.running) switch_in(turn.cpu);
  if (interleaving_.by_chance())
    stretch_end_ = clock(turn.cpu) + interleaving_.length(interleaving_.quantum());
  return queue.current;
}

std::uint64_t Scheduler::kernel_limit(unsigned cpu) const {
  std::uint64_t limit = kNever;
  for (unsigned other = 0; other < cpus_.size(); ++other) {
    if (other == cpu) continue;
    if (const auto time = time_of_turn(other)) limit = std::min(limit, *time);
  }
  return limit == kNever ? kNever : limit + interleaving_.quantum();
}

std::uint64_t Scheduler::limit(unsigned cpu) const {
  const RunQueue& queue = cpus_[cpu];
  std::uint64_t limit = kernel_limit(cpu);
  if (limit != kNever && interleaving_.by_instruction()) limit = clock(cpu) + 1;
  limit = std::min(limit, stretch_end_);
  if (needs_tick(queue)) limit = std::min(limit, queue.next_tick);
  if (queue.chance && queue.waiting() != 0) limit = std::min(limit, *queue.chance);
  if (!queue.arrivals.empty()) limit = std::min(limit, (*queue.arrivals.begin())->ready_at);
  return std::min(limit, queue.real_time.next_period().value_or(kNever));
}

void Scheduler::end_turn(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  receive(cpu);
  if (queue.current == nullptr) return;
  if (clock(cpu) >= std::min(queue.next_tick, queue.real_time.next_period().value_or(kNever))) tick(cpu);
  if (queue.chance && clock(cpu) >= *queue.chance) let_chance_preempt(cpu);
  queue.next_cost = 0;
  if (interleaving_.by_instruction() && cpus_.size() > 1 && queue.running &&
      queue.current->step == Step::User)
    queue.next_cost = machine_.cpu(cpu).next_cost();
}

std::uint64_t Scheduler::possible_mask() const { return ~std::uint64_t{0} >> (64 - machine_.cpus()); }

std::size_t Scheduler::runnable() const {
  std::size_t count = 0;
  for (const RunQueue& queue : cpus_) count += queue.size() + queue.arrivals.size();
  return count;
}

// --- The queues of a CPU ---

void Scheduler::update(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  queue.fair.update_current(clock(cpu));
  if (queue.real_time.size() != 0) queue.real_time.update(clock(cpu));
}

void Scheduler::enqueue(unsigned cpu, Task& task, FairQueue::Entry entry, bool first) {
  RunQueue& queue = cpus_[cpu];
  update(cpu);
  if (real_time(task.sched.parameters.policy)) {
    queue.real_time.update(clock(cpu));
    queue.real_time.enqueue(task.sched, first, clock(cpu));
  } else {
    queue.fair.enqueue(task.sched, entry);
  }
  // The tick stood still while there was nothing to decide.
  if (queue.next_tick <= clock(cpu)) queue.next_tick = (clock(cpu) / kJiffy + 1) * kJiffy;
  ++plans_;
}

void Scheduler::dequeue(Task& task, bool moves) {
  SchedEntity& entity = task.sched;
  RunQueue& queue = cpus_[task.cpu];
  if (entity.arriving) {
    queue.arrivals.erase(entity.place);
    entity.arriving = entity.on_rq = false;
  } else if (real_time(entity.parameters.policy)) {
    queue.real_time.dequeue(entity);
  } else {
    queue.fair.dequeue(entity, moves);
  }
}

void Scheduler::set_current(unsigned cpu, SchedEntity& entity) {
  RunQueue& queue = cpus_[cpu];
  if (real_time(entity.parameters.policy)) {
    queue.real_time.set_current(entity, clock(cpu));
  } else {
    queue.fair.set_current(entity, clock(cpu));
  }
  queue.current = entity.task;
}

void Scheduler::put_current(unsigned cpu) {
  cpus_[cpu].fair.put_current();
  cpus_[cpu].real_time.put_current();
}

SchedEntity* Scheduler::pick(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  update(cpu);
  pull_real_time(cpu);
  if (SchedEntity* const entity = queue.real_time.pick()) return entity;
  return queue.fair.pick();
}

// --- Switching ---

// Who comes next is decided now; the switch itself is the CPU's next turn.
void Scheduler::schedule(unsigned cpu, bool preempted) {
  RunQueue& queue = cpus_[cpu];
  Task& previous = *queue.current;
  queue.resched = false;
  SchedEntity* next = pick(cpu);
  if (next == nullptr) {
    pull_when_idle(cpu);
    next = pick(cpu);
  }
  if (next == &previous.sched) return;
  put_current(cpu);
  if (previous.sched.on_rq && previous.cpu == cpu) previous.sched.ready_at = clock(cpu);
  ++(preempted ? previous.sched.involuntary_switches : previous.sched.voluntary_switches);
  ++switches_;
  queue.current = nullptr;
  queue.running = false;
  queue.next_cost = 0;
  if (next != nullptr) set_current(cpu, *next);
  queue.made_way = queue.current == nullptr ? TaskIds{} : ids_of(&previous);
  hooks_.switch_out(previous, machine_.cpu(cpu), ids_of(queue.current), preempted);
}

void Scheduler::switch_in(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  Task& task = *queue.current;
  if (queue.last.tid != 0 && queue.last.tid != task.tid()) {
    machine_.cpu(cpu).charge(machine_.event_costs().context_switch);
    machine_.cpu(cpu).trace(machine::Layer::Task, "sched_switch", {{"next", std::int64_t{task.tid()}}});
  }
  if (queue.made_way.tid == 0) ++switches_;  // from the idle task
  queue.last = ids_of(&task);
  queue.running = true;
  task.cpu = cpu;
  task.sched.exec_start = clock(cpu);
  if (interleaving_.by_chance()) queue.chance = clock(cpu) + interleaving_.length(kLongestByChance);
  machine::Cpu& on = machine_.cpu(cpu);
  on.use(&task.registers);
  on.set_address_space(task.mm ? &task.mm->space() : nullptr);
  hooks_.switch_in(task, on, std::exchange(queue.made_way, {}));
}

bool Scheduler::preempt(unsigned cpu) {
  if (!cpus_[cpu].resched) return false;
  schedule(cpu, true);
  return !cpus_[cpu].running;
}

void Scheduler::leave(Task& task) {
  if (running(task.cpu) != &task) return;
  update(task.cpu);
  dequeue(task, false);
  schedule(task.cpu, false);
}

void Scheduler::yield(Task& task) {
  RunQueue& queue = cpus_[task.cpu];
  if (running(task.cpu) != &task || queue.size() == 1) return;
  update(task.cpu);
  if (real_time(task.sched.parameters.policy)) {
    queue.real_time.yield();
  } else {
    queue.fair.yield();
  }
  schedule(task.cpu, true);
}

// --- Preemption ---

void Scheduler::request_resched(unsigned cpu) {
  cpus_[cpu].resched = true;
  ++plans_;
}

void Scheduler::check_preempt(unsigned cpu, Task& woken) {
  RunQueue& queue = cpus_[cpu];
  if (queue.current == nullptr || queue.current == &woken) return;
  const SchedParameters& ours = queue.current->sched.parameters;
  const SchedParameters& theirs = woken.sched.parameters;
  const bool preempts = real_time(ours.policy) || real_time(theirs.policy)
                            ? theirs.priority > ours.priority
                            : queue.fair.preempts(woken.sched, queue.resched);
  if (preempts) request_resched(cpu);
}

void Scheduler::tick(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  update(cpu);
  queue.next_tick = (clock(cpu) / kJiffy + 1) * kJiffy;
  const bool used_up =
      real_time(queue.current->sched.parameters.policy) ? queue.real_time.tick() : queue.fair.tick();
  // Real time's share of the period is used up, or a new one has begun.
  const bool other_class = queue.real_time.size() != 0 && real_time(queue.current->sched.parameters.policy) !=
                                                              (queue.real_time.pick() != nullptr);
  if (used_up || other_class) request_resched(cpu);
  balance(cpu);
}

// Whoever waits in front may be next, however unfair, so that a race shows that fairness hides.
void Scheduler::let_chance_preempt(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  queue.chance = clock(cpu) + interleaving_.length(kLongestByChance);
  const Timeline& waiting = queue.fair.waiting();
  if (waiting.empty() || real_time(queue.current->sched.parameters.policy)) return;
  constexpr std::size_t kCandidates = 8;
  const auto steps = interleaving_.choice(std::min(waiting.size(), kCandidates));
  queue.fair.force(**std::next(waiting.begin(), static_cast<std::ptrdiff_t>(steps)));
  request_resched(cpu);
}

// --- Tasks come and go ---

void Scheduler::send(Task& task, unsigned cpu) {
  SchedEntity& entity = task.sched;
  RunQueue& queue = cpus_[cpu];
  task.cpu = cpu;
  if (entity.ready_at <= clock(cpu)) {
    enqueue(cpu, task, FairQueue::Entry::Move);
    check_preempt(cpu, task);
    return;
  }
  entity.on_rq = entity.arriving = true;
  entity.key = entity.ready_at;
  entity.order = static_cast<std::int64_t>(++plans_);
  entity.place = queue.arrivals.insert(&entity).first;
}

void Scheduler::receive(unsigned cpu) {
  RunQueue& queue = cpus_[cpu];
  while (!queue.arrivals.empty() && (*queue.arrivals.begin())->ready_at <= clock(cpu)) {
    Task& task = *(*queue.arrivals.begin())->task;
    dequeue(task, true);
    enqueue(cpu, task, FairQueue::Entry::Move);
    check_preempt(cpu, task);
  }
}

void Scheduler::fork(const Task& parent, Task& child) {
  SchedParameters& parameters = child.sched.parameters;
  parameters = parent.sched.parameters;
  if (parameters.reset_on_fork) {
    if (real_time(parameters.policy)) parameters = {};
    parameters.nice = std::max(parameters.nice, 0);
    parameters.reset_on_fork = false;
  }
  admit(child, parent.cpu);
}

void Scheduler::admit(Task& task, unsigned cpu) {
  task.cpu = cpu;
  task.sched.time_slice = RealTimeQueue::kSliceTicks;
  if (real_time(task.sched.parameters.policy)) return;
  update(cpu);
  cpus_[cpu].fair.place_new(task.sched);
}

void Scheduler::wake_up_new(Task& task) {
  task.state = TaskState::Running;
  task.sched.ready_at = now();
  find_fallback(task);
  send(task, select_cpu_for_fork(task));
}

void Scheduler::wake_up(Task& task) {
  task.waits_in.leave();
  task.sleep_timer.cancel();
  task.state = TaskState::Running;
  SchedEntity& entity = task.sched;
  if (entity.on_rq) return;
  entity.ready_at = now();
  find_fallback(task);
  if (real_time(entity.parameters.policy)) return send(task, select_cpu_for_real_time(task));
  const unsigned cpu = select_cpu_for_wakeup(task);
  if (cpu == task.cpu && entity.ready_at <= clock(cpu)) {
    enqueue(cpu, task, FairQueue::Entry::Wakeup);
    check_preempt(cpu, task);
  } else {
    cpus_[task.cpu].fair.detach(entity);
    send(task, cpu);
  }
}

// --- What system calls change ---

void Scheduler::set_affinity(Task& task, std::uint64_t mask) {
  task.affinity = mask;
  if (task.sched.on_rq && !may_run(task, task.cpu)) move_away(task);
}

void Scheduler::move_away(Task& task) {
  find_fallback(task);
  const unsigned cpu = task.cpu;
  RunQueue& queue = cpus_[cpu];
  update(cpu);
  dequeue(task, true);
  if (queue.current == &task) {
    if (queue.running) {
      schedule(cpu, true);
    } else {
      put_current(cpu);
      queue.current = nullptr;
      queue.made_way = {};
    }
  }
  task.sched.ready_at = std::max(now(), clock(cpu));
  send(task, real_time(task.sched.parameters.policy) ? select_cpu_for_real_time(task)
                                                     : select_cpu_for_wakeup(task));
}

void Scheduler::take_offline(unsigned cpu, const Task* last) {
  online_ &= ~(std::uint64_t{1} << cpu);
  RunQueue& queue = cpus_[cpu];
  const auto first = [&queue, last]() -> Task* {
    if (queue.current != nullptr && queue.current != last) return queue.current;
    for (const Timeline* const waiting :
         {&queue.fair.waiting(), &queue.real_time.waiting(), &std::as_const(queue.arrivals)}) {
      if (!waiting->empty()) return (*waiting->begin())->task;
    }
    return nullptr;
  };
  while (Task* const task = first()) move_away(*task);
}

// __sched_setscheduler(), set_user_nice()
void Scheduler::set_parameters(Task& task, const SchedParameters& parameters) {
  SchedEntity& entity = task.sched;
  const SchedParameters old = std::exchange(entity.parameters, parameters);
  const bool was_real_time = real_time(old.policy);
  const bool is_real_time = real_time(parameters.policy);
  RunQueue& queue = cpus_[task.cpu];
  if (entity.arriving) return;  // as if it had come with them
  if (!entity.on_rq) {
    if (was_real_time && !is_real_time) queue.fair.attach(entity);
    if (!was_real_time && is_real_time) queue.fair.detach(entity);
    return;
  }
  const bool current = queue.current == &task;
  entity.parameters = old;
  update(task.cpu);
  dequeue(task, true);
  if (current) put_current(task.cpu);
  entity.parameters = parameters;
  // Who goes down is the first there, and who goes up is the last.
  enqueue(task.cpu, task, FairQueue::Entry::Move, parameters.priority < old.priority);
  if (!current) return check_preempt(task.cpu, task);
  set_current(task.cpu, entity);
  const bool lower = was_real_time && !is_real_time;
  const bool nicer = !was_real_time && !is_real_time && parameters.nice > old.nice;
  const bool higher_waits = is_real_time && queue.real_time.pick() != &entity;
  if (lower || nicer || higher_waits) request_resched(task.cpu);
}

std::uint64_t Scheduler::interval(const Task& task) const {
  const FairQueue& fair = cpus_[task.cpu].fair;
  switch (task.sched.parameters.policy) {
    case Policy::Fifo:
      return 0;
    case Policy::RoundRobin:
      return RealTimeQueue::kSliceTicks * kJiffy;
    default:
      return fair.weight() == 0 ? 0 : fair.slice(task.sched) / kJiffy * kJiffy;
  }
}

}  // namespace trapline::kernel
