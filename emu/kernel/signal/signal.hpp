// What a process does on each signal (struct sigaction, in host form).
#pragma once

#include <array>
#include <cstdint>

#include "isa/address.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

struct SignalAction {
  std::uint64_t handler = 0;  // SIG_DFL 0, SIG_IGN 1, or the handler's address (PPC64: of its descriptor)
  std::uint64_t flags = 0;
  std::uint64_t restorer = 0;
  std::uint64_t mask = 0;
};
inline constexpr std::uint64_t kSigDfl = 0;
inline constexpr std::uint64_t kSigIgn = 1;

using SignalActions =
    std::array<SignalAction, isa::linux_abi::kSignals + 1>;  // by signal number; 0 is unused

// A signal that a fault of the task itself raises, with what siginfo_t tells of it.
struct SignalInfo {
  int signal = 0;
  int code = 0;
  isa::GuestVa address;
};

}  // namespace trapline::kernel
