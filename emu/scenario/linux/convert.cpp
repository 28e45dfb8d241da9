#include "emu/scenario/linux/convert.hpp"

#include "emu/scenario/names.hpp"
#include "emu/scenario/perf/convert.hpp"

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

Expectation convert_expectation(const View& view) {
  Expectation expect;
  expect.exit = located(view, "exit", [](const View& exit) -> std::variant<ExitStatus, ExitSignal> {
    if (!exit.is_map()) return ExitStatus{exit.number<int>()};
    const std::string& signal = exit.get("signal").text();
    return ExitSignal{signal, number_of(kSignals, signal).value()};
  });
  expect.output = convert_output(view.find("output"));
  expect.error_output = convert_output(view.find("stderr"));
  return expect;
}

}  // namespace

void convert_linux(const View& root, Scenario& scenario, std::vector<Problem>& problems) {
  const auto expect = root.find("expect");
  if (expect) scenario.expect = convert_expectation(*expect);
  convert_perf(root, scenario, problems);
  scenario.expect.at = expect ? expect->at() : root.at();
}

}  // namespace trapline::scenario
