#include "emu/scenario/numbers.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace trapline::scenario {

std::optional<std::uint64_t> parse_unsigned(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> parse_signed(std::string_view text) {
  if (!text.starts_with('-')) return parse_unsigned(text);
  const auto magnitude = parse_unsigned(text.substr(1));
  if (!magnitude || *magnitude > std::uint64_t{1} << 63) return std::nullopt;
  return ~*magnitude + 1;
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  using namespace std::string_view_literals;
  constexpr std::array kUnits{std::pair{"KiB"sv, 10}, std::pair{"MiB"sv, 20}, std::pair{"GiB"sv, 30}};
  int shift = 0;
  for (const auto& [unit, bits] : kUnits) {
    if (!text.ends_with(unit)) continue;
    text.remove_suffix(unit.size());
    if (text.ends_with(' ')) text.remove_suffix(1);
    shift = bits;
    break;
  }
  const auto value = parse_unsigned(text);
  if (!value || *value > std::numeric_limits<std::uint64_t>::max() >> shift) return std::nullopt;
  return *value << shift;
}

}  // namespace trapline::scenario
