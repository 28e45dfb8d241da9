// Compares what happened with what is expected of it, part by part.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "emu/scenario/bounds.hpp"
#include "emu/scenario/input_error.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/place.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/wording.hpp"

namespace trapline::scenario {

class Comparison {
 public:
  // `where` begins each message: "event 'writes', hit 2"; "": nothing does.
  Comparison(std::string where, const SymbolTable& symbols, Wording wording)
      : where_(std::move(where)), symbols_(symbols), wording_(wording) {}

  // What differs, in the order of the calls.
  std::vector<Problem> take() { return std::move(problems_); }
  const Wording& wording() const { return wording_; }

  void fail(const Position& at, std::string_view message) {
    problems_.push_back({at, where_.empty() ? std::string(message) : fmt::format("{}: {}", where_, message)});
  }

  template <class T, class U>
  void equal(std::string_view what, const std::optional<Located<T>>& expected, const U& actual) {
    if (!expected || expected->value == actual) return;
    if constexpr (std::is_same_v<U, std::string>) {
      if (actual.empty())
        return fail(expected->at,
                    fmt::format("it does not tell {}{}", what, wording_.instead(expected->value)));
    }
    fail(expected->at, fmt::format("{} is {}{}", what, actual, wording_.instead(expected->value)));
  }

  // Of what may not be there at all.
  template <class T, class U>
  void equal(std::string_view what, const std::optional<Located<T>>& expected,
             const std::optional<U>& actual) {
    if (!expected) return;
    if (actual) return equal(what, expected, *actual);
    fail(expected->at, fmt::format("it does not tell {}", what));
  }

  // Nothing: it is not told.
  void within(std::string_view what, const std::optional<Located<Bounds>>& expected,
              std::optional<std::uint64_t> actual);
  // `called`: what moves is told by that name.
  void place(std::string_view what, const std::optional<Located<Place>>& expected,
             std::optional<std::uint64_t> actual, std::string_view called = "");
  // Whether the program has the place; that it has not is a problem.
  bool knows(const Located<Place>& expected);
  // `length` bytes of memory, which event `event` watches.
  void value(std::string_view event, std::string_view what,
             const std::optional<Located<ValueBounds>>& expected, std::uint64_t length,
             std::optional<std::uint64_t> actual);
  // The first of the functions.
  void callchain(const std::vector<Located<std::string>>& expected, const std::vector<Caller>& actual);

 private:
  std::string where_;
  const SymbolTable& symbols_;
  Wording wording_;
  std::vector<Problem> problems_;
};

}  // namespace trapline::scenario
