#include "emu/scenario/linux/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "emu/scenario/perf/judge.hpp"
#include "emu/scenario/utf8.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::scenario {

namespace {

std::string exit_text(const kernel::ExitStatus& exit) {
  if (exit.signal != 0) return fmt::format("was killed by {}", isa::linux_abi::name(exit.signal));
  return fmt::format("exited with {}", exit.code);
}

// The first bytes, cut before a sequence that does not fit.
std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::size_t end = 0;
  while (end < text.size()) {
    const std::size_t next = end + std::max<std::size_t>(utf8_sequence(text.substr(end)), 1);
    if (next > kMost) break;
    end = next;
  }
  return printable(text.substr(0, end)) + (end < text.size() ? "…" : "");
}

class LinuxJudge {
 public:
  LinuxJudge(const Scenario& scenario, const Outcome& outcome) : scenario_(scenario), outcome_(outcome) {}

  std::vector<Problem> judge() {
    exit();
    text("output", scenario_.expect.output, outcome_.output);
    text("stderr", scenario_.expect.error_output, outcome_.error_output);
    judge_perf(scenario_, outcome_, problems_);
    return std::move(problems_);
  }

 private:
  void fail(const Position& at, std::string message) { problems_.push_back({at, std::move(message)}); }

  void exit() {
    const auto& expected = scenario_.expect.exit;
    if (!expected) {
      // What was not asked for: to run out of cycles, or to be killed.
      if (outcome_.cycles_used_up) {
        fail(scenario_.expect.at,
             fmt::format("the program had not ended after {} cycles (machine.max-cycles)",
                         scenario_.machine.max_cycles));
      } else if (outcome_.exit.signal != 0) {
        fail(scenario_.expect.at, fmt::format("the program {}", exit_text(outcome_.exit)));
      }
      return;
    }
    kernel::ExitStatus wanted;
    if (const auto* const status = std::get_if<ExitStatus>(&expected->value)) wanted.code = status->code;
    if (const auto* const signal = std::get_if<ExitSignal>(&expected->value)) wanted.signal = signal->number;
    if (wanted.code == outcome_.exit.code && wanted.signal == outcome_.exit.signal) return;
    if (outcome_.cycles_used_up) {
      fail(expected->at,
           fmt::format("the program had not ended after {} cycles (machine.max-cycles), expected that it {}",
                       scenario_.machine.max_cycles, exit_text(wanted)));
      return;
    }
    fail(expected->at,
         fmt::format("the program {}, expected that it {}", exit_text(outcome_.exit), exit_text(wanted)));
  }

  void text(std::string_view name, const std::optional<TextExpectation>& expected,
            const std::string& actual) {
    if (!expected) return;
    if (expected->exact && expected->exact->value != actual) {
      const std::string& wanted = expected->exact->value;
      const auto [a, b] = std::ranges::mismatch(wanted, actual);
      const auto same = static_cast<std::size_t>(a - wanted.begin());
      fail(expected->exact->at, fmt::format("{} differs from byte {} on: expected \"{}\", got \"{}\"", name,
                                            same, shortened(std::string_view(wanted).substr(same)),
                                            shortened(std::string_view(actual).substr(same))));
    }
    for (const auto& part : expected->contains) {
      if (actual.find(part.value) == std::string::npos) {
        fail(part.at, fmt::format("{} does not contain \"{}\"; it is \"{}\"", name, shortened(part.value),
                                  shortened(actual)));
      }
    }
  }

  const Scenario& scenario_;
  const Outcome& outcome_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> judge_linux(const Scenario& scenario, const Outcome& outcome) {
  return LinuxJudge(scenario, outcome).judge();
}

}  // namespace trapline::scenario
