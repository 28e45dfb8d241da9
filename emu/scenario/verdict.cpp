#include "emu/scenario/verdict.hpp"

#include <fmt/format.h>

#include "emu/scenario/judge.hpp"

namespace trapline::scenario {

Result Verdict::result() const {
  if (!outcome) return problems.empty() ? Result::Pass : Result::Error;
  if (fails) return failed_not ? Result::XPass : Result::XFail;
  return problems.empty() ? Result::Pass : Result::Fail;
}

void conclude(Verdict& verdict, const Scenario& scenario, bool strict) {
  verdict.problems = judge(scenario, *verdict.outcome);
  verdict.checks = scenario.checks.value;
  if (strict && !verdict.checks) {
    // Whatever else it may be expected to fail for.
    verdict.problems.push_back(
        {scenario.checks.at, "the scenario checks nothing: `expect` says nothing of what must come out"});
    return;
  }
  if (!scenario.fails) return;
  verdict.fails = scenario.fails->value;
  verdict.failed_not = verdict.problems.empty();
  if (verdict.failed_not) {
    verdict.problems.push_back(
        {scenario.fails->at,
         fmt::format("the scenario passes, although it is expected to fail: {}", scenario.fails->value)});
  }
}

}  // namespace trapline::scenario
