// What is to happen at a point of virtual time (kernel/time/hrtimer.c). Two timers of the same point go off
// in the order in which they were set.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "emu/kernel/time_units.hpp"

namespace trapline::kernel {

class Timers;

// One that was set, in the hands of who set it: it is taken back when they go.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept : timers_(std::exchange(other.timers_, nullptr)), id_(other.id_) {}
  Timer& operator=(Timer&& other) noexcept {
    if (this == &other) return *this;
    cancel();
    timers_ = std::exchange(other.timers_, nullptr);
    id_ = other.id_;
    return *this;
  }
  ~Timer() { cancel(); }

  // Whether it was set and not cancelled. It may have gone off.
  explicit operator bool() const { return timers_ != nullptr; }
  void cancel();

 private:
  friend class Timers;
  struct Id {
    std::uint64_t when = 0;  // nanoseconds since the start
    std::uint64_t serial = 0;
    auto operator<=>(const Id&) const = default;
  };
  Timer(Timers& timers, Id id) : timers_(&timers), id_(id) {}

  Timers* timers_ = nullptr;
  Id id_{};
};

class Timers {
 public:
  using Function = std::function<void()>;

  [[nodiscard]] Timer set(std::uint64_t when, Function function) {
    return {*this, add(when, std::move(function))};
  }
  // Nobody takes it back.
  void run_at(std::uint64_t when, Function function) { add(when, std::move(function)); }
  std::optional<std::uint64_t> next() const {
    return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first.when);
  }
  // Grows with each timer that is set.
  std::uint64_t plans() const { return next_; }
  // The earliest one.
  void fire() {
    auto timer = timers_.extract(timers_.begin());
    timer.mapped()();
  }

 private:
  friend class Timer;

  Timer::Id add(std::uint64_t when, Function function) {
    const Timer::Id id{when, next_++};  // never used again, so it counts the plans that were made
    timers_.emplace(id, std::move(function));
    return id;
  }

  std::map<Timer::Id, Function> timers_;
  std::uint64_t next_ = 0;
};

inline void Timer::cancel() {
  if (Timers* const timers = std::exchange(timers_, nullptr)) timers->timers_.erase(id_);
}

}  // namespace trapline::kernel
