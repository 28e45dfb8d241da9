#include "emu/scenario/place.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/scenario/numbers.hpp"

namespace trapline::scenario {
namespace {

bool starts_symbol(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}
bool continues_symbol(char c) { return starts_symbol(c) || (c >= '0' && c <= '9') || c == '@'; }

}  // namespace

std::optional<Place> parse_place(std::string_view text) {
  if (text.starts_with("0x")) {
    const auto address = parse_unsigned(text);
    return address ? std::optional(Place{"", *address}) : std::nullopt;
  }
  const std::size_t plus = text.find('+');
  const std::string_view symbol = text.substr(0, plus);
  if (symbol.empty() || !starts_symbol(symbol.front()) ||
      !std::all_of(symbol.begin(), symbol.end(), continues_symbol)) {
    return std::nullopt;
  }
  if (plus == std::string_view::npos) return Place{std::string(symbol), 0};
  const auto offset = parse_unsigned(text.substr(plus + 1));
  return offset ? std::optional(Place{std::string(symbol), *offset}) : std::nullopt;
}

std::string to_string(const Place& place) {
  if (place.symbol.empty()) return fmt::format("{:#x}", place.offset);
  if (place.offset == 0) return place.symbol;
  return fmt::format("{}+{:#x}", place.symbol, place.offset);
}

}  // namespace trapline::scenario
