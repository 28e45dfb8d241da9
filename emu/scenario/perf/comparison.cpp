#include "emu/scenario/perf/comparison.hpp"

#include <algorithm>

#include "emu/scenario/target.hpp"

namespace trapline::scenario {

void Comparison::within(std::string_view what, const std::optional<Located<Bounds>>& expected,
                        std::optional<std::uint64_t> actual) {
  if (!expected) return;
  if (!actual) {
    fail(expected->at, fmt::format("it does not tell {}", what));
  } else if (!expected->value.hold(*actual)) {
    fail(expected->at,
         fmt::format("{} is {}{}", what, *actual, wording_.instead(to_string(expected->value))));
  }
}

void Comparison::place(std::string_view what, const std::optional<Located<Place>>& expected,
                       std::optional<std::uint64_t> actual, std::string_view called) {
  if (!expected) return;
  const auto instead = [&] { return wording_.instead(to_string(expected->value)); };
  if (const auto address = symbols_.resolve(expected->value)) {
    if (!actual)
      fail(expected->at, fmt::format("it does not tell {}", what));
    else if (*address != *actual)
      fail(expected->at, fmt::format("{} is {}{}", what, symbols_.describe(*actual), instead()));
    return;
  }
  // What moves has a name only.
  if (knows(*expected) && called != to_string(expected->value))
    fail(expected->at, fmt::format("{} is {}{}", what, called, instead()));
}

bool Comparison::knows(const Located<Place>& expected) {
  if (symbols_.resolve(expected.value)) return true;
  try {
    (void)symbols_.target(expected.value);
    return true;
  } catch (const PlaceError& error) {
    // Whatever happened.
    problems_.push_back(
        {expected.at, wording_.either(error.what(), "the program lacks a symbol that is expected")});
    return false;
  }
}

void Comparison::value(std::string_view event, std::string_view what,
                       const std::optional<Located<ValueBounds>>& expected, std::uint64_t length,
                       std::optional<std::uint64_t> actual) {
  if (!expected) return;
  if (!actual) return fail(expected->at, fmt::format("there is no {} value", what));
  const auto bits = static_cast<unsigned>(8 * std::clamp<std::uint64_t>(length, 1, 8));
  if (!expected->value.fit(bits)) {
    problems_.push_back({expected->at, fmt::format("this value does not fit into the {} bytes that event "
                                                   "'{}' watches",
                                                   length, event)});
  } else if (!expected->value.hold(*actual, bits)) {
    fail(expected->at, fmt::format("the {} value is {} ({:#x}){}", what, *actual, *actual,
                                   wording_.instead(to_string(expected->value))));
  }
}

void Comparison::callchain(const std::vector<Located<std::string>>& expected,
                           const std::vector<Caller>& actual) {
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& wanted = expected[i];
    const std::string function = i < actual.size() ? actual[i].function : "";
    if (function == wanted.value) continue;
    fail(wanted.at, fmt::format("function {} of the call chain is '{}'{}", i + 1, function,
                                wording_.instead(fmt::format("'{}'", wanted.value))));
  }
}

}  // namespace trapline::scenario
