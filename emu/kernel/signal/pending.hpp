// Signals that were sent and not yet delivered (struct sigpending). One of the standard signals pends once at
// most; real-time signals queue up (signal(7), "Queueing and delivery semantics for real-time signals").
#pragma once

#include <iterator>
#include <list>
#include <memory>
#include <optional>

#include "emu/kernel/signal/signal.hpp"

namespace trapline::kernel {

// One signal or timer of those that RLIMIT_SIGPENDING bounds, until nobody holds it any more.
using SignalShare = std::shared_ptr<const void>;

class PendingSignals {
 public:
  SignalSet set() const { return set_; }
  bool holds(int signal) const { return (set_ & signal_bit(signal)) != 0; }
  std::size_t queued() const { return queue_.size(); }
  const SigInfo& at(std::size_t n) const {
    return std::next(queue_.begin(), static_cast<std::ptrdiff_t>(n))->info;
  }
  bool empty() const { return set_ == 0; }

  void add(const SigInfo& info, SignalShare share) {
    set_ |= signal_bit(info.signal());
    queue_.push_back({info, std::move(share)});
  }
  // A signal without what is known of it, where there is no room for more.
  void add_bare(int signal) { set_ |= signal_bit(signal); }

  // Takes out the first one of `signal`.
  SigInfo take(isa::Isa isa, int signal);
  void discard(SignalSet signals);

 private:
  SignalSet set_ = 0;
  struct Queued {
    SigInfo info;
    SignalShare share;
    int signal() const { return info.signal(); }
  };
  std::list<Queued> queue_;
};

}  // namespace trapline::kernel
