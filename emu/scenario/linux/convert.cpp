#include "emu/scenario/linux/convert.hpp"

#include "emu/scenario/names.hpp"
#include "emu/scenario/perf/convert.hpp"
#include "emu/scenario/perf/convert_expect.hpp"

namespace trapline::scenario {

namespace {

std::optional<TextExpectation> convert_output(const std::optional<View>& view) {
  if (!view) return std::nullopt;
  TextExpectation text;
  if (view->is_map()) {
    for (const View& item : view->get("contains").items()) text.contains.push_back({item.text(), item.at()});
  } else {
    text.exact = Located<std::string>{view->text(), view->at()};
  }
  return text;
}

Expectation convert_expectation(const View& view, std::vector<Problem>& problems) {
  Expectation expect;
  if (const auto reveal = view.find("reveal")) expect.reveal = reveal->boolean();
  expect.exit = located(view, "exit", [&](const View& exit) -> std::variant<ExitStatus, ExitSignal> {
    const auto signal = exit.find("signal");
    if (!signal) return ExitStatus{to_bounds(exit, problems)};
    return ExitSignal{signal->text(), number_of(kSignals, signal->text()).value()};
  });
  expect.output = convert_output(view.find("output"));
  expect.error_output = convert_output(view.find("stderr"));
  expect.console = convert_output(view.find("console"));
  return expect;
}

// That events open and the program is not killed goes without saying.
bool checks_anything(const Scenario& scenario) {
  const Expectation& expect = scenario.expect;
  return expect.exit || expect.output || expect.error_output || expect.console || !expect.order.empty() ||
         expect.own || checks_events(scenario);
}

}  // namespace

void convert_linux(const Sources& sources, Scenario& scenario, std::vector<Problem>& problems) {
  const auto expect = sources.expect();
  if (expect) scenario.expect = convert_expectation(*expect, problems);
  convert_perf(sources, scenario, problems);
  scenario.expect.at = sources.at();
  scenario.checks.value = checks_anything(scenario);
}

}  // namespace trapline::scenario
