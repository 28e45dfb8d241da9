#include "emu/scenario/place.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "emu/scenario/numbers.hpp"

namespace trapline::scenario {
namespace {

bool starts_symbol(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '.' || c == '$';
}
bool continues_symbol(char c) { return starts_symbol(c) || is_digit(c) || c == '@' || c == '~'; }

// Reads from left to right; a function that finds nothing of its kind leaves the rest as it was.
class PlaceParser {
 public:
  explicit PlaceParser(std::string_view text) : rest_(text) {}

  std::optional<Place> parse() {
    if (accept("heap:")) {
      place_.heap = true;
      if (!line() && !symbol()) return std::nullopt;
    } else if (!expression()) {
      return std::nullopt;
    }
    if (accept("+") && !offset()) return std::nullopt;
    if (!rest_.empty()) return std::nullopt;
    return std::move(place_);
  }

 private:
  bool accept(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // C's order: what stands behind binds closer than what stands before. One pair of parentheses is enough:
  // more of them say what `->` does.
  bool expression() {
    const std::size_t stars = accept_stars();
    if (accept("(")) {
      const std::size_t inner = accept_stars();
      if (!primary() || !postfix()) return false;
      follow(inner);
      if (!accept(")")) return false;
    } else if (!primary()) {
      return false;
    }
    if (!postfix()) return false;
    follow(stars);
    return true;
  }

  std::size_t accept_stars() { return take(std::min(rest_.find_first_not_of('*'), rest_.size())).size(); }
  void follow(std::size_t times) { place_.steps.insert(place_.steps.end(), times, Place::Follow{}); }

  bool postfix() {
    for (;;) {
      if (accept("->")) {
        follow(1);
        if (!field()) return false;
      } else if (accept(".")) {
        if (!field()) return false;
      } else if (accept("[")) {
        if (!element()) return false;
      } else {
        return true;
      }
    }
  }

  bool primary() {
    if (line()) return !accept(":") || symbol();
    if (!rest_.starts_with("0x")) return symbol();
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789abcdefABCDEF", 2), rest_.size());
    const auto address = parse_unsigned(take(end));
    place_.offset = address.value_or(0);
    return address.has_value();
  }

  // "counter.c:12". No file's name has a colon here.
  bool line() {
    const std::size_t colon = rest_.find(':');
    if (colon == 0 || colon == std::string_view::npos) return false;
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789", colon + 1), rest_.size());
    const auto number = parse_unsigned(rest_.substr(colon + 1, end - colon - 1));
    if (!number || *number == 0 || *number > std::numeric_limits<unsigned>::max()) return false;
    place_.file = rest_.substr(0, colon);
    place_.line = static_cast<unsigned>(*number);
    rest_.remove_prefix(end);
    return true;
  }

  // Names with "::" between them.
  bool symbol() {
    std::size_t size = 0;
    const auto word = [&] {
      if (size >= rest_.size() || !(starts_symbol(rest_[size]) || rest_[size] == '~')) return false;
      while (size < rest_.size() && continues_symbol(rest_[size])) ++size;
      return template_arguments(size);
    };
    if (!word()) return false;
    while (rest_.substr(size).starts_with("::")) {
      size += 2;
      if (!word()) return false;
    }
    place_.symbol = take(size);
    return true;
  }

  // "<std::map<int, long> >": what stands between them is for the symbol table to know. False: it does not
  // end, or has more levels than that.
  bool template_arguments(std::size_t& size) const {
    if (size >= rest_.size() || rest_[size] != '<') return true;
    unsigned depth = 0;
    for (std::size_t at = size; at < rest_.size(); ++at) {
      if (rest_[at] == '<' && ++depth > kMostTemplates) return false;
      if (rest_[at] == '>' && --depth == 0) {
        size = at + 1;
        return true;
      }
    }
    return false;
  }

  static constexpr unsigned kMostTemplates = 2;

  bool field() {
    std::size_t size = 0;
    while (size < rest_.size() && rest_[size] != '.' && continues_symbol(rest_[size])) ++size;
    if (size == 0 || is_digit(rest_.front())) return false;
    place_.steps.emplace_back(Place::Field{std::string(take(size))});
    return true;
  }

  bool element() {
    const std::size_t end = rest_.find(']');
    if (end == std::string_view::npos) return false;
    const auto index = parse_unsigned(take(end));
    if (!index || !accept("]")) return false;
    place_.steps.emplace_back(Place::Element{*index});
    return true;
  }

  bool offset() {
    const auto number = parse_unsigned(rest_);
    if (!number) return false;
    place_.offset += *number;
    rest_ = {};
    return true;
  }

  std::string_view rest_;
  Place place_;
};

}  // namespace

std::optional<Place> parse_place(std::string_view text) { return PlaceParser(text).parse(); }

std::string to_string(const Place& place) {
  if (place.plain() && place.symbol.empty()) return fmt::format("{:#x}", place.offset);
  std::string text;
  if (place.line != 0) text = fmt::format("{}:{}{}", place.file, place.line, place.symbol.empty() ? "" : ":");
  text += place.symbol;
  for (auto step = place.steps.begin(); step != place.steps.end(); ++step) {
    if (const auto* const field = std::get_if<Place::Field>(&*step)) {
      text += "." + field->name;
    } else if (const auto* const element = std::get_if<Place::Element>(&*step)) {
      text += fmt::format("[{}]", element->index);
    } else if (step + 1 != place.steps.end() && std::holds_alternative<Place::Field>(step[1])) {
      text += "->" + std::get<Place::Field>(*++step).name;
    } else {
      const bool last = step + 1 == place.steps.end();
      text.insert(0, last ? "*" : "(*");
      if (!last) text += ')';
    }
  }
  if (place.heap) text = "heap:" + text;
  if (place.offset != 0) text += fmt::format("+{:#x}", place.offset);
  return text;
}

}  // namespace trapline::scenario
