// The slot constraints of the breakpoint PMU, alone and against a restatement by brute force.
#include "emu/kernel/hw_breakpoint/slots.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {
namespace {

machine::PhysicalMemory& memory() {
  static machine::PhysicalMemory memory(1 << 20, machine::kGranule);
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

// The rule as the header states it, counted anew for each request.
bool fits_by_brute_force(const std::vector<Request>& held, const Request& request, unsigned cpus,
                         unsigned slots) {
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    const auto counts_on = [cpu](const Request& r) {
      return r.cpu < 0 || static_cast<unsigned>(r.cpu) == cpu;
    };
    if (!counts_on(request)) continue;
    const auto of_task = [&](const Task* task) {
      return std::ranges::count_if(held, [&](const Request& r) { return r.task == task && counts_on(r); });
    };
    long most = 0;
    if (request.task != nullptr) {
      most = of_task(request.task);
    } else {
      for (const Request& r : held) {
        if (r.task != nullptr) most = std::max<long>(most, of_task(r.task));
      }
    }
    if (of_task(nullptr) + most + 1 > static_cast<long>(slots)) return false;
  }
  return true;
}

TEST(SlotConstraints, AgreesWithBruteForce) {
  std::mt19937 random(20091212);  // NOLINT: the same requests in every run
  const auto below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
  std::vector<std::unique_ptr<Task>> tasks;
  for (int i = 0; i < 6; ++i) tasks.push_back(std::make_unique<Task>(i + 1, "task", memory()));
  int refused = 0;
  for (int round = 0; round < 40; ++round) {
    const unsigned cpus = 1 + below(4);
    const unsigned slots = 1 + below(4);
    SlotConstraints constraints(cpus, slots);
    std::vector<Request> held;
    for (int step = 0; step < 200; ++step) {
      if (!held.empty() && below(3) == 0) {
        const unsigned i = below(static_cast<unsigned>(held.size()));
        constraints.release(held[i]);
        held.erase(held.begin() + i);
        continue;
      }
      Request request{below(4) == 0 ? nullptr : tasks[below(6)].get(), static_cast<int>(below(cpus))};
      if (request.task != nullptr && below(2) == 0) request.cpu = -1;
      const bool expected = fits_by_brute_force(held, request, cpus, slots);
      ASSERT_EQ(fits(constraints, request), expected) << "round " << round << ", step " << step;
      if (expected) {
        held.push_back(request);
      } else {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 500);  // the rule was put to the test
}

}  // namespace
}  // namespace trapline::kernel
