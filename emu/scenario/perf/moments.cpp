#include "emu/scenario/perf/moments.hpp"

#include <algorithm>
#include <memory>

namespace trapline::scenario {

void Moments::plan(const Moment& moment, When when, Come come) {
  struct Add {
    Moments& moments;
    When when;
    Come& come;
    void operator()(std::uint64_t cycle) const { moments.cycles_.emplace_back(cycle, std::move(come)); }
    void operator()(const AtOverflow& overflow) const {
      moments.hits_[overflow.event].push_back({overflow.number, when, std::move(come)});
    }
    void operator()(const AtCall& call) const {
      const Place& place = call.function.value;
      auto code = moments.symbols_.code(place);
      Function& function = moments.functions_[to_string(place)];
      function.code = std::move(code);
      (call.returns ? function.returns : function.begins).push_back({call.number, when, std::move(come)});
    }
  };
  std::visit(Add{*this, when, come}, moment);
}

void Moments::start(const kernel::Task& main) {
  points_.start(main);
  for (const auto& [cycle, come] : cycles_) kernel_.timers().run_at(cycle, [come] { come(nullptr); });
  for (auto& [name, function] : functions_) {
    for (const SymbolTable::Code& code : function.code) {
      points_.at(code.entry, [this, &function, &code](machine::Cpu& cpu, kernel::Task& task) {
        enters(function, code, cpu, task);
      });
      if (code.body == code.entry) continue;
      points_.at(code.body,
                 [this, &function](machine::Cpu& cpu, kernel::Task& task) { begins(function, cpu, task); });
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
    if (plan.number.value_or(number) == number) between(plan, at.cpu, at.task);
  }
}

void Moments::observed(std::size_t event, std::uint64_t number, machine::Cpu& cpu) {
  const auto plans = hits_.find(event);
  if (plans == hits_.end()) return;
  kernel::Task* const task = kernel_.scheduler().running(cpu.index());
  for (const Plan& plan : plans->second) {
    if (plan.number.value_or(number) != number) continue;
    if (plan.when == When::AtOnce) {
      plan.come(task);
    } else {
      between(plan, cpu, task);
      cpu.stop_soon();
    }
  }
}

// Before the CPU goes on.
void Moments::between(const Plan& plan, machine::Cpu& cpu, kernel::Task* task) {
  const auto who = task == nullptr ? std::weak_ptr<kernel::Task>() : task->weak_from_this();
  kernel_.timers().run_at(cpu.clock(), [&plan, who] { plan.come(who.lock().get()); });
}

// At its first instruction.
void Moments::enters(Function& function, const SymbolTable::Code& code, machine::Cpu& cpu,
                     kernel::Task& task) {
  const auto frames = callers_.frames(cpu, task, 1);
  // A loop that begins there is the same call.
  if (!frames.empty() && code.loops && points_.returns().awaits(task, frames.front(), code.entry)) return;
  const std::uint64_t number = ++function.calls;
  const std::uint64_t frame = frames.empty() ? 0 : frames.front().cfa;
  // Where it goes on to is not known of a function without unwind tables.
  if (!frames.empty()) {
    points_.returns().await(task, frames.front(), code.entry,
                            [&function, number](machine::Cpu&, kernel::Task& returning) {
                              come(function.returns, number, &returning);
                            });
  }
  function.entered.push_back({task.tid(), frame, number});
  if (code.body == code.entry) begins(function, cpu, task);
}

// It has set up its frame: of those that were entered, the one with this frame.
void Moments::begins(Function& function, machine::Cpu& cpu, kernel::Task& task) {
  const auto frames = callers_.frames(cpu, task, 1);
  const std::uint64_t frame = frames.empty() ? 0 : frames.front().cfa;
  const auto same = [&](const Entered& entered) {
    return entered.task == task.tid() && entered.frame == frame;
  };
  const auto last = std::ranges::find_if(function.entered.rbegin(), function.entered.rend(), same);
  if (last == function.entered.rend()) return;  // its first line is a loop's
  const std::uint64_t number = last->number;
  std::erase_if(function.entered, same);
  come(function.begins, number, &task);
}

}  // namespace trapline::scenario
