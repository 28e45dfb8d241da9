#include "emu/scenario/perf/moments.hpp"

#include <memory>

namespace trapline::scenario {

void Moments::plan(const Moment& moment, Come come) {
  struct Add {
    Moments& moments;
    Come& come;
    void operator()(std::uint64_t cycle) const { moments.cycles_.emplace_back(cycle, std::move(come)); }
    void operator()(const AtOverflow& overflow) const {
      moments.hits_[overflow.event].push_back({overflow.number, std::move(come)});
    }
    void operator()(const AtCall& call) const {
      const Place& place = call.function.value;
      auto bodies = moments.symbols_.bodies(place);
      Function& function = moments.functions_[to_string(place)];
      function.bodies = std::move(bodies);
      (call.returns ? function.returns : function.begins).push_back({call.number, std::move(come)});
    }
  };
  std::visit(Add{*this, come}, moment);
}

void Moments::start(const kernel::Task& main) {
  points_.start(main);
  for (const auto& [cycle, come] : cycles_) kernel_.timers().run_at(cycle, [come] { come(nullptr); });
  for (auto& [name, function] : functions_) {
    for (const std::uint64_t body : function.bodies) {
      points_.at(body,
                 [this, &function](machine::Cpu& cpu, kernel::Task& task) { begun(function, cpu, task); });
    }
  }
}

void Moments::come(const Plans& plans, std::uint64_t number, kernel::Task* task) {
  for (const Plan& plan : plans) {
    if (plan.number.value_or(number) == number) plan.come(task);
  }
}

void Moments::overflowed(std::size_t event, std::uint64_t number, const kernel::PerfOccurrence& at) {
  const auto plans = hits_.find(event);
  if (plans == hits_.end()) return;
  for (const Plan& plan : plans->second) {
    if (plan.number.value_or(number) != number) continue;
    const auto task = at.task == nullptr ? std::weak_ptr<kernel::Task>() : at.task->weak_from_this();
    kernel_.timers().run_at(at.cpu.clock(), [&plan, task] { plan.come(task.lock().get()); });
  }
}

void Moments::observed(std::size_t event, std::uint64_t number, kernel::Task* task) {
  if (const auto plans = hits_.find(event); plans != hits_.end()) come(plans->second, number, task);
}

// The function has set up its frame.
void Moments::begun(Function& function, machine::Cpu& cpu, kernel::Task& task) {
  const auto frames = callers_.frames(cpu, task, 1);
  // The same call: its first line is a loop's.
  if (!frames.empty() && points_.returns().awaits(task, frames.front())) return;
  const std::uint64_t number = ++function.calls;
  // Where it goes on to is not known of a function without unwind tables.
  if (!frames.empty()) {
    points_.returns().await(task, frames.front(),
                            [&function, number](machine::Cpu&, kernel::Task& returning) {
                              come(function.returns, number, &returning);
                            });
  }
  come(function.begins, number, &task);
}

}  // namespace trapline::scenario
