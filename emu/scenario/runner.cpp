#include "emu/scenario/runner.hpp"

#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

Outcome run(const Scenario& scenario, isa::Isa isa, const RunOptions& options) {
  Outcome outcome = scenario.kind->run(scenario, isa, options);
  outcome.kind = scenario.kind;
  return outcome;
}

}  // namespace trapline::scenario
