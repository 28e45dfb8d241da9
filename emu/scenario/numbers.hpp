// Numbers as scenario files write them: decimal or 0x hexadecimal, 64 bits, sizes with KiB, MiB or GiB.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trapline::scenario {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Nothing where the text is no such number or needs more than 64 bits. A leading zero ("010") is refused:
// readers disagree about whether that is octal.
std::optional<std::uint64_t> parse_unsigned(std::string_view text);

// The same with an optional minus sign, as two's complement.
std::optional<std::uint64_t> parse_signed(std::string_view text);

// Bytes: "65536", "0x10000", "64KiB", "64 KiB".
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace trapline::scenario
