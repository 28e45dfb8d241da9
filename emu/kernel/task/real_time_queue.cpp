#include "emu/kernel/task/real_time_queue.hpp"

#include <algorithm>

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kPeriod = 1'000'000'000;
constexpr std::uint64_t kRuntime = 950'000'000;

}  // namespace

bool RealTimeQueue::update(std::uint64_t now) {
  if (current_ != nullptr) used_ += current_->account(now);
  if (now >= period_end_) {
    const std::uint64_t periods = (now - period_end_) / kPeriod + 1;
    used_ -= std::min(used_, periods > used_ / kRuntime ? used_ : periods * kRuntime);
    period_end_ += periods * kPeriod;
    if (used_ < kRuntime) throttled_ = false;
  }
  if (used_ > kRuntime) throttled_ = true;
  return throttled_;
}

void RealTimeQueue::insert(SchedEntity& entity) { entity.place = waiting_.insert(&entity).first; }

void RealTimeQueue::enqueue(SchedEntity& entity, bool first, std::uint64_t now) {
  // The period begins with the first that has something to do, after one in which nobody had.
  if (running_ == 0 && used_ == 0 && now >= period_end_) period_end_ = now + kPeriod;
  ++running_;
  constexpr int kAboveAll = 100;
  entity.key = static_cast<std::uint64_t>(kAboveAll - entity.parameters.priority);
  entity.order = first ? --front_ : ++back_;
  entity.on_rq = true;
  if (&entity != current_) insert(entity);
}

void RealTimeQueue::dequeue(SchedEntity& entity) {
  if (&entity != current_) waiting_.erase(entity.place);
  entity.on_rq = false;
  --running_;
}

SchedEntity* RealTimeQueue::pick() const {
  if (throttled_) return nullptr;
  SchedEntity* const current = current_ != nullptr && current_->on_rq ? current_ : nullptr;
  SchedEntity* const first = waiting_.empty() ? nullptr : *waiting_.begin();
  if (current == nullptr || first == nullptr) return current == nullptr ? first : current;
  return Earlier{}(first, current) ? first : current;
}

void RealTimeQueue::set_current(SchedEntity& entity, std::uint64_t now) {
  waiting_.erase(entity.place);
  current_ = &entity;
  entity.exec_start = now;
}

void RealTimeQueue::put_current() {
  if (current_ == nullptr) return;
  if (current_->on_rq) insert(*current_);
  current_ = nullptr;
}

bool RealTimeQueue::tick() {
  if (current_ == nullptr || current_->parameters.policy != Policy::RoundRobin) return false;
  if (current_->time_slice > 1) {
    --current_->time_slice;
    return false;
  }
  current_->time_slice = kSliceTicks;
  // None of a higher priority waits, or it would run.
  if (waiting_.empty() || (*waiting_.begin())->key != current_->key) return false;
  yield();
  return true;
}

void RealTimeQueue::yield() { current_->order = ++back_; }

}  // namespace trapline::kernel
