#include "emu/scenario/kind.hpp"

#include <algorithm>
#include <array>

#include "emu/scenario/bare/kind.hpp"
#include "emu/scenario/judge.hpp"
#include "emu/scenario/linux/kind.hpp"

namespace trapline::scenario {

std::span<const Kind* const> kinds() {
  static const std::array<const Kind*, 2> kAll{&linux_kind(), &bare_kind()};
  return kAll;
}

const Kind& kind_named(std::string_view name) {
  return **std::ranges::find(kinds(), name, [](const Kind* kind) { return kind->name(); });
}

Outcome run(const Scenario& scenario, isa::Isa isa, const RunOptions& options) {
  Outcome outcome = scenario.kind->run(scenario, isa, options);
  outcome.kind = scenario.kind;
  return outcome;
}

std::vector<Problem> judge(const Scenario& scenario, const Outcome& outcome) {
  return scenario.kind->judge(scenario, outcome);
}

}  // namespace trapline::scenario
