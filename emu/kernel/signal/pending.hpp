// Signals that were sent and not yet delivered (struct sigpending). One of the standard signals pends once at
// most; real-time signals queue up (signal(7), "Queueing and delivery semantics for real-time signals").
#pragma once

#include <deque>
#include <optional>

#include "emu/kernel/signal/signal.hpp"

namespace trapline::kernel {

class PendingSignals {
 public:
  SignalSet set() const { return set_; }
  bool holds(int signal) const { return (set_ & signal_bit(signal)) != 0; }
  std::size_t queued() const { return queue_.size(); }
  const SigInfo& at(std::size_t n) const { return queue_[n]; }
  bool empty() const { return set_ == 0; }

  void add(const SigInfo& info) {
    set_ |= signal_bit(info.signal());
    queue_.push_back(info);
  }
  // A signal without what is known of it, where there is no room for more.
  void add_bare(int signal) { set_ |= signal_bit(signal); }

  // Takes out the first one of `signal`.
  SigInfo take(isa::Isa isa, int signal);
  void discard(SignalSet signals);

 private:
  SignalSet set_ = 0;
  std::deque<SigInfo> queue_;
};

}  // namespace trapline::kernel
