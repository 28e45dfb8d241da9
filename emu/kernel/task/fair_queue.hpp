// The tasks of one CPU that share it fairly: SCHED_OTHER, SCHED_BATCH, SCHED_IDLE (kernel/sched/fair.c of
// Linux 6.1, without groups). Each has a virtual runtime, its time on the CPU divided by its weight; who has
// had the least comes next. Times are in nanoseconds, which are cycles.
#pragma once

#include <cstdint>

#include "emu/kernel/task/sched_entity.hpp"

namespace trapline::kernel {

class FairQueue {
 public:
  // The more CPUs a machine has, the coarser it shares each (get_update_sysctl_factor()).
  explicit FairQueue(unsigned cpus);

  // Counts the current task's time up to now. Everything below wants that done.
  void update_current(std::uint64_t now);

  // What a task's place in the queue comes from.
  enum class Entry : std::uint8_t {
    Wakeup,  // it slept: not so far behind that it could keep others off for long (place_entity())
    Move,    // from another CPU or policy: as far behind or ahead as it was there
  };
  void enqueue(SchedEntity& entity, Entry entry);
  // `moves`: to another CPU or policy, and not to sleep.
  void dequeue(SchedEntity& entity, bool moves);
  // While the entity is in no queue: from and to what counts anywhere. Where it slept here it has no more of
  // an advantage than if it woke up here.
  void detach(SchedEntity& entity) const;
  void attach(SchedEntity& entity) const { entity.vruntime += min_vruntime_; }
  // Where the current task's child begins: level with it, and no further behind than anybody. Relative, as of
  // Entry::Move.
  void place_new(SchedEntity& entity) const;

  // Who comes next: the current one, where that is still in the queue and first. Null: nobody.
  SchedEntity* pick() const;
  // It gets the CPU.
  void set_current(SchedEntity& entity, std::uint64_t now);
  // The current one leaves it. Where it can go on it waits in the queue.
  void put_current();

  // Whether a task that came into the queue shall have the CPU before the current one; `pending`: that is
  // about to leave it anyway.
  bool preempts(SchedEntity& woken, bool pending);
  // Whether the current one has to leave, at a tick.
  bool tick();
  // The current one lets others before it, where that is not unfair.
  void yield();

  // How long the task may run while all others wait, too.
  std::uint64_t slice(const SchedEntity& entity) const;

  unsigned size() const { return running_; }  // h_nr_running: with the current one
  // All are of SCHED_IDLE.
  bool only_idle() const { return running_ == idle_; }
  std::uint64_t weight() const { return weight_; }
  const Timeline& waiting() const { return waiting_; }
  // It comes next, however unfair.
  void force(SchedEntity& entity) { forced_ = &entity; }

 private:
  void insert(SchedEntity& entity);
  void advance();
  void forget_buddies(const SchedEntity& entity);
  enum class Lead : std::uint8_t { None, Small, Large };
  Lead lead(const SchedEntity& entity, const SchedEntity& over) const;

  std::uint64_t latency_;
  std::uint64_t min_granularity_;
  std::uint64_t wakeup_granularity_;

  Timeline waiting_;
  SchedEntity* current_ = nullptr;  // in no timeline
  unsigned running_ = 0;
  unsigned idle_ = 0;
  std::uint64_t weight_ = 0;
  std::uint64_t min_vruntime_ = 0;  // never goes back
  std::int64_t serial_ = 0;
  // Buddies: who preempted, who was preempted for it, and who yielded.
  SchedEntity* next_ = nullptr;
  SchedEntity* last_ = nullptr;
  SchedEntity* skip_ = nullptr;
  SchedEntity* forced_ = nullptr;
};

}  // namespace trapline::kernel
