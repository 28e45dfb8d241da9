// The perf core by itself: which events are on a CPU, when they overflow, and what tasks hand on. There is no
// engine, no program and no kernel here: lists of switches and hits.
#include "emu/kernel/perf/core.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "tests/emu/kernel/perf/perf_world.hpp"

namespace trapline::kernel {
namespace {

using testing::World;

// --- Schedule ---

TEST(PerfSchedule, AnEventIsOnTheCpuWithItsTask) {
  World world(1);
  Task& first = world.make_task();
  Task& second = world.make_task();
  ASSERT_EQ(&world.run_next(), &first);
  const PerfEventRef event = world.open(World::watch(0x100), &first);
  const PerfEventRef other = world.open(World::watch(0x200), &second);
  EXPECT_EQ(event->state, EventState::Active);
  EXPECT_EQ(other->state, EventState::Inactive);
  EXPECT_EQ(world.arch.registers[0], std::vector{event.get()});

  World::pass(world.cpu(), 500);
  world.scheduler.leave(first);
  EXPECT_EQ(event->state, EventState::Inactive);
  EXPECT_TRUE(world.arch.registers[0].empty());
  ASSERT_EQ(&world.run_next(), &second);
  EXPECT_EQ(world.arch.registers[0], std::vector{other.get()});
}

TEST(PerfSchedule, TimesPassWhileTheTaskRuns) {
  World world(1);
  Task& task = world.make_task();
  world.run_next();
  const PerfEventRef event = world.open(World::watch(0x100), &task);
  World::pass(world.cpu(), 300);
  world.perf.disable(*event);
  World::pass(world.cpu(), 1000);
  world.perf.enable(*event);
  World::pass(world.cpu(), 70);
  const auto reading = world.perf.read(*event);
  EXPECT_EQ(reading.time_enabled, 370);
  EXPECT_EQ(reading.time_running, 370);
}

TEST(PerfSchedule, AGroupGoesOnAsAWholeOrNotAtAll) {
  World world(1, /*share_slots=*/true);
  Task& task = world.make_task();
  world.run_next();
  std::vector<PerfEventRef> singles;
  for (std::uint64_t i = 1; i <= 3; ++i) singles.push_back(world.open(World::watch(0x100 * i), &task));
  // Two more than the one register that is left.
  const PerfEventRef leader = world.open(World::watch(0x1000), &task);
  const PerfEventRef sibling = world.open(World::watch(0x1008), &task, -1, leader.get());
  ASSERT_TRUE(leader && sibling);
  EXPECT_EQ(leader->state == EventState::Active, sibling->state == EventState::Active);
  EXPECT_LE(world.arch.registers[0].size(), 4u);
  EXPECT_EQ(leader->state, EventState::Inactive);
  EXPECT_EQ(world.arch.registers[0].size(), 3u);
}

TEST(PerfSchedule, APinnedEventThatFindsNoRegisterIsInError) {
  World world(1);
  Task& task = world.make_task();
  world.run_next();
  PerfEventAttr attr = World::watch(0);  // which no register takes
  attr.pinned = true;
  const PerfEventRef event = world.open(attr, &task);
  EXPECT_EQ(event->state, EventState::Error);
}

TEST(PerfSchedule, FlexibleEventsTakeTurnsOnSharedRegisters) {
  World world(1, /*share_slots=*/true);
  Task& task = world.make_task();
  world.run_next();
  std::vector<PerfEventRef> events;
  for (std::uint64_t i = 1; i <= 5; ++i) events.push_back(world.open(World::watch(0x100 * i), &task));
  for (unsigned i = 0; i < 40; ++i) {
    World::pass(world.cpu(), 1'000'000);
    world.fire_due();
    EXPECT_EQ(world.arch.registers[0].size(), 4u);
  }
  for (const PerfEventRef& event : events) {
    const auto reading = world.perf.read(*event);
    EXPECT_EQ(reading.time_enabled, 40'000'000u);
    EXPECT_GT(reading.time_running, 20'000'000u);
    EXPECT_LT(reading.time_running, 40'000'000u);
  }
}

TEST(PerfSchedule, AnEventOfACpuSeesWhoeverRunsThere) {
  World world(2);
  const PerfEventRef event = world.open(World::watch(0x100), nullptr, 1);
  EXPECT_EQ(event->state, EventState::Active);
  EXPECT_EQ(world.arch.registers[1], std::vector{event.get()});
  EXPECT_TRUE(world.arch.registers[0].empty());
}

TEST(PerfSchedule, SlotsAreKeptForWhoMayComeToACpu) {
  World world(1);
  Task& task = world.make_task();
  std::vector<PerfEventRef> events;
  for (std::uint64_t i = 1; i <= 4; ++i) events.push_back(world.open(World::watch(0x100 * i), &task));
  EXPECT_EQ(world.open(World::watch(0x900), &task), nullptr);
  EXPECT_EQ(world.open(World::watch(0x900), nullptr, 0), nullptr);
  events.pop_back();
  EXPECT_NE(world.open(World::watch(0x900), nullptr, 0), nullptr);
}

// --- Overflow ---

class PerfOverflow : public ::testing::Test {
 protected:
  PerfOverflow() { world_.run_next(); }

  PerfEventRef open(const PerfEventAttr& attr) {
    return world_.open(attr, &task_, -1, nullptr,
                       [this](PerfEvent& event, const BreakpointHit&) { overflows_.push_back(event.count); });
  }

  World world_{1};
  Task& task_ = world_.make_task();
  std::vector<std::uint64_t> overflows_;  // the counts at which they came
};

TEST_F(PerfOverflow, ComesWithEachPeriod) {
  const PerfEventRef event = open(World::watch(0x100, 3));
  for (unsigned i = 0; i < 10; ++i) world_.hit(*event);
  EXPECT_EQ(overflows_, (std::vector<std::uint64_t>{3, 6, 9}));
  EXPECT_EQ(world_.perf.read(*event).count, 10u);
}

TEST_F(PerfOverflow, NeverComesWithoutAPeriod) {
  const PerfEventRef event = open(World::watch(0x100));
  for (unsigned i = 0; i < 10; ++i) world_.hit(*event);
  EXPECT_TRUE(overflows_.empty());
  EXPECT_EQ(world_.perf.read(*event).count, 10u);
}

TEST_F(PerfOverflow, OfManyAtOnceComesForEachPeriodInThem) {
  const PerfEventRef event = open(World::watch(0x100, 4));
  world_.hit(*event, 9);
  EXPECT_EQ(overflows_.size(), 2u);
  world_.hit(*event, 3);
  EXPECT_EQ(overflows_.size(), 3u);
}

TEST_F(PerfOverflow, DisablesTheEventAtItsLimit) {
  PerfEventAttr attr = World::watch(0x100, 1);
  attr.disabled = true;
  const PerfEventRef event = open(attr);
  world_.perf.refresh(*event, 2);
  EXPECT_EQ(event->state, EventState::Active);
  world_.hit(*event);
  EXPECT_EQ(event->state, EventState::Active);
  world_.hit(*event);
  EXPECT_EQ(event->state, EventState::Off);
  EXPECT_TRUE(world_.arch.registers[0].empty());
}

TEST_F(PerfOverflow, SendsOneSigtrapToWhoWasHit) {
  PerfEventAttr attr = World::watch(0x100, 1);
  attr.sigtrap = true;
  const PerfEventRef event = open(attr);
  world_.hit(*event);
  EXPECT_TRUE(world_.traps.empty());  // it waits for the end of the instruction
  world_.perf.send_traps();
  ASSERT_EQ(world_.traps.size(), 1u);
  EXPECT_EQ(world_.traps[0].first, task_.tid());
  EXPECT_EQ(world_.traps[0].second, 6);  // TRAP_PERF
}

TEST_F(PerfOverflow, AFrequencyFindsItsPeriod) {
  PerfEventAttr attr = World::watch(0x100, 1000);
  attr.freq = true;
  const PerfEventRef event = open(attr);
  // A million hits a second; a thousand samples of them are one in a thousand.
  constexpr unsigned kHits = 400'000;
  for (unsigned i = 0; i < kHits; ++i) {
    World::pass(world_.cpu(), 1000);
    world_.fire_due();
    world_.hit(*event);
  }
  EXPECT_GT(event->sample_period, 700u);
  EXPECT_LT(event->sample_period, 1400u);
}

// --- Inheritance ---

PerfEventAttr inherited(std::uint64_t address) {
  PerfEventAttr attr = World::watch(address);
  attr.inherit = true;
  return attr;
}

TEST(PerfInheritance, AChildCountsForWhatWasOpened) {
  World world(1);
  Task& parent = world.make_task();
  world.run_next();
  const PerfEventRef event = world.open(inherited(0x100), &parent);
  const PerfEventRef alone = world.open(World::watch(0x200), &parent);
  world.hit(*event);

  Task& child = world.make_task();
  ASSERT_TRUE(world.perf.init_task(parent, child, false, false));
  ASSERT_EQ(child.perf.events.size(), 1u);
  world.scheduler.leave(parent);
  ASSERT_EQ(&world.run_next(), &child);
  PerfEvent& own = *child.perf.events[0];
  EXPECT_EQ(own.state, EventState::Active);
  EXPECT_EQ(own.parent, event.get());
  world.hit(own, 2);
  EXPECT_EQ(world.perf.read(*event).count, 3u);

  world.perf.exit_task(child);
  EXPECT_TRUE(event->children.empty());
  EXPECT_EQ(world.perf.read(*event).count, 3u);
}

TEST(PerfInheritance, TheOpenedOneSwitchesAll) {
  World world(1);
  Task& parent = world.make_task();
  world.run_next();
  const PerfEventRef event = world.open(inherited(0x100), &parent);
  Task& child = world.make_task();
  ASSERT_TRUE(world.perf.init_task(parent, child, false, false));
  world.perf.disable(*event);
  EXPECT_EQ(child.perf.events[0]->state, EventState::Off);
  world.perf.enable(*event);
  EXPECT_EQ(child.perf.events[0]->state, EventState::Inactive);
}

TEST(PerfInheritance, AGroupStaysAGroup) {
  World world(1);
  Task& parent = world.make_task();
  world.run_next();
  const PerfEventRef leader = world.open(inherited(0x100), &parent);
  const PerfEventRef sibling = world.open(inherited(0x200), &parent, -1, leader.get());
  Task& child = world.make_task();
  ASSERT_TRUE(world.perf.init_task(parent, child, true, false));
  ASSERT_EQ(child.perf.events.size(), 2u);
  EXPECT_EQ(child.perf.events[1]->leader, child.perf.events[0]);
  EXPECT_TRUE(PerfCore::same_groups(*leader));
}

TEST(PerfInheritance, InheritThreadIsForThreadsAlone) {
  World world(1);
  Task& parent = world.make_task();
  world.run_next();
  PerfEventAttr attr = inherited(0x100);
  attr.inherit_thread = true;
  const PerfEventRef event = world.open(attr, &parent);
  Task& process = world.make_task();
  ASSERT_TRUE(world.perf.init_task(parent, process, false, false));
  EXPECT_TRUE(process.perf.events.empty());
  Task& thread = world.make_task();
  ASSERT_TRUE(world.perf.init_task(parent, thread, true, false));
  EXPECT_EQ(thread.perf.events.size(), 1u);
}

TEST(PerfInheritance, ExecEnablesAndRemoves) {
  World world(1);
  Task& task = world.make_task();
  world.run_next();
  PerfEventAttr later = World::watch(0x100);
  later.disabled = later.enable_on_exec = true;
  PerfEventAttr before = World::watch(0x200);
  before.remove_on_exec = true;
  const PerfEventRef enabled = world.open(later, &task);
  const PerfEventRef removed = world.open(before, &task);
  world.perf.exec(task);
  EXPECT_EQ(enabled->state, EventState::Active);
  EXPECT_EQ(removed->state, EventState::Exit);
}

TEST(PerfInheritance, AChildsEventsNeedNoFurtherRegister) {
  World world(1);
  Task& parent = world.make_task();
  world.run_next();
  const PerfEventRef event = world.open(inherited(0x100), &parent);
  std::vector<PerfEventRef> of_cpu;
  for (std::uint64_t i = 1; i <= 3; ++i) of_cpu.push_back(world.open(World::watch(0x100 * i), nullptr, 0));
  // It never runs while its parent does.
  Task& child = world.make_task();
  EXPECT_TRUE(world.perf.init_task(parent, child, false, false));
}

// --- Software events ---

TEST(PerfSoftware, SwitchesAndMigrationsAreCounted) {
  World world(1);
  Task& first = world.make_task();
  Task& second = world.make_task();
  world.run_next();
  PerfEventAttr attr;
  attr.type = kPerfTypeSoftware;
  attr.config = static_cast<std::uint64_t>(SoftwareEvent::ContextSwitches);
  const PerfEventRef event = world.open(attr, &first);
  ASSERT_NE(event, nullptr);
  world.scheduler.leave(first);
  ASSERT_EQ(&world.run_next(), &second);
  EXPECT_EQ(world.perf.read(*event).count, 1u);
}

}  // namespace
}  // namespace trapline::kernel
