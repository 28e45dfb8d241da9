#include "emu/scenario/bare/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>

#include "debugunit/layouts.hpp"
#include "emu/scenario/bare/names.hpp"
#include "emu/scenario/wording.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

class BareJudge {
 public:
  BareJudge(const Scenario& scenario, const Outcome& outcome)
      : scenario_(scenario),
        expect_(*scenario.bare),
        outcome_(*outcome.bare),
        symbols_(*outcome.symbols),
        trace_(outcome.trace),
        wording_(expect_.reveal) {}

  std::vector<Problem> judge() {
    end();
    if (expect_.exceptions) exceptions(*expect_.exceptions);
    for (const NamedExpectation& expected : expect_.registers) {
      compare(expected, outcome_.registers, "at the end", "register");
    }
    memory();
    judge_trace(scenario_.trace, trace_, symbols_, 0, wording_, problems_);
    return std::move(problems_);
  }

 private:
  void fail(const Position& at, std::string message) { problems_.push_back({at, std::move(message)}); }

  void end() {
    if (outcome_.end == machine::BareEnd::Unsupported) {
      return fail(scenario_.program.at, outcome_.message);
    }
    if (outcome_.end == expect_.end.value) return;
    const std::string ended =
        outcome_.end == machine::BareEnd::CyclesUsedUp
            ? fmt::format("the program had not ended after {} cycles (machine.max-cycles)",
                          scenario_.machine.max_cycles)
            : fmt::format("the program ended as {}{}", name(outcome_.end),
                          outcome_.message.empty() ? "" : fmt::format(" ({})", outcome_.message));
    fail(expect_.end.at, ended + wording_.instead(name(expect_.end.value)));
  }

  void exceptions(const std::vector<ExceptionExpectation>& expected) {
    const std::uint64_t taken = outcome_.exceptions_taken;
    if (taken < expected.size() || (taken > expected.size() && !expect_.more_exceptions)) {
      fail(expect_.exceptions_at,
           fmt::format("{} taken{}", counted(taken, "exception", "exceptions"),
                       wording_.instead(fmt::format("{}{}", expect_.more_exceptions ? "at least " : "",
                                                    expected.size()))));
    }
    for (std::size_t i = 0; i < std::min(expected.size(), outcome_.exceptions.size()); ++i) {
      exception(i + 1, expected[i], outcome_.exceptions[i]);
    }
  }

  void exception(std::size_t number, const ExceptionExpectation& expected,
                 const machine::ExceptionTaken& actual) {
    const std::string what = fmt::format("exception {} ({})", number, actual.name);
    if (expected.name && expected.name->value != actual.name) {
      fail(expected.name->at,
           fmt::format("exception {} is {}{}", number, actual.name, wording_.instead(expected.name->value)));
    }
    if (expected.vector && expected.vector->value != actual.vector) {
      fail(expected.vector->at, fmt::format("{}: the vector is {:#x}{}", what, actual.vector,
                                            wording_.instead(hex(expected.vector->value))));
    }
    for (const NamedExpectation& part : expected.state) compare(part, actual.state, what, "state");
  }

  void compare(const NamedExpectation& expected, std::span<const machine::NamedValue> values,
               std::string_view where, std::string_view kind) {
    const auto actual = std::ranges::find(values, expected.name, &machine::NamedValue::name);
    const BareValue& wanted = expected.value.value;
    const auto number = symbols_.resolve(wanted.value);
    if (actual == values.end()) {
      fail(expected.value.at, fmt::format("{}: there is no {} {}", where, kind, expected.name));
    } else if (!number) {
      fail(expected.value.at,
           wording_.either(fmt::format("the program has no symbol '{}'", wanted.value.symbol),
                           "the program lacks a symbol that is expected"));
    } else if ((actual->value & wanted.mask) != (*number & wanted.mask)) {
      fail(expected.value.at,
           fmt::format("{}: {} is {}{}", where, expected.name, shown(actual->value, wanted),
                       wording_.instead(shown_wanted(wanted, *number) +
                                        in_fields(expected.name, actual->value, *number, wanted.mask))));
    }
  }

  // In which fields of the register they differ.
  std::string in_fields(std::string_view name, std::uint64_t actual, std::uint64_t wanted,
                        std::uint64_t mask) const {
    const auto* const layout = debugunit::layout_of(outcome_.isa, name);
    return layout == nullptr ? "" : ": " + isa::difference(*layout, actual, wanted, mask);
  }

  // With the name of the place where a place is expected.
  std::string shown(std::uint64_t value, const BareValue& wanted) const {
    const std::string number = fmt::format("{:#x}", value);
    const bool place = !wanted.value.symbol.empty() && symbols_.at(value);
    return place ? fmt::format("{} ({})", number, symbols_.describe(value)) : number;
  }

  static std::string shown_wanted(const BareValue& wanted, std::uint64_t number) {
    std::string text = fmt::format("{:#x}", number & wanted.mask);
    if (!wanted.value.symbol.empty()) text += fmt::format(" ({})", to_string(wanted.value));
    if (~wanted.mask != 0) text += fmt::format(" in the bits {:#x}", wanted.mask);
    return text;
  }

  void memory() {
    for (std::size_t i = 0; i < expect_.memory.size(); ++i) {
      const MemoryExpectation& expected = expect_.memory[i];
      const std::optional<std::uint64_t>& actual = outcome_.memory[i];
      const std::string place = to_string(expected.address.value);
      if (!actual) {
        fail(expected.address.at, fmt::format("there are no {} bytes of memory at {}", expected.size, place));
        continue;
      }
      // A negative number in the file stands for its bytes.
      const std::uint64_t mask = expected.size >= 8 ? ~0ull : (1ull << (8 * expected.size)) - 1;
      if ((expected.value.value & mask) == *actual) continue;
      fail(expected.value.at, fmt::format("the {} bytes at {} are {:#x}{}", expected.size, place, *actual,
                                          wording_.instead(hex(expected.value.value & mask))));
    }
  }

  const Scenario& scenario_;
  const BareExpectation& expect_;
  const BareOutcome& outcome_;
  const SymbolTable& symbols_;
  const TraceMatch& trace_;
  Wording wording_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> judge_bare(const Scenario& scenario, const Outcome& outcome) {
  return BareJudge(scenario, outcome).judge();
}

}  // namespace trapline::scenario
