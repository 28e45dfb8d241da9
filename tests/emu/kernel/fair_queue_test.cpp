// What each gets of a CPU by nice value, where sleepers and new tasks begin, who preempts whom: the fair
// queue alone.
#include "emu/kernel/task/fair_queue.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace trapline::kernel {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

// A CPU with a tick of 4 ms, and tasks that never sleep unless they are told to.
class OneCpu {
 public:
  explicit OneCpu(unsigned cpus = 1) : queue(cpus) {}

  SchedEntity& add(SchedParameters parameters = {}) {
    SchedEntity& entity = entities_.emplace_back(nullptr);
    entity.parameters = parameters;
    queue.update_current(now);
    queue.enqueue(entity, FairQueue::Entry::Move);
    if (current == nullptr) switch_to(entity);
    return entity;
  }
  void switch_to(SchedEntity& entity) {
    if (current == &entity) return;
    queue.put_current();
    queue.set_current(entity, now);
    current = &entity;
  }
  void schedule() { switch_to(*queue.pick()); }
  void run(std::uint64_t time) {
    for (const std::uint64_t end = now + time; now < end;) {
      now += 4 * kMs;
      queue.update_current(now);
      if (queue.tick()) schedule();
    }
  }
  void sleep() {
    queue.update_current(now);
    queue.dequeue(*current, false);
    schedule_after_sleep();
  }
  bool wakes_and_preempts(SchedEntity& entity) {
    queue.update_current(now);
    queue.enqueue(entity, FairQueue::Entry::Wakeup);
    return queue.preempts(entity, false);
  }

  FairQueue queue;
  SchedEntity* current = nullptr;
  std::uint64_t now = 0;

 private:
  void schedule_after_sleep() {
    SchedEntity* const next = queue.pick();
    queue.put_current();
    current = nullptr;
    if (next != nullptr) switch_to(*next);
  }
  std::deque<SchedEntity> entities_;
};

TEST(FairQueue, WeightsFollowTheRule) {
  EXPECT_EQ(kWeights.front(), 88818u);  // nice -20
  EXPECT_EQ(kWeights[20], 1024u);
  EXPECT_EQ(kWeights[25], 336u);
  EXPECT_EQ(kWeights.back(), 15u);
}

TEST(FairQueue, SharesGoByWeight) {
  OneCpu cpu;
  const SchedEntity& normal = cpu.add();
  const SchedEntity& nicer = cpu.add({.nice = 5});
  const SchedEntity& idle = cpu.add({.policy = Policy::Idle});
  cpu.run(20'000 * kMs);
  const auto part = [&](const SchedEntity& entity) {
    return static_cast<double>(entity.sum_exec_runtime) / static_cast<double>(cpu.now);
  };
  EXPECT_NEAR(part(normal), 1024.0 / 1363, 0.01);
  EXPECT_NEAR(part(nicer), 336.0 / 1363, 0.01);
  EXPECT_NEAR(part(idle), 3.0 / 1363, 0.005);
}

// sched_latency is shared out, down to min_granularity; both grow with the number of CPUs.
TEST(FairQueue, SlicesGoByNumberAndWeight) {
  OneCpu cpu;
  const SchedEntity& first = cpu.add();
  EXPECT_EQ(cpu.queue.slice(first), 6 * kMs);
  cpu.add();
  EXPECT_EQ(cpu.queue.slice(first), 3 * kMs);
  for (int i = 0; i < 14; ++i) cpu.add();
  EXPECT_EQ(cpu.queue.slice(first), 750'000u);
  OneCpu four(4);
  EXPECT_EQ(four.queue.slice(four.add()), 18 * kMs);
}

TEST(FairQueue, AWokenTaskPreemptsAndCannotSaveUp) {
  OneCpu cpu;
  SchedEntity& sleeper = cpu.add();
  cpu.sleep();
  const SchedEntity& spinner = cpu.add();
  cpu.run(1000 * kMs);
  EXPECT_EQ(cpu.current, &spinner);
  EXPECT_TRUE(cpu.wakes_and_preempts(sleeper));
  cpu.schedule();
  EXPECT_EQ(cpu.current, &sleeper);
  // Half of sched_latency is what a sleep of any length is worth.
  EXPECT_EQ(spinner.vruntime - sleeper.vruntime, 3 * kMs);
}

TEST(FairQueue, BatchAndIdleDoNotPreempt) {
  for (const Policy policy : {Policy::Batch, Policy::Idle}) {
    OneCpu cpu;
    SchedEntity& sleeper = cpu.add({.policy = policy});
    cpu.sleep();
    cpu.add();
    cpu.run(100 * kMs);
    EXPECT_FALSE(cpu.wakes_and_preempts(sleeper));
  }
  OneCpu cpu;
  SchedEntity& sleeper = cpu.add();
  cpu.sleep();
  cpu.add({.policy = Policy::Idle});
  EXPECT_TRUE(cpu.wakes_and_preempts(sleeper)) << "a task of SCHED_IDLE makes way at once";
}

TEST(FairQueue, ANewTaskBeginsLevelWithItsParent) {
  OneCpu cpu;
  const SchedEntity& parent = cpu.add();
  cpu.run(100 * kMs);
  SchedEntity child(nullptr);
  cpu.queue.place_new(child);
  cpu.queue.enqueue(child, FairQueue::Entry::Move);
  EXPECT_EQ(child.vruntime, parent.vruntime);
  EXPECT_FALSE(cpu.queue.preempts(child, false));
  cpu.queue.dequeue(child, false);
}

TEST(FairQueue, YieldingLetsTheNextBefore) {
  OneCpu cpu;
  const SchedEntity& first = cpu.add();
  const SchedEntity& second = cpu.add();
  ASSERT_EQ(cpu.current, &first);
  cpu.queue.yield();
  cpu.schedule();
  EXPECT_EQ(cpu.current, &second);
}

// As far behind or ahead as it was, not as long as its runtime would say.
TEST(FairQueue, ATaskThatMovesKeepsItsDistance) {
  OneCpu from, to;
  from.add();
  SchedEntity& moving = from.add();
  from.run(1000 * kMs);
  const SchedEntity& there = to.add();
  to.run(10'000 * kMs);
  from.switch_to(moving);
  from.now += 2 * kMs;
  from.sleep();
  from.queue.detach(moving);
  to.queue.update_current(to.now);
  to.queue.enqueue(moving, FairQueue::Entry::Move);
  EXPECT_LE(moving.vruntime, there.vruntime + 8 * kMs);
  EXPECT_GE(moving.vruntime + 8 * kMs, there.vruntime);
  to.queue.dequeue(moving, false);
}

}  // namespace
}  // namespace trapline::kernel
