// The slot constraints of the breakpoint PMU, alone, against restatements by brute force, and in a kernel
// with many tasks.
#include "emu/kernel/hw_breakpoint/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <span>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {
namespace {

machine::PhysicalMemory& memory() {
  static machine::PhysicalMemory memory(2 << 20, machine::kGranule);
  return memory;
}

using Request = SlotConstraints::Request;

bool fits(SlotConstraints& constraints, const Request& request) {
  const Status reserved = constraints.reserve(request);
  if (!reserved) {
    EXPECT_EQ(reserved.error().number, ENOSPC);
  }
  return reserved.ok();
}

TEST(SlotConstraints, ATaskHasAllSlotsAndNoMore) {
  SlotConstraints constraints(2, 4);
  const Task task(1, "one", memory());
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(fits(constraints, {&task, -1}));
  EXPECT_FALSE(fits(constraints, {&task, -1}));
  constraints.release({&task, -1});
  EXPECT_TRUE(fits(constraints, {&task, -1}));
}

TEST(SlotConstraints, TasksDoNotTakeSlotsFromEachOther) {
  SlotConstraints constraints(1, 4);
  const Task one(1, "one", memory());
  const Task two(2, "two", memory());
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(fits(constraints, {&one, -1}));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(fits(constraints, {&two, -1}));
}

TEST(SlotConstraints, ACpuLeavesRoomForTheTaskWithTheMost) {
  SlotConstraints constraints(2, 4);
  const Task one(1, "one", memory());
  const Task two(2, "two", memory());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(fits(constraints, {&one, -1}));
  EXPECT_TRUE(fits(constraints, {&two, -1}));
  EXPECT_TRUE(fits(constraints, {nullptr, 0}));
  EXPECT_FALSE(fits(constraints, {nullptr, 0}));
  EXPECT_TRUE(fits(constraints, {nullptr, 1}));
  EXPECT_FALSE(fits(constraints, {&one, -1}));  // CPU 0 has no room for a fourth
  EXPECT_TRUE(fits(constraints, {&two, -1}));
}

TEST(SlotConstraints, ABreakpointOfATaskOnOneCpuMattersThereOnly) {
  SlotConstraints constraints(2, 1);
  const Task task(1, "one", memory());
  EXPECT_TRUE(fits(constraints, {&task, 0}));
  EXPECT_TRUE(fits(constraints, {&task, 1}));
  EXPECT_FALSE(fits(constraints, {&task, -1}));
  EXPECT_FALSE(fits(constraints, {nullptr, 0}));
  constraints.release({&task, 0});
  EXPECT_TRUE(fits(constraints, {nullptr, 0}));
}

TEST(SlotConstraints, WithoutSlotsNothingFits) {
  SlotConstraints constraints(2, 0);
  const Task task(1, "one", memory());
  EXPECT_FALSE(fits(constraints, {nullptr, 1}));
  EXPECT_FALSE(fits(constraints, {&task, -1}));
  EXPECT_FALSE(fits(constraints, {&task, 1}));
}

TEST(SlotConstraints, WhatATaskHasEverywhereCountsBesideWhatItHasOnACpu) {
  SlotConstraints constraints(2, 4);
  const Task task(1, "one", memory());
  EXPECT_TRUE(fits(constraints, {&task, 1}));
  EXPECT_TRUE(fits(constraints, {&task, 1}));
  EXPECT_TRUE(fits(constraints, {nullptr, 0}));
  EXPECT_TRUE(fits(constraints, {nullptr, 0}));
  EXPECT_TRUE(fits(constraints, {&task, -1}));
  EXPECT_TRUE(fits(constraints, {nullptr, 1}));
  EXPECT_FALSE(fits(constraints, {&task, -1}));
  EXPECT_FALSE(fits(constraints, {nullptr, 1}));
  EXPECT_TRUE(fits(constraints, {nullptr, 0}));
  EXPECT_FALSE(fits(constraints, {&task, 0}));
  constraints.release({&task, 1});
  EXPECT_TRUE(fits(constraints, {nullptr, 1}));
}

// A simulation by requests that are held, and nothing else.
struct Live {
  unsigned cpus;
  unsigned slots;
  std::vector<Request> held;

  // What the header states, counted anew: on each CPU those of the CPU, and the most of any task.
  bool fits_with(const Request& request) const {
    std::vector<unsigned> of_cpu(cpus);
    std::map<const Task*, std::vector<unsigned>> of_task;
    const auto count = [&](const Request& r) {
      auto& counts = r.task == nullptr ? of_cpu : of_task.try_emplace(r.task, cpus).first->second;
      for (unsigned cpu = 0; cpu < cpus; ++cpu) {
        if (r.cpu < 0 || static_cast<unsigned>(r.cpu) == cpu) ++counts[cpu];
      }
    };
    std::ranges::for_each(held, count);
    count(request);
    std::vector<unsigned> most(cpus);
    for (const auto& [task, counts] : of_task) std::ranges::transform(most, counts, most.begin(), larger);
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
      if (of_cpu[cpu] + most[cpu] > slots) return false;
    }
    return true;
  }

  // What it is all about: whether each breakpoint gets a register, however the tasks are placed on the CPUs,
  // at most one on each.
  bool can_be_scheduled_with(const Request& request, const std::vector<const Task*>& tasks) const {
    std::vector<const Task*> running(cpus);
    return schedulable(request, tasks, 0, running);
  }

 private:
  static unsigned larger(unsigned a, unsigned b) { return std::max(a, b); }

  // For all placements of the tasks from `next` on, with those before where they are.
  bool schedulable(const Request& request, const std::vector<const Task*>& tasks, std::size_t next,
                   std::vector<const Task*>& running) const {
    if (next < tasks.size()) {
      if (!schedulable(request, tasks, next + 1, running)) return false;  // it runs nowhere
      for (const Task*& here : running) {
        if (here != nullptr) continue;
        here = tasks[next];
        const bool all = schedulable(request, tasks, next + 1, running);
        here = nullptr;
        if (!all) return false;
      }
      return true;
    }
    for (unsigned cpu = 0; cpu < cpus; ++cpu) {
      const auto armed = [&](const Request& r) {
        return (r.cpu < 0 || static_cast<unsigned>(r.cpu) == cpu) &&
               (r.task == nullptr || r.task == running[cpu]);
      };
      if (std::ranges::count_if(held, armed) + (armed(request) ? 1 : 0) > static_cast<long>(slots))
        return false;
    }
    return true;
  }
};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}  // the same numbers in every run
  unsigned below(std::size_t n) { return static_cast<unsigned>(engine_() % n); }

  // Of each kind, with tasks' breakpoints that are bound to a CPU among them.
  Request request(std::span<Task* const> tasks, unsigned cpus) {
    const int cpu = static_cast<int>(below(cpus));
    Task* const task = tasks[below(tasks.size())];
    const unsigned kind = below(4);
    if (kind == 0) return {nullptr, cpu};
    return {task, kind == 1 ? cpu : -1};
  }

 private:
  std::mt19937 engine_;
};

struct Tasks {
  explicit Tasks(int count) {
    for (int i = 0; i < count; ++i) owned.push_back(std::make_unique<Task>(i + 1, "task", memory()));
    for (const auto& task : owned) all.push_back(task.get());
  }
  std::vector<std::unique_ptr<Task>> owned;
  std::vector<Task*> all;
};

// Opens and closes at random, compares with `expected` each time, and then closes everything in any order.
// Returns how many requests were refused.
template <class Expected>
int open_and_close(Random& random, Live live, std::span<Task* const> tasks, int steps,
                   const Expected& expected) {
  SlotConstraints constraints(live.cpus, live.slots);
  auto& held = live.held;
  const auto close_one = [&] {
    const unsigned i = random.below(held.size());
    constraints.release(held[i]);
    held.erase(held.begin() + i);
  };
  int refused = 0;
  for (int step = 0; step < steps; ++step) {
    // Seldom enough that it gets tight, with times in between when most is closed.
    if (!held.empty() && random.below(step / 100 % 4 == 3 ? 2 : 4) == 0) {
      close_one();
      continue;
    }
    const Request request = random.request(tasks, live.cpus);
    const bool room = expected(live, request);
    EXPECT_EQ(fits(constraints, request), room)
        << live.cpus << " CPUs, " << live.slots << " slots, step " << step;
    if (testing::Test::HasFailure()) return refused;
    if (room) {
      held.push_back(request);
    } else {
      ++refused;
    }
  }
  while (!held.empty()) close_one();
  // As if nothing had ever been.
  for (unsigned cpu = 0; cpu < live.cpus; ++cpu) {
    for (unsigned slot = 0; slot < live.slots; ++slot) {
      EXPECT_TRUE(fits(constraints, {nullptr, static_cast<int>(cpu)}));
    }
  }
  return refused;
}

TEST(SlotConstraints, AgreesWithACountOfAllRequests) {
  const Tasks tasks(60);
  int refused = 0;
  Random random(20091212);
  for (const unsigned cpus : {1u, 2u, 3u, 16u, 64u}) {
    for (const unsigned slots : {1u, 2u, 4u}) {
      for (const std::size_t few : {1u, 4u, 60u}) {
        refused +=
            open_and_close(random, {cpus, slots, {}}, std::span(tasks.all).first(few), 600,
                           [](const Live& live, const Request& request) { return live.fits_with(request); });
      }
    }
  }
  EXPECT_GT(refused, 1000);  // the rule was put to the test
}

TEST(SlotConstraints, RefusesExactlyWhatSomePlacementOfTheTasksCouldNotSchedule) {
  int refused = 0;
  Random random(20221001);
  for (const unsigned cpus : {1u, 2u, 3u, 4u}) {
    for (const int count : {1, 2, 3, 4}) {
      const Tasks tasks(count);
      const std::vector<const Task*> all(tasks.all.begin(), tasks.all.end());
      for (const unsigned slots : {1u, 2u, 4u}) {
        refused += open_and_close(random, {cpus, slots, {}}, tasks.all, 500,
                                  [&all](const Live& live, const Request& request) {
                                    return live.can_be_scheduled_with(request, all);
                                  });
      }
    }
  }
  EXPECT_GT(refused, 1000);
}

// Through the whole kernel: events on a machine of many CPUs with many tasks.
class ManyTasks : public testing::TestWithParam<isa::Isa> {
 protected:
  static constexpr unsigned kCpus = 64;
  static constexpr int kTasks = 10'000;

  static machine::MachineSpec spec() {
    machine::MachineSpec spec = machine::MachineSpec::defaults(GetParam());
    spec.cpus = kCpus;
    constexpr std::uint64_t kMostOfTask = 4;
    spec.memory = kTasks * (Task::kFootprint + kMostOfTask * PerfEvent::kFootprint) + (16u << 20);
    if (spec.isa == isa::Isa::Ppc64) spec.debug_unit = debugunit::Model::Dawr2;
    return spec;
  }

  ManyTasks() : machine_(spec()), kernel_(machine_, {}) {
    constexpr int kFirst = 2000;
    for (int i = 0; i < kTasks; ++i) {
      tasks_.push_back(&kernel_.tasks().add(std::make_shared<Task>(kFirst + i, "many", machine_.memory())));
    }
  }

  // Null where it was refused.
  PerfEventRef open(const Request& request) {
    PerfEventAttr attr = hw_breakpoint_init();
    attr.bp_addr = isa::GuestVa(0x10000000 + 8 * opened_++);
    attr.bp_len = 8;
    attr.bp_type = kHwBreakpointW;
    auto* const task = const_cast<Task*>(request.task);  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    auto event = kernel_.perf().open({attr, task, request.cpu});
    if (event) return std::move(*event);
    EXPECT_EQ(event.error().number, ENOSPC);
    return {};
  }

  machine::Machine machine_;
  Kernel kernel_;
  std::vector<Task*> tasks_;
  std::uint64_t opened_ = 0;
};

TEST_P(ManyTasks, Hold512BreakpointsOver64Cpus) {
  constexpr std::size_t kBreakpoints = 512;
  Random random(512);
  Live live{kCpus, kernel_.slots(), {}};
  std::vector<PerfEventRef> events;
  unsigned refused = 0;
  const auto close_one = [&] {
    const unsigned i = random.below(events.size());
    events.erase(events.begin() + i);
    live.held.erase(live.held.begin() + i);
  };
  // Half of the breakpoints are of a few tasks, so that those have many.
  const auto some_task = [&] { return std::span(tasks_).first(random.below(2) == 0 ? 32 : kTasks); };
  for (int step = 0; events.size() < kBreakpoints || step < 1500; ++step) {
    if (events.size() == kBreakpoints) close_one();
    const Request request = random.request(some_task(), kCpus);
    PerfEventRef event = open(request);
    ASSERT_EQ(event != nullptr, live.fits_with(request)) << "step " << step;
    if (event == nullptr) {
      ++refused;
      continue;
    }
    // There was a register for it: else, being pinned, it would be in error.
    ASSERT_EQ(event->state, request.task == nullptr ? EventState::Active : EventState::Inactive);
    events.push_back(std::move(event));
    live.held.push_back(request);
  }
  EXPECT_GT(refused, 100u);
  // Tasks may end before their events are closed.
  for (Task* const task : tasks_) kernel_.tasks().remove(*task);
  while (!events.empty()) close_one();
  for (unsigned cpu = 0; cpu < kCpus; ++cpu) {
    for (unsigned slot = 0; slot < kernel_.slots(); ++slot) {
      events.push_back(open({nullptr, static_cast<int>(cpu)}));
      ASSERT_NE(events.back(), nullptr);
    }
  }
}

TEST_P(ManyTasks, EachMayHaveAllRegistersUntilOneIsTakenFromACpu) {
  std::vector<PerfEventRef> of_tasks;
  for (Task* const task : tasks_) {
    for (unsigned slot = 0; slot < kernel_.slots(); ++slot) of_tasks.push_back(open({task, -1}));
    ASSERT_NE(of_tasks.back(), nullptr);
  }
  EXPECT_EQ(open({tasks_.front(), -1}), nullptr);
  EXPECT_EQ(open({tasks_.back(), 63}), nullptr);
  EXPECT_EQ(open({nullptr, 63}), nullptr);
  // The last task to have all of them is in the way as much as any other.
  while (of_tasks.size() > kernel_.slots()) of_tasks.erase(of_tasks.end() - 1);
  EXPECT_EQ(open({nullptr, 63}), nullptr);
  of_tasks.pop_back();
  const PerfEventRef of_cpu = open({nullptr, 63});
  ASSERT_NE(of_cpu, nullptr);
  EXPECT_EQ(open({tasks_.front(), -1}), nullptr);
  EXPECT_EQ(open({tasks_.front(), 63}), nullptr);
  EXPECT_NE(open({tasks_.front(), 62}), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Isas, ManyTasks, testing::ValuesIn(isa::kAllIsas),
                         [](const auto& isa) { return isa.param == isa::Isa::X86_64 ? "X86_64" : "Ppc64"; });

}  // namespace
}  // namespace trapline::kernel
