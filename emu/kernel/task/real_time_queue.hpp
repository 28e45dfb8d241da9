// The tasks of one CPU that go before all fair ones: SCHED_FIFO, SCHED_RR (kernel/sched/rt.c, without
// groups). The highest priority runs; among equals, who came first. Of each second they have 0.95 at the most
// (sched_rt_runtime_us, sched_rt_period_us).
#pragma once

#include <cstdint>
#include <optional>

#include "emu/kernel/task/sched_entity.hpp"

namespace trapline::kernel {

class RealTimeQueue {
 public:
  static constexpr unsigned kSliceTicks = 25;  // RR_TIMESLICE: 100 ms, in ticks of 4 ms

  // Counts the current task's time up to now, and begins a new period where it is time.
  // True: the time of the period is used up, and those of this queue don't run.
  bool update(std::uint64_t now);

  // At the end of those with its priority, or before them.
  void enqueue(SchedEntity& entity, bool first, std::uint64_t now);
  void dequeue(SchedEntity& entity);
  // Null: nobody, or all wait for the next period.
  SchedEntity* pick() const;
  void set_current(SchedEntity& entity, std::uint64_t now);
  void put_current();

  // SCHED_RR: whether the current one has to make way for another of its priority, at a tick.
  bool tick();
  // The current one goes behind the others of its priority.
  void yield();

  unsigned size() const { return running_; }
  const Timeline& waiting() const { return waiting_; }
  // When those that wait for it get time again.
  std::optional<std::uint64_t> next_period() const {
    return throttled_ && running_ != 0 ? std::optional(period_end_) : std::nullopt;
  }

 private:
  void insert(SchedEntity& entity);

  Timeline waiting_;
  SchedEntity* current_ = nullptr;  // in no timeline
  unsigned running_ = 0;
  std::int64_t front_ = 0;  // orders grow to both sides
  std::int64_t back_ = 0;
  std::uint64_t used_ = 0;  // rt_time
  std::uint64_t period_end_ = 0;
  bool throttled_ = false;
};

}  // namespace trapline::kernel
