#include "emu/scenario/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trapline::scenario {
namespace {

unsigned char byte(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
}

// U+0080 to U+009F, which terminals obey as they do those below U+0020.
bool is_c1_control(std::string_view sequence) {
  return sequence.size() == 2 && byte(sequence, 0) == 0xc2 && byte(sequence, 1) < 0xa0;
}

// U+FFFE and U+FFFF (XML 1.0, section 2.2, Char).
bool is_no_xml(std::string_view sequence) {
  return sequence.size() == 3 && byte(sequence, 0) == 0xef && byte(sequence, 1) == 0xbf &&
         byte(sequence, 2) >= 0xbe;
}

// Calls `take` with each sequence, and with each byte that belongs to none and `false`.
template <class Take>
void for_each_sequence(std::string_view text, Take take) {
  while (!text.empty()) {
    const std::size_t length = utf8_sequence(text);
    const std::size_t taken = std::max<std::size_t>(length, 1);
    take(text.substr(0, taken), length != 0);
    text.remove_prefix(taken);
  }
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
  const auto tail = [&](std::size_t i) { return (byte(text, i) & 0xc0) == 0x80; };
  const unsigned lead = byte(text, 0);
  const unsigned second = byte(text, 1);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && second < 0xa0;
    const bool surrogate = lead == 0xed && second > 0x9f;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool overlong = lead == 0xf0 && second < 0x90;
    const bool too_big = lead == 0xf4 && second > 0x8f;
    return tail(1) && tail(2) && tail(3) && !overlong && !too_big ? 4 : 0;
  }
  return 0;
}

std::string printable(std::string_view text, Lines lines) {
  std::string out;
  for_each_sequence(text, [&](std::string_view sequence, bool valid) {
    const unsigned char first = byte(sequence, 0);
    if (first == '\n') {
      out += lines == Lines::Kept ? "\n" : "\\n";
    } else if (!valid || first < 0x20 || first == 0x7f) {
      out += fmt::format("\\x{:02x}", first);
    } else if (is_c1_control(sequence)) {
      out += fmt::format("\\x{:02x}", byte(sequence, 1));
    } else {
      out += sequence;
    }
  });
  return out;
}

std::string xml(std::string_view text) {
  std::string out;
  for_each_sequence(text, [&](std::string_view sequence, bool valid) {
    const unsigned char first = byte(sequence, 0);
    if (first == '&') {
      out += "&amp;";
    } else if (first == '<') {
      out += "&lt;";
    } else if (first == '>') {
      out += "&gt;";
    } else if (first == '"') {
      out += "&quot;";
    } else if (first == '\n' || first == '\r' || first == '\t') {
      out += fmt::format("&#{};", first);  // a parser makes spaces of them in an attribute, and of \r a \n
    } else if (!valid || first < 0x20 || is_no_xml(sequence)) {
      out += "\xef\xbf\xbd";
    } else {
      out += sequence;
    }
  });
  return out;
}

}  // namespace trapline::scenario
