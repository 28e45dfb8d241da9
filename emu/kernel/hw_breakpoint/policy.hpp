// How K. Prasad's patches for PPC64 behaved in their versions where Linux does otherwise today: a scenario
// may ask for a version (docs/ppc64-changelog.md). x86-64 has no such differences.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace trapline::kernel {

struct BreakpointPolicy {
  // start_secondary() loads the registers: a CPU that comes has the breakpoints that it had.
  bool loads_at_secondary_start = false;
  // DABR stays set when its task makes way; a hit that another task takes there is swallowed.
  bool switches_lazily = false;
  // ptrace_triggered() unregisters the breakpoint, and keeps no slot.
  bool ptrace_unregisters = false;
  // Of a kernel address the symbol that begins there says how many bytes are meant, not the request.
  bool size_of_symbol = false;
  // The callback comes before the access.
  bool before_execution = false;
};

// By their versions: Linux 6.1 has none of them, nor has version X, which went upon perf.
inline constexpr std::array<std::string_view, 10> kPolicyNames{
    "linux", "ver-II", "ver-III", "ver-IV", "ver-V", "ver-VI", "ver-VII", "ver-VIII", "ver-IX", "ver-X"};

constexpr std::optional<BreakpointPolicy> policy_named(std::string_view name) {
  const auto* const found = std::ranges::find(kPolicyNames, name);
  if (found == kPolicyNames.end()) return std::nullopt;
  const auto version = found - kPolicyNames.begin() + 1;
  const auto between = [version](int first, int last) { return first <= version && version <= last; };
  return BreakpointPolicy{.loads_at_secondary_start = between(3, 9),
                          .switches_lazily = between(3, 9),
                          .ptrace_unregisters = between(5, 9),
                          .size_of_symbol = between(6, 9),
                          .before_execution = between(2, 8)};
}

}  // namespace trapline::kernel
