// What a scenario expects of the trace: some of its lines, one after another. They are looked for as they
// come, so that a trace of any length costs no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "emu/machine/trace.hpp"
#include "emu/scenario/bounds.hpp"
#include "emu/scenario/input_error.hpp"
#include "emu/scenario/schema.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/view.hpp"
#include "emu/scenario/wording.hpp"

namespace trapline::scenario {

// Some bits of a number.
struct MaskedText {
  std::string text;  // as that of a whole one
  std::uint64_t mask = 0;
};

// What a field of a line must be.
struct TraceFieldExpectation {
  std::string field;  // "event", "DR6"
  Position at;
  // A text is whatever the field has: a number, a place, a name.
  std::variant<std::string, ValueBounds, MaskedText> value;
};

// One expected line: what is absent is not compared.
struct TraceExpectation {
  Position at;
  std::vector<TraceFieldExpectation> fields;
};

// Key `expect.trace`. `more`: fields that only some kind of scenario has.
schema::TypeRef trace_expectation(const std::vector<schema::Field>& more);
std::vector<TraceExpectation> convert_trace(const View& view, std::vector<Problem>& problems);

// How far the trace came to what is expected.
struct TraceMatch {
  std::size_t found = 0;    // so many of the expected lines
  std::uint64_t after = 0;  // the last of these had this order
  // Of what follows, the first of those that are most like the next expected line; absent: nothing is.
  std::optional<machine::TraceEvent> nearest;
  std::optional<std::uint64_t> early;  // a line like the next expected one that came before, by its order
};

class TraceMatcher {
 public:
  // Both are looked at as long as events come.
  TraceMatcher(std::span<const TraceExpectation> expected, const SymbolTable& symbols)
      : expected_(expected), symbols_(symbols), early_(expected.size()) {}
  TraceMatcher(const TraceMatcher&) = delete;
  TraceMatcher& operator=(const TraceMatcher&) = delete;

  // The thread id that `main` stands for.
  void set_main(int task) { main_ = task; }

  // Takes what comes, and hands it on to `next`, which may be empty. Empty where neither wants any.
  machine::TraceSink sink(machine::TraceSink next);
  void take(const machine::TraceEvent& event);

  TraceMatch match() const;
  // How the line differs from the expected one, in words.
  std::string differences(const machine::TraceEvent& event, const TraceExpectation& expected) const;

 private:
  std::optional<std::uint64_t> number_of(std::string_view field, const std::string& text) const;
  bool is(const machine::TraceEvent& event, const TraceFieldExpectation& expected) const;
  std::size_t likeness(const machine::TraceEvent& event, const TraceExpectation& expected) const;

  std::span<const TraceExpectation> expected_;
  const SymbolTable& symbols_;
  std::vector<std::optional<std::uint64_t>> early_;  // by expected line
  int main_ = 0;
  std::size_t likest_ = 0;  // how many fields of `nearest` are as expected
  TraceMatch match_;
};

// Adds a problem where the trace had not all.
void judge_trace(std::span<const TraceExpectation> expected, const TraceMatch& match,
                 const SymbolTable& symbols, int main, Wording wording, std::vector<Problem>& problems);

}  // namespace trapline::scenario
