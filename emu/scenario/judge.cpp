#include "emu/scenario/judge.hpp"

#include "emu/scenario/kind.hpp"

namespace trapline::scenario {

std::vector<Problem> judge(const Scenario& scenario, const Outcome& outcome) {
  return scenario.kind->judge(scenario, outcome);
}

}  // namespace trapline::scenario
