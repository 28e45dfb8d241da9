// What a run of scenarios reports, for people and for machines.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/runner.hpp"

namespace trapline::scenario {

// One scenario on one instruction set.
struct Verdict {
  std::string file;
  std::string title;
  std::optional<isa::Isa> isa;          // absent: the file could not be loaded
  std::optional<std::uint64_t> seed{};  // of several that it was run with
  std::optional<Outcome> outcome;       // absent: it could not be run, and `problems` say why
  std::vector<Problem> problems{};      // empty: passed
  std::vector<Problem> warnings{};      // of the compilers that built its program
  bool passed() const { return problems.empty(); }
};

enum class Format : std::uint8_t { Text, Json, Junit, Tap };
std::optional<Format> format_from_name(std::string_view name);

struct ReportOptions {
  Format format = Format::Text;
  bool colours = false;
  std::optional<std::size_t>
      hits{};                // to show of each event, and records; absent: text 20, JSON all that were kept
  bool errors_said = false;  // why a scenario could not be run, the reader of the text knows already
};

// Writes each verdict as it comes, and keeps of it no more than a line or two: what its guest printed is gone
// then.
class Reporter {
 public:
  // There will be so many verdicts.
  Reporter(std::ostream& out, const ReportOptions& options, std::size_t verdicts);
  void add(const Verdict& verdict);
  void finish();

 private:
  std::ostream& out_;
  ReportOptions options_;
  std::size_t verdicts_;
  std::size_t added_ = 0;
  std::size_t passed_ = 0;
  std::size_t errors_ = 0;
  // Of the scenario that verdicts come from, where it is run with several seeds.
  struct Seeds {
    std::string name;
    std::size_t count = 0;
    std::vector<std::uint64_t> failing{};
  };
  void note_seed(const Verdict& verdict);
  void finish_seeds();
  std::optional<Seeds> seeds_;
  std::string cases_;  // of JUnit, whose first line counts them
};

void report(std::ostream& out, const std::vector<Verdict>& verdicts, const ReportOptions& options);

}  // namespace trapline::scenario
