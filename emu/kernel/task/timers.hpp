// What is to happen at a point of virtual time (kernel/time/hrtimer.c). Two timers of the same point go off
// in the order in which they were set.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace trapline::kernel {

class Timers {
 public:
  using Id =
      std::pair<std::uint64_t, std::uint64_t>;  // when, in nanoseconds since the start; and a serial number
  using Function = std::function<void()>;

  Id set(std::uint64_t when, Function function) {
    const Id id{when, next_++};  // never used again, so it counts the plans that were made
    timers_.emplace(id, std::move(function));
    return id;
  }
  // Takes back a timer that may have gone off already.
  void cancel(std::optional<Id>& id) {
    if (id) timers_.erase(*id);
    id.reset();
  }
  std::optional<std::uint64_t> next() const {
    return timers_.empty() ? std::nullopt : std::optional(timers_.begin()->first.first);
  }
  // Grows with each timer that is set.
  std::uint64_t plans() const { return next_; }
  // The earliest one.
  void fire() {
    auto timer = timers_.extract(timers_.begin());
    timer.mapped()();
  }

 private:
  std::map<Id, Function> timers_;
  std::uint64_t next_ = 0;
};

}  // namespace trapline::kernel
