#include "emu/kernel/signal/pending.hpp"

#include <algorithm>

namespace trapline::kernel {

SigInfo PendingSignals::take(isa::Isa isa, int signal) {
  const auto first = std::ranges::find(queue_, signal, &Queued::signal);
  if (first == queue_.end()) {
    set_ &= ~signal_bit(signal);
    return SigInfo(isa, signal, 0);  // SI_USER from nobody: what Linux makes up then, too
  }
  SigInfo info = first->info;
  const auto rest = queue_.erase(first);
  if (std::ranges::find(rest, queue_.end(), signal, &Queued::signal) == queue_.end())
    set_ &= ~signal_bit(signal);
  return info;
}

void PendingSignals::discard(SignalSet signals) {
  if ((set_ & signals) == 0) return;
  set_ &= ~signals;
  std::erase_if(queue_, [&](const Queued& queued) { return (signals & signal_bit(queued.signal())) != 0; });
}

}  // namespace trapline::kernel
