#include "emu/kernel/task/fair_queue.hpp"

#include <algorithm>
#include <bit>
#include <iterator>

namespace trapline::kernel {

namespace {

// sysctl_sched_latency and its like, for one CPU.
constexpr std::uint64_t kLatency = 6'000'000;
constexpr std::uint64_t kMinGranularity = 750'000;
constexpr std::uint64_t kIdleMinGranularity = 750'000;  // this one is the same on any number of CPUs
constexpr std::uint64_t kWakeupGranularity = 1'000'000;
constexpr unsigned kPerLatency = kLatency / kMinGranularity;  // sched_nr_latency

std::uint64_t scaling(unsigned cpus) { return std::bit_width(std::min(cpus, 8u)); }

// Times that wrap around.
std::int64_t distance(std::uint64_t a, std::uint64_t b) { return static_cast<std::int64_t>(a - b); }
std::uint64_t later(std::uint64_t a, std::uint64_t b) { return distance(a, b) > 0 ? a : b; }
std::uint64_t earlier(std::uint64_t a, std::uint64_t b) { return distance(a, b) < 0 ? a : b; }

// calc_delta_fair. A machine may have costs that no processor has: one event doesn't take a runtime around.
std::uint64_t weighted(std::uint64_t time, const SchedEntity& entity) {
  constexpr std::uint64_t kLongest = 1ull << 50;
  return std::min(time, kLongest) * kNice0Weight / entity.weight();
}

}  // namespace

FairQueue::FairQueue(unsigned cpus)
    : latency_(kLatency * scaling(cpus)),
      min_granularity_(kMinGranularity * scaling(cpus)),
      wakeup_granularity_(kWakeupGranularity * scaling(cpus)) {}

void FairQueue::update_current(std::uint64_t now) {
  if (current_ == nullptr) return;
  current_->vruntime += weighted(current_->account(now), *current_);
  advance();
}

// update_min_vruntime
void FairQueue::advance() {
  std::uint64_t least = min_vruntime_;
  const bool current = current_ != nullptr && current_->on_rq;
  if (current) least = current_->vruntime;
  if (!waiting_.empty()) {
    const std::uint64_t first = (*waiting_.begin())->vruntime;
    least = current ? earlier(least, first) : first;
  }
  min_vruntime_ = later(min_vruntime_, least);
}

void FairQueue::insert(SchedEntity& entity) {
  entity.key = entity.vruntime;
  entity.order = serial_++;
  entity.place = waiting_.insert(&entity).first;
}

void FairQueue::enqueue(SchedEntity& entity, Entry entry) {
  if (entry == Entry::Move) attach(entity);
  ++running_;
  if (entity.idle_policy()) ++idle_;
  weight_ += entity.weight();
  if (entry == Entry::Wakeup) {
    // Half of its sleep counts (GENTLE_FAIR_SLEEPERS).
    const std::uint64_t credit = (entity.idle_policy() ? min_granularity_ : latency_) / 2;
    entity.vruntime = later(entity.vruntime, min_vruntime_ - credit);
  }
  entity.on_rq = true;
  if (&entity != current_) insert(entity);
}

void FairQueue::dequeue(SchedEntity& entity, bool moves) {
  forget_buddies(entity);
  if (&entity != current_) waiting_.erase(entity.place);
  entity.on_rq = false;
  --running_;
  if (entity.idle_policy()) --idle_;
  weight_ -= entity.weight();
  if (moves) entity.vruntime -= min_vruntime_;
  advance();
}

void FairQueue::detach(SchedEntity& entity) const {
  const std::uint64_t credit = (entity.idle_policy() ? min_granularity_ : latency_) / 2;
  entity.vruntime = later(entity.vruntime, min_vruntime_ - credit) - min_vruntime_;
}

// NO_START_DEBIT: with it a new task would first wait for a slice's time, as no later Linux lets it.
void FairQueue::place_new(SchedEntity& entity) const {
  entity.vruntime = current_ == nullptr ? 0 : later(min_vruntime_, current_->vruntime) - min_vruntime_;
}

void FairQueue::forget_buddies(const SchedEntity& entity) {
  for (SchedEntity** const buddy : {&next_, &last_, &skip_, &forced_}) {
    if (*buddy == &entity) *buddy = nullptr;
  }
}

// wakeup_preempt_entity: how far `entity` is before `over`, by what counts for a wake-up.
FairQueue::Lead FairQueue::lead(const SchedEntity& entity, const SchedEntity& over) const {
  const std::int64_t difference = distance(over.vruntime, entity.vruntime);
  if (difference <= 0) return Lead::None;
  const auto granularity = static_cast<std::int64_t>(weighted(wakeup_granularity_, entity));
  return difference > granularity ? Lead::Large : Lead::Small;
}

SchedEntity* FairQueue::pick() const {
  SchedEntity* const current = current_ != nullptr && current_->on_rq ? current_ : nullptr;
  if (forced_ != nullptr) return forced_;
  SchedEntity* const first = waiting_.empty() ? nullptr : *waiting_.begin();
  const auto before = [](const SchedEntity& a, const SchedEntity& b) {
    return distance(a.vruntime, b.vruntime) < 0;
  };
  SchedEntity* left = first;
  if (left == nullptr || (current != nullptr && before(*current, *left))) left = current;
  if (left == nullptr) return nullptr;
  SchedEntity* chosen = left;
  if (skip_ == chosen) {
    SchedEntity* second = first;
    if (chosen != current) {
      const auto after = std::next(waiting_.begin());
      second = after == waiting_.end() ? nullptr : *after;
      if (second == nullptr || (current != nullptr && before(*current, *second))) second = current;
    }
    if (second != nullptr && lead(*left, *second) != Lead::Large) chosen = second;
  }
  if (next_ != nullptr && lead(*left, *next_) != Lead::Large) return next_;
  if (last_ != nullptr && lead(*left, *last_) != Lead::Large) return last_;
  return chosen;
}

void FairQueue::set_current(SchedEntity& entity, std::uint64_t now) {
  forget_buddies(entity);
  waiting_.erase(entity.place);
  current_ = &entity;
  entity.exec_start = now;
  entity.prev_sum_exec_runtime = entity.sum_exec_runtime;
}

void FairQueue::put_current() {
  if (current_ == nullptr) return;
  if (current_->on_rq) insert(*current_);
  current_ = nullptr;
}

// check_preempt_wakeup
bool FairQueue::preempts(SchedEntity& woken, bool pending) {
  if (current_ == nullptr || current_ == &woken || pending) return false;
  if (woken.idle_policy() || (woken.parameters.policy == Policy::Batch && !current_->idle_policy()))
    return false;
  if (!current_->idle_policy()) {
    if (lead(woken, *current_) != Lead::Large) return false;
    next_ = &woken;
  }
  // LAST_BUDDY, once there are many
  if (running_ >= kPerLatency && current_->on_rq && !current_->idle_policy()) last_ = current_;
  return true;
}

// check_preempt_tick
bool FairQueue::tick() {
  if (current_ == nullptr || running_ <= 1) return false;
  const std::uint64_t ideal = slice(*current_);
  const std::uint64_t ran = current_->sum_exec_runtime - current_->prev_sum_exec_runtime;
  if (ran > ideal) {
    forget_buddies(*current_);
    return true;
  }
  if (ran < min_granularity_ || waiting_.empty()) return false;
  return distance(current_->vruntime, (*waiting_.begin())->vruntime) > static_cast<std::int64_t>(ideal);
}

void FairQueue::yield() {
  forget_buddies(*current_);
  skip_ = current_;
}

std::uint64_t FairQueue::slice(const SchedEntity& entity) const {
  const unsigned running = running_ + (entity.on_rq ? 0 : 1);
  const std::uint64_t weight = weight_ + (entity.on_rq ? 0 : entity.weight());
  const std::uint64_t period = running > kPerLatency ? running * min_granularity_ : latency_;
  const bool beside_others = entity.idle_policy() && !only_idle();
  return std::max(period * entity.weight() / weight, beside_others ? kIdleMinGranularity : min_granularity_);
}

}  // namespace trapline::kernel
