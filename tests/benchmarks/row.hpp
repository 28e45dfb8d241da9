// One line of the result: Trapline beside something that does the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "isa/isa.hpp"

namespace trapline::benchmarks {

struct Row {
  std::string benchmark;
  isa::Isa isa = isa::Isa::X86_64;
  std::string unit;
  double trapline = 0;
  std::string reference;                    // what it is compared with; empty: with nothing
  std::optional<double> reference_value{};  // absent: cannot be measured here
  std::optional<double> target{};           // that ratio() should reach
  std::optional<double> limit{};            // that `trapline` should not exceed

  // How many times as fast as the reference Trapline is. Both values are times.
  std::optional<double> ratio() const {
    if (!reference_value || trapline <= 0) return std::nullopt;
    return *reference_value / trapline;
  }
  std::optional<bool> met() const {
    if (limit) return trapline <= *limit;
    if (!target || !ratio()) return std::nullopt;
    return *ratio() >= *target;
  }
};

}  // namespace trapline::benchmarks
