// Priorities, turns among equals, and what real time leaves of each second: the queue alone.
#include "emu/kernel/task/real_time_queue.hpp"

#include <gtest/gtest.h>

namespace trapline::kernel {
namespace {

constexpr std::uint64_t kMs = 1'000'000;

struct RealTimeQueueTest : testing::Test {
  void enter(SchedEntity& entity, Policy policy, int priority, bool first = false) {
    entity.parameters = {.policy = policy, .priority = priority};
    entity.time_slice = RealTimeQueue::kSliceTicks;
    queue.enqueue(entity, first, 0);
  }
  RealTimeQueue queue;
  SchedEntity a{nullptr}, b{nullptr}, c{nullptr};
};

TEST_F(RealTimeQueueTest, TheHighestPriorityAndThenTheFirst) {
  enter(a, Policy::Fifo, 10);
  enter(b, Policy::Fifo, 20);
  enter(c, Policy::Fifo, 20);
  EXPECT_EQ(queue.pick(), &b);
  queue.set_current(b, 0);
  EXPECT_EQ(queue.pick(), &b) << "an equal doesn't preempt";
  queue.yield();
  EXPECT_EQ(queue.pick(), &c);
}

TEST_F(RealTimeQueueTest, WhoComesDownIsFirst) {
  enter(a, Policy::Fifo, 10);
  enter(b, Policy::Fifo, 10, true);
  EXPECT_EQ(queue.pick(), &b);
}

TEST_F(RealTimeQueueTest, RoundRobinTakesTurnsOfHundredMilliseconds) {
  enter(a, Policy::RoundRobin, 10);
  enter(b, Policy::RoundRobin, 10);
  queue.set_current(a, 0);
  unsigned ticks = 1;
  while (!queue.tick()) ++ticks;
  EXPECT_EQ(ticks, RealTimeQueue::kSliceTicks);
  EXPECT_EQ(queue.pick(), &b);
  queue.put_current();
  queue.set_current(b, 0);
  queue.dequeue(a);
  for (unsigned tick = 0; tick < 100; ++tick) EXPECT_FALSE(queue.tick()) << "nobody to make way for";
}

TEST_F(RealTimeQueueTest, OfEachSecondFiftyMillisecondsAreLeft) {
  enter(a, Policy::Fifo, 10);
  queue.set_current(a, 0);
  EXPECT_FALSE(queue.update(950 * kMs));
  EXPECT_TRUE(queue.update(952 * kMs));
  EXPECT_EQ(queue.pick(), nullptr);
  queue.put_current();
  ASSERT_EQ(queue.next_period(), 1000 * kMs);
  EXPECT_FALSE(queue.update(1000 * kMs));
  EXPECT_EQ(queue.pick(), &a);
  EXPECT_EQ(queue.next_period(), std::nullopt);
}

}  // namespace
}  // namespace trapline::kernel
