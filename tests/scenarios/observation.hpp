// One run of a scenario, as text that can be compared byte by byte.
#pragma once

#include <string>
#include <string_view>

#include "emu/machine/engine.hpp"
#include "emu/scenario/document.hpp"
#include "emu/scenario/report.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario::test {

struct Observation {
  Verdict verdict;
  std::string trace;   // a line for each event, as `trapline run --trace` writes it
  std::string report;  // as `trapline run --format json` prints it
};

// Guests are built in the build tree's cache, which all tests share. Throws what load() and run() throw.
Observation observe(const Document& document, isa::Isa isa, machine::Gear gear);

// "" where both are equal, else the number of the first line that differs and both its forms.
std::string first_difference(std::string_view a, std::string_view b);

}  // namespace trapline::scenario::test
