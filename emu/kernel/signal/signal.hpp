// What a process does on each signal (struct sigaction, in host form), and what a signal's delivery needs.
#pragma once

#include <array>
#include <cstdint>

#include "emu/kernel/signal/siginfo.hpp"
#include "isa/address.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::kernel {

using SignalSet = std::uint64_t;  // bit n - 1: signal n
constexpr SignalSet signal_bit(int signal) { return SignalSet{1} << (signal - 1); }
// No handler, no mask and no ignoring of these.
inline constexpr SignalSet kUnblockable =
    signal_bit(isa::linux_abi::kSigKill) | signal_bit(isa::linux_abi::kSigStop);

struct SignalAction {
  std::uint64_t handler = 0;  // SIG_DFL 0, SIG_IGN 1, or the handler's address (PPC64: of its descriptor)
  std::uint64_t flags = 0;    // SA_*
  std::uint64_t restorer = 0;
  SignalSet mask = 0;
};
inline constexpr std::uint64_t kSigDfl = 0;
inline constexpr std::uint64_t kSigIgn = 1;

// SA_*, asm-generic/signal-defs.h; the same on both instruction sets.
inline constexpr std::uint64_t kSaNoCldStop = 0x00000001;
inline constexpr std::uint64_t kSaNoCldWait = 0x00000002;
inline constexpr std::uint64_t kSaSigInfo = 0x00000004;
inline constexpr std::uint64_t kSaRestorer = 0x04000000;  // x86-64
inline constexpr std::uint64_t kSaOnStack = 0x08000000;
inline constexpr std::uint64_t kSaRestart = 0x10000000;
inline constexpr std::uint64_t kSaNoDefer = 0x40000000;
inline constexpr std::uint64_t kSaResetHand = 0x80000000;

using SignalActions =
    std::array<SignalAction, isa::linux_abi::kSignals + 1>;  // by signal number; 0 is unused

// sigaltstack(2): stack_t.
struct AlternateStack {
  isa::GuestVa start;
  std::uint64_t size = 0;   // 0: none
  std::uint32_t flags = 0;  // SS_AUTODISARM of what was set

  // SS_ONSTACK: whether a stack pointer lies on it. Stacks grow downwards: at `start` it is full, past its
  // end empty.
  bool holds(isa::GuestVa stack_pointer) const {
    return size != 0 && (flags & kAutoDisarm) == 0 && stack_pointer > start && stack_pointer - start <= size;
  }
  // ss_flags as a handler's ucontext shows them.
  std::uint32_t shown_flags() const { return size == 0 ? flags | kDisable : flags; }
  static constexpr std::uint32_t kOnStack = 1;              // SS_ONSTACK
  static constexpr std::uint32_t kDisable = 2;              // SS_DISABLE
  static constexpr std::uint32_t kAutoDisarm = 0x80000000;  // SS_AUTODISARM
};

// A signal that a fault of the task itself raises, with what siginfo_t tells of it.
struct SignalInfo {
  int signal = 0;
  int code = 0;
  isa::GuestVa address;
};

// A signal that is about to run its handler.
struct SignalDelivery {
  const SigInfo& info;
  const SignalAction& action;
  SignalSet mask = 0;  // blocked until now, and again after the handler: uc_sigmask
  const AlternateStack& stack;
};

// What a handler's frame held beside the registers.
struct SignalReturn {
  SignalSet mask = 0;
  AlternateStack stack;
};

}  // namespace trapline::kernel
