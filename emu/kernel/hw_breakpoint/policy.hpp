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

struct NamedPolicy {
  std::string_view name;
  BreakpointPolicy policy;
};

// By the changelog of each version; what a version introduced, those after it have, up to version X.
inline constexpr std::array kPolicies{
    NamedPolicy{"linux", {}},
    NamedPolicy{"ver-II", {.before_execution = true}},
    NamedPolicy{"ver-III",
                {.loads_at_secondary_start = true, .switches_lazily = true, .before_execution = true}},
    NamedPolicy{"ver-IV",
                {.loads_at_secondary_start = true, .switches_lazily = true, .before_execution = true}},
    NamedPolicy{"ver-V",
                {.loads_at_secondary_start = true,
                 .switches_lazily = true,
                 .ptrace_unregisters = true,
                 .before_execution = true}},
    NamedPolicy{"ver-VI",
                {.loads_at_secondary_start = true,
                 .switches_lazily = true,
                 .ptrace_unregisters = true,
                 .size_of_symbol = true,
                 .before_execution = true}},
    NamedPolicy{"ver-VII",
                {.loads_at_secondary_start = true,
                 .switches_lazily = true,
                 .ptrace_unregisters = true,
                 .size_of_symbol = true,
                 .before_execution = true}},
    NamedPolicy{"ver-VIII",
                {.loads_at_secondary_start = true,
                 .switches_lazily = true,
                 .ptrace_unregisters = true,
                 .size_of_symbol = true,
                 .before_execution = true}},
    NamedPolicy{"ver-IX",
                {.loads_at_secondary_start = true,
                 .switches_lazily = true,
                 .ptrace_unregisters = true,
                 .size_of_symbol = true}},
    NamedPolicy{"ver-X", {}},
};

constexpr std::optional<BreakpointPolicy> policy_named(std::string_view name) {
  const auto* const found = std::ranges::find(kPolicies, name, &NamedPolicy::name);
  if (found == kPolicies.end()) return std::nullopt;
  return found->policy;
}

}  // namespace trapline::kernel
