#include "emu/scenario/linux/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "emu/scenario/perf/judge.hpp"
#include "emu/scenario/utf8.hpp"
#include "emu/scenario/wording.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::scenario {

namespace {

std::string exit_text(const kernel::ExitStatus& exit) {
  if (exit.signal != 0) return fmt::format("was killed by {}", isa::linux_abi::name(exit.signal));
  return fmt::format("exited with {}", exit.code);
}
std::string exit_text(const std::variant<ExitStatus, ExitSignal>& wanted) {
  if (const auto* const signal = std::get_if<ExitSignal>(&wanted))
    return fmt::format("was killed by {}", isa::linux_abi::name(signal->number));
  return fmt::format("exited with {}", to_string(std::get<ExitStatus>(wanted).code));
}

bool is_exit(const kernel::ExitStatus& exit, const std::variant<ExitStatus, ExitSignal>& wanted) {
  if (const auto* const signal = std::get_if<ExitSignal>(&wanted)) return exit.signal == signal->number;
  return exit.signal == 0 && std::get<ExitStatus>(wanted).code.hold(static_cast<std::uint64_t>(exit.code));
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
  LinuxJudge(const Scenario& scenario, const Outcome& outcome)
      : scenario_(scenario), outcome_(outcome), wording_(scenario.expect.reveal) {}

  std::vector<Problem> judge() {
    exit();
    text("output", scenario_.expect.output, outcome_.output);
    text("stderr", scenario_.expect.error_output, outcome_.error_output);
    text("console", scenario_.expect.console, outcome_.console);
    judge_perf(scenario_, outcome_, problems_);
    judge_trace(scenario_.trace, outcome_.trace, *outcome_.symbols, outcome_.main_task, wording_, problems_);
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
    if (is_exit(outcome_.exit, expected->value)) return;
    const std::string ended =
        outcome_.cycles_used_up
            ? fmt::format("had not ended after {} cycles (machine.max-cycles)", scenario_.machine.max_cycles)
            : exit_text(outcome_.exit);
    fail(expected->at, fmt::format("the program {}{}", ended,
                                   wording_.instead(fmt::format("that it {}", exit_text(expected->value)))));
  }

  void text(std::string_view name, const std::optional<TextExpectation>& expected,
            const std::string& actual) {
    if (!expected) return;
    if (expected->exact && expected->exact->value != actual) {
      const std::string& wanted = expected->exact->value;
      const auto [a, b] = std::ranges::mismatch(wanted, actual);
      const auto same = static_cast<std::size_t>(a - wanted.begin());
      fail(expected->exact->at,
           wording_.either(fmt::format("{} differs from byte {} on: expected \"{}\", got \"{}\"", name, same,
                                       shortened(std::string_view(wanted).substr(same)),
                                       shortened(std::string_view(actual).substr(same))),
                           fmt::format("{} is not what is expected; it is \"{}\"", name, shortened(actual))));
    }
    for (const auto& part : expected->contains) {
      if (actual.find(part.value) == std::string::npos) {
        fail(part.at, wording_.either(fmt::format("{} does not contain \"{}\"; it is \"{}\"", name,
                                                  shortened(part.value), shortened(actual)),
                                      fmt::format("{} does not contain what is expected; it is \"{}\"", name,
                                                  shortened(actual))));
      }
    }
  }

  const Scenario& scenario_;
  const Outcome& outcome_;
  Wording wording_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> judge_linux(const Scenario& scenario, const Outcome& outcome) {
  return LinuxJudge(scenario, outcome).judge();
}

}  // namespace trapline::scenario
