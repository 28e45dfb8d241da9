#include "emu/scenario/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "emu/scenario/bare/judge.hpp"
#include "emu/scenario/names.hpp"
#include "isa/linux/signals.hpp"

namespace trapline::scenario {

namespace {

std::string errno_name(int number) {
  for (const NamedNumber& entry : kErrnos) {
    if (entry.number == number) return std::string(entry.name);
  }
  return fmt::format("errno {}", number);
}

std::string exit_text(const kernel::ExitStatus& exit) {
  if (exit.signal != 0) return fmt::format("was killed by {}", isa::linux_abi::name(exit.signal));
  return fmt::format("exited with {}", exit.code);
}

std::string_view access_name(isa::AccessKind kind) {
  switch (kind) {
    case isa::AccessKind::Read:
      return "r";
    case isa::AccessKind::Write:
      return "w";
    case isa::AccessKind::Execute:
      return "x";
    case isa::AccessKind::Io:
      return "io";
  }
  return "";
}

std::string shortened(std::string_view text) {
  constexpr std::size_t kMost = 200;
  std::string shown;
  for (const char c : text.substr(0, kMost)) {
    if (c == '\n') {
      shown += "\\n";
    } else {
      shown += c;
    }
  }
  return text.size() > kMost ? shown + "…" : shown;
}

class Judge {
 public:
  Judge(const Scenario& scenario, const Outcome& outcome)
      : scenario_(scenario), outcome_(outcome), symbols_(*outcome.symbols) {}

  std::vector<Problem> judge() {
    opened();
    exit();
    text("output", scenario_.expect.output, outcome_.output);
    text("stderr", scenario_.expect.error_output, outcome_.error_output);
    for (const EventExpectation& expected : scenario_.expect.events) event(expected);
    return std::move(problems_);
  }

 private:
  void fail(const Position& at, std::string message) { problems_.push_back({at, std::move(message)}); }

  void opened() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
      const EventSpec& spec = scenario_.events[i];
      const std::optional<int>& error = outcome_.events[i].error;
      if (spec.expect_error) {
        if (!error) {
          fail(spec.expect_error->at,
               fmt::format("event '{}' was opened, expected {}", spec.name, spec.expect_error->value.name));
        } else if (*error != spec.expect_error->value.number) {
          fail(spec.expect_error->at, fmt::format("event '{}' was refused with {}, expected {}", spec.name,
                                                  errno_name(*error), spec.expect_error->value.name));
        }
      } else if (error) {
        fail(spec.at, fmt::format("event '{}' could not be opened: {}", spec.name, errno_name(*error)));
      }
    }
  }

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

  void event(const EventExpectation& expected) {
    const auto result = std::ranges::find(outcome_.events, expected.event, &EventResult::name);
    const auto spec = std::ranges::find(scenario_.events, expected.event, &EventSpec::name);
    if (result == outcome_.events.end() || spec == scenario_.events.end())
      return;  // load() refuses such a file
    if (expected.count && expected.count->value != result->count) {
      fail(expected.count->at, fmt::format("event '{}' counted {}, expected {}", expected.event,
                                           result->count, expected.count->value));
    }
    if (!expected.hits) return;
    const auto& hits = *expected.hits;
    if (result->hits.size() < hits.size() || (result->hits.size() > hits.size() && !expected.more)) {
      fail(expected.at, fmt::format("event '{}' had {} hits, expected {}{}", expected.event,
                                    result->hits.size(), expected.more ? "at least " : "", hits.size()));
    }
    for (std::size_t i = 0; i < std::min(hits.size(), result->hits.size()); ++i)
      hit(*spec, i, hits[i], result->hits[i]);
  }

  template <class T, class U>
  void compare(const EventSpec& event, std::size_t index, std::string_view what,
               const std::optional<Located<T>>& expected, const U& actual) {
    if (!expected || expected->value == actual) return;
    fail(expected->at, fmt::format("event '{}', hit {}: {} is {}, expected {}", event.name, index + 1, what,
                                   actual, expected->value));
  }

  void compare_place(const EventSpec& event, std::size_t index, std::string_view what,
                     const std::optional<Located<Place>>& expected, std::uint64_t actual) {
    if (!expected) return;
    const auto address = symbols_.resolve(expected->value);
    if (!address) {
      fail(expected->at, fmt::format("the program has no symbol '{}'", expected->value.symbol));
    } else if (*address != actual) {
      fail(expected->at, fmt::format("event '{}', hit {}: {} is {}, expected {}", event.name, index + 1, what,
                                     symbols_.describe(actual), to_string(expected->value)));
    }
  }

  void compare_value(const EventSpec& event, std::size_t index, std::string_view what,
                     const std::optional<Located<std::uint64_t>>& expected,
                     const std::optional<std::uint64_t>& actual) {
    if (!expected) return;
    const unsigned bits = 8 * event.length;
    const auto as_signed = static_cast<std::int64_t>(expected->value);
    const bool fits = bits >= 64 || (expected->value >> bits) == 0 ||
                      (as_signed < 0 && as_signed >= -(std::int64_t{1} << (bits - 1)));
    if (!fits) {
      fail(expected->at, fmt::format("this value does not fit into the {} bytes that event '{}' watches",
                                     event.length, event.name));
      return;
    }
    if (!actual) {
      fail(expected->at,
           fmt::format("event '{}', hit {}: there is no {} value", event.name, index + 1, what));
      return;
    }
    // A negative number in the file stands for its bytes.
    const std::uint64_t mask = event.length >= 8 ? ~0ull : (1ull << (8 * event.length)) - 1;
    if ((expected->value & mask) != *actual) {
      fail(expected->at, fmt::format("event '{}', hit {}: the {} value is {} ({:#x}), expected {}",
                                     event.name, index + 1, what, *actual, *actual, expected->value & mask));
    }
  }

  void hit(const EventSpec& event, std::size_t i, const HitExpectation& expected, const Hit& actual) {
    compare_place(event, i, "the address", expected.address, actual.access.address.value);
    compare_place(event, i, "the PC", expected.pc, actual.pc);
    compare(event, i, "the function", expected.function, actual.function);
    compare_value(event, i, "old", expected.old_value, actual.old_value);
    compare_value(event, i, "new", expected.new_value, actual.new_value);
    if (expected.access && expected.access->value != actual.access.kind) {
      fail(expected.access->at,
           fmt::format("event '{}', hit {}: the access is {}, expected {}", event.name, i + 1,
                       access_name(actual.access.kind), access_name(expected.access->value)));
    }
    compare(event, i, "the size", expected.size, actual.access.size);
    compare(event, i, "the cycle", expected.cycle, actual.cycle);
    compare(event, i, "the CPU", expected.cpu, actual.cpu);
    if (expected.task) {
      const std::string& wanted = expected.task->value;
      const bool same =
          wanted == "main" ? actual.main : wanted == actual.comm || wanted == std::to_string(actual.task);
      if (!same) {
        fail(expected.task->at, fmt::format("event '{}', hit {}: the task is {} ({}), expected {}",
                                            event.name, i + 1, actual.comm, actual.task, wanted));
      }
    }
  }

  const Scenario& scenario_;
  const Outcome& outcome_;
  const SymbolTable& symbols_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> judge(const Scenario& scenario, const Outcome& outcome) {
  return scenario.bare ? judge_bare(scenario, outcome) : Judge(scenario, outcome).judge();
}

}  // namespace trapline::scenario
