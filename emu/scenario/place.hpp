// A guest address as scenario files name it: "counter", "bump+0x12" or "0x404010".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trapline::scenario {

struct Place {
  std::string symbol;        // empty: `offset` is the address itself
  std::uint64_t offset = 0;  // bytes

  bool operator==(const Place&) const = default;
};

// Nothing where the text is none of the three forms. Numbers are decimal or 0x hexadecimal; an address alone
// is hexadecimal only, so that a mistyped symbol is not taken for one.
std::optional<Place> parse_place(std::string_view text);

std::string to_string(const Place& place);

}  // namespace trapline::scenario
