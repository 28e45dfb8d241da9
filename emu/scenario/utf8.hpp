// UTF-8 (Unicode, table 3-7), and texts that a guest or a file may have made, as what a reader takes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trapline::scenario {

// The bytes of the sequence at the start of `text`, which is not empty; 0 where it is none.
std::size_t utf8_sequence(std::string_view text);

enum class Lines : bool { Escaped, Kept };

// For a person's eyes: control characters, and bytes that are no UTF-8, as \xNN, line breaks as \n or as they
// are.
std::string printable(std::string_view text, Lines lines = Lines::Escaped);

// For XML 1.0, in a text or between double quotes. What may not stand in it at all is U+FFFD there.
std::string xml(std::string_view text);

}  // namespace trapline::scenario
