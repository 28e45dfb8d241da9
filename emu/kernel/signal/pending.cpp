#include "emu/kernel/signal/pending.hpp"

#include <algorithm>

namespace trapline::kernel {

SigInfo PendingSignals::take(isa::Isa isa, int signal) {
  const auto first = std::ranges::find(queue_, signal, &SigInfo::signal);
  if (first == queue_.end()) {
    set_ &= ~signal_bit(signal);
    return SigInfo(isa, signal, 0);  // SI_USER from nobody: what Linux makes up then, too
  }
  SigInfo info = *first;
  const auto rest = queue_.erase(first);
  if (std::ranges::find(rest, queue_.end(), signal, &SigInfo::signal) == queue_.end())
    set_ &= ~signal_bit(signal);
  return info;
}

void PendingSignals::discard(SignalSet signals) {
  if ((set_ & signals) == 0) return;
  set_ &= ~signals;
  std::erase_if(queue_, [&](const SigInfo& info) { return (signals & signal_bit(info.signal())) != 0; });
}

}  // namespace trapline::kernel
