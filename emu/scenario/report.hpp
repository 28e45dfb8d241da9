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
  std::optional<isa::Isa> isa;     // absent: the file could not be loaded
  std::optional<Outcome> outcome;  // absent: it could not be run, and `problems` say why
  std::vector<Problem> problems;   // empty: passed
  bool passed() const { return problems.empty(); }
};

enum class Format : std::uint8_t { Text, Json, Junit, Tap };
std::optional<Format> format_from_name(std::string_view name);

struct ReportOptions {
  Format format = Format::Text;
  bool colours = false;
  bool errors_said = false;  // why a scenario could not be run, the reader of the text knows already
};

void report(std::ostream& out, const std::vector<Verdict>& verdicts, const ReportOptions& options);

}  // namespace trapline::scenario
