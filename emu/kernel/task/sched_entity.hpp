// What the scheduler keeps of each task: its policy, what it has had of the processors, and where it waits
// for one (struct sched_entity, struct sched_rt_entity).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>

namespace trapline::kernel {

class Task;

// SCHED_* of include/uapi/linux/sched.h.
enum class Policy : std::uint8_t { Other = 0, Fifo = 1, RoundRobin = 2, Batch = 3, Idle = 5 };

constexpr bool real_time(Policy policy) { return policy == Policy::Fifo || policy == Policy::RoundRobin; }

// What sched_setattr(2) sets.
struct SchedParameters {
  Policy policy = Policy::Other;
  int nice = 0;      // of the fair policies; kept while another is in force
  int priority = 0;  // of the real-time ones: 1 to 99; else 0
  bool reset_on_fork = false;

  bool operator==(const SchedParameters&) const = default;
};

inline constexpr int kLowestNice = -20;
inline constexpr int kHighestNice = 19;
inline constexpr std::uint64_t kNice0Weight = 1024;

// A level of nice is a quarter more or less of the processor than the next (Linux,
// Documentation/scheduler/sched-nice-design.rst). Linux's own table deviates from the rule by up to 1 %.
inline constexpr auto kWeights = [] {
  std::array<std::uint64_t, kHighestNice - kLowestNice + 1> weights{};
  for (int nice = kLowestNice; nice <= kHighestNice; ++nice) {
    std::uint64_t over = kNice0Weight, under = 1;
    for (int level = 0; level > nice; --level) over *= 5, under *= 4;
    for (int level = 0; level < nice; ++level) over *= 4, under *= 5;
    weights[static_cast<std::size_t>(nice - kLowestNice)] = (over + under / 2) / under;
  }
  return weights;
}();

struct SchedEntity;
// Signed, because a virtual runtime may wrap around (entity_before()).
struct Earlier {
  bool operator()(const SchedEntity* a, const SchedEntity* b) const;
};
using Timeline = std::set<SchedEntity*, Earlier>;

struct SchedEntity {
  explicit SchedEntity(Task* task_) : task(task_) {}
  SchedEntity(const SchedEntity&) = delete;
  SchedEntity& operator=(const SchedEntity&) = delete;

  Task* const task;
  SchedParameters parameters;

  bool on_rq = false;          // it runs, or waits for a CPU
  bool arriving = false;       // on its way to a CPU (RunQueue::arrivals)
  std::uint64_t ready_at = 0;  // since when it can run: no CPU runs it at an earlier time

  // Cycles on CPUs, up to exec_start, which is the last time that they were counted while it runs.
  std::uint64_t sum_exec_runtime = 0;
  std::uint64_t exec_start = 0;
  std::uint64_t prev_sum_exec_runtime = 0;  // when it was put on the CPU

  // Of a fair task. While it is in no fair queue, on its way from one CPU to another or under another policy,
  // it is relative to the queue's min_vruntime.
  std::uint64_t vruntime = 0;
  unsigned time_slice = 0;  // SCHED_RR: ticks that are left

  // Its place in the queue that it waits in: by key, and where that is the same, by order.
  std::uint64_t key = 0;
  std::int64_t order = 0;
  Timeline::iterator place;

  std::uint64_t voluntary_switches = 0;    // nvcsw
  std::uint64_t involuntary_switches = 0;  // nivcsw

  bool idle_policy() const { return parameters.policy == Policy::Idle; }
  std::uint64_t weight() const {
    constexpr std::uint64_t kIdleWeight = 3;  // WEIGHT_IDLEPRIO
    return idle_policy() ? kIdleWeight : kWeights[static_cast<std::size_t>(parameters.nice - kLowestNice)];
  }

  // Counts its time on a CPU up to now, and says what was new of it.
  std::uint64_t account(std::uint64_t now) {
    if (now <= exec_start) return 0;
    const std::uint64_t passed = now - exec_start;
    exec_start = now;
    sum_exec_runtime += passed;
    return passed;
  }
};

inline bool Earlier::operator()(const SchedEntity* a, const SchedEntity* b) const {
  const auto distance = static_cast<std::int64_t>(a->key - b->key);
  return distance != 0 ? distance < 0 : a->order < b->order;
}

}  // namespace trapline::kernel
