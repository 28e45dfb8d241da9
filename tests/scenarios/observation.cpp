#include "tests/scenarios/observation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <sstream>

#include "emu/scenario/runner.hpp"

namespace trapline::scenario::test {
namespace {

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

Observation observe(const Document& document, isa::Isa isa, machine::Gear gear) {
  const Scenario& scenario = document.scenarios.at(isa);
  Observation observation;
  RunOptions options;
  options.build.cache = TRAPLINE_GUEST_CACHE;
  options.build.kernel_folder = TRAPLINE_SOURCE_DIR "/scenarios/kernel";
  options.gear = gear;
  options.trace = [&observation](const machine::TraceEvent& event) {
    observation.trace += to_json(event);
    observation.trace += '\n';
  };
  observation.verdict = {.file = document.path.string(),
                         .title = document.title,
                         .isa = isa,
                         .outcome = run(scenario, isa, options)};
  conclude(observation.verdict, scenario, true);

  std::ostringstream report;
  scenario::report(report, {observation.verdict},
                   {.format = Format::Json, .hits = 1000});  // the trace has all
  observation.report = report.str();
  return observation;
}

std::string first_difference(std::string_view a, std::string_view b) {
  if (a == b) return "";
  for (std::size_t number = 1; !a.empty() || !b.empty(); ++number) {
    const std::string_view in_a = take_line(a);
    const std::string_view in_b = take_line(b);
    if (in_a != in_b) return fmt::format("line {}: \"{}\" and \"{}\"", number, in_a, in_b);
  }
  return "only the line feed at the end differs";
}

}  // namespace trapline::scenario::test
