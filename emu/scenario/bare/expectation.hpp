// What a scenario on a bare machine expects. What is absent is not compared.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emu/machine/bare/bare_machine.hpp"
#include "emu/scenario/input_error.hpp"
#include "emu/scenario/place.hpp"

namespace trapline::scenario {

// A number or an address, or some bits of one.
struct BareValue {
  Place value;  // without a symbol: the number itself
  std::uint64_t mask = ~std::uint64_t{0};
};

struct NamedExpectation {
  std::string name;  // of a register or a part of an exception's state, one that the instruction set has
  Located<BareValue> value;
};

struct ExceptionExpectation {
  Position at;
  std::optional<Located<std::string>> name;
  std::optional<Located<std::uint64_t>> vector;
  std::vector<NamedExpectation> state;
};

struct MemoryExpectation {
  Position at;
  Located<Place> address;
  unsigned size = 0;  // bytes, 1 to 8
  Located<std::uint64_t> value;
};

struct BareExpectation {
  bool reveal = true;             // failures may tell what was expected
  Located<machine::BareEnd> end;  // Halted, Shutdown or CyclesUsedUp
  Position exceptions_at;
  std::optional<std::vector<ExceptionExpectation>> exceptions;  // in order
  bool more_exceptions = false;             // further ones after those listed are no failure
  std::vector<NamedExpectation> registers;  // at the end
  std::vector<MemoryExpectation> memory;    // at the end
};

}  // namespace trapline::scenario
