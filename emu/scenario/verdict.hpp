// What came of one scenario on one instruction set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// XFAIL: it failed, as its file says that it does. XPASS: it did not, although the file says so.
enum class Result : std::uint8_t { Pass, Fail, Error, XFail, XPass };

struct Verdict {
  std::string file;
  std::string title;
  std::optional<isa::Isa> isa;          // absent: the file could not be loaded
  std::optional<std::uint64_t> seed{};  // of several that it was run with
  std::optional<Outcome> outcome;       // absent: it could not be run, and `problems` say why
  std::vector<Problem> problems{};      // with XFAIL those that were foreseen; empty: it passed
  std::vector<Problem> warnings{};      // of the compilers that built its program
  std::optional<std::string> fails{};   // why it was expected to fail
  bool failed_not{};                    // although it was expected to, which is the only problem
  bool checks = true;                   // it expects anything

  Result result() const;
  bool passed() const { return result() == Result::Pass || result() == Result::XFail; }
};

// From an outcome to the rest. `strict`: a scenario that expects nothing fails.
void conclude(Verdict& verdict, const Scenario& scenario, bool strict);

}  // namespace trapline::scenario
