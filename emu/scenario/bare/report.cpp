#include "emu/scenario/bare/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "emu/scenario/bare/names.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kExceptionsShown = 20;

// The parts of an exception's state that say where it was.
constexpr std::array<std::string_view, 3> kAddressParts{"rip", "srr0", "hsrr0"};

const machine::NamedValue* address_part(const machine::ExceptionTaken& taken) {
  const auto part = std::ranges::find_first_of(taken.state, kAddressParts, {}, &machine::NamedValue::name);
  return part == taken.state.end() ? nullptr : &*part;
}

// "#DB at store+0x3 (rip 0x100012) rflags 0x2 dr6 0xffff0ff1"
std::string exception_line(const machine::ExceptionTaken& taken, const SymbolTable& symbols) {
  std::string line = fmt::format("    cycle {:>8}  {}", taken.cycle, taken.name);
  if (taken.name == "INT n") line += fmt::format(" ({})", taken.vector);
  const machine::NamedValue* const address = address_part(taken);
  if (address)
    line += fmt::format(" at {} ({} {:#x})", symbols.describe(address->value), address->name, address->value);
  for (const machine::NamedValue& part : taken.state) {
    if (&part != address) line += fmt::format(" {} {:#x}", part.name, part.value);
  }
  return line;
}

Json exception_json(const machine::ExceptionTaken& taken, const SymbolTable& symbols) {
  Json json{{"cycle", taken.cycle}, {"name", taken.name}, {"vector", hex(taken.vector)}};
  if (const auto* const address = address_part(taken)) json["at"] = symbols.describe(address->value);
  for (const machine::NamedValue& part : taken.state) json[std::string(part.name)] = hex(part.value);
  return json;
}

}  // namespace

void bare_text(std::ostream& out, const Outcome& outcome) {
  const BareOutcome& bare = *outcome.bare;
  const std::uint64_t taken = bare.exceptions_taken;
  out << fmt::format("  {}\n", counted(taken, "exception", "exceptions"));
  const std::size_t shown = std::min(bare.exceptions.size(), kExceptionsShown);
  for (const auto& exception : std::span(bare.exceptions).first(shown)) {
    out << exception_line(exception, *outcome.symbols) << '\n';
  }
  if (taken > shown) {
    out << fmt::format("    … and {} more (--format json shows up to {})\n", taken - shown,
                       machine::kMostExceptions);
  }
}

Json bare_json(const Outcome& outcome) {
  const BareOutcome& bare = *outcome.bare;
  Json exceptions = Json::array();
  for (const auto& taken : bare.exceptions) exceptions.push_back(exception_json(taken, *outcome.symbols));
  Json registers = Json::object();
  for (const machine::NamedValue& reg : bare.registers) registers[std::string(reg.name)] = hex(reg.value);
  return {{"end", name(bare.end)},
          {"cycles", outcome.cycles},
          {"memory", hex(outcome.memory_checksum)},
          {"exceptions-taken", bare.exceptions_taken},
          {"exceptions", std::move(exceptions)},
          {"registers", std::move(registers)}};
}

}  // namespace trapline::scenario
