#include "emu/scenario/lab/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "emu/scenario/content.hpp"
#include "emu/scenario/numbers.hpp"

namespace trapline::scenario::lab {

namespace {

bool is_name_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Sums, products and shifts of names and numbers, modulo 2^64.
class Expression {
 public:
  Expression(std::string_view text, const Values& values, Position at)
      : rest_(text), values_(values), at_(std::move(at)) {}

  std::uint64_t value() {
    const std::uint64_t result = sum();
    if (!rest_.empty()) fail(fmt::format("`{}` does not belong in an expression", rest_));
    return result;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw InputError(at_, message); }

  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  bool take(std::string_view sign) {
    skip_spaces();
    if (!rest_.starts_with(sign)) return false;
    rest_.remove_prefix(sign.size());
    return true;
  }

  std::uint64_t sum() {
    std::uint64_t result = product();
    while (true) {
      if (take("+")) {
        result += product();
      } else if (take("-")) {
        result -= product();
      } else {
        return result;
      }
    }
  }

  std::uint64_t product() {
    std::uint64_t result = operand();
    while (true) {
      if (take("*")) {
        result *= operand();
      } else if (take("<<")) {
        const std::uint64_t count = operand();
        if (count >= 64) fail("a shift by more than 63");
        result <<= count;
      } else {
        return result;
      }
    }
  }

  std::uint64_t operand() {
    if (take("(")) {
      const std::uint64_t result = sum();
      if (!take(")")) fail("a parenthesis is not closed");
      return result;
    }
    const auto* const end = std::ranges::find_if_not(rest_, is_name_character);
    const std::string_view word = rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
    rest_.remove_prefix(word.size());
    skip_spaces();
    if (const auto number = parse_unsigned(word)) return *number;
    const auto named = values_.find(word);
    if (named == values_.end()) fail(fmt::format("there is no value `{}`", word));
    const auto number = parse_signed(named->second);
    if (!number) fail(fmt::format("the value `{}` is `{}`, which is no number", word, named->second));
    return *number;
  }

  std::string_view rest_;
  const Values& values_;
  Position at_;
};

std::string evaluate(std::string_view text, const Values& values, const Position& at) {
  constexpr std::string_view kHexadecimal = ":x";
  if (text.ends_with(kHexadecimal)) {
    text.remove_suffix(kHexadecimal.size());
    return fmt::format("{:#x}", Expression(text, values, at).value());
  }
  // A name alone may stand for a text.
  if (const auto named = values.find(text); named != values.end()) return named->second;
  return fmt::format("{}", static_cast<std::int64_t>(Expression(text, values, at).value()));
}

std::uint64_t drawn(std::string_view exercise, std::string_view student, const std::string& name) {
  constexpr std::size_t kDigits = 16;  // of 64 bits
  const std::string text = hash(fmt::format("{}\n{}\n{}", student, exercise, name));
  return parse_unsigned("0x" + text.substr(0, kDigits)).value();
}

}  // namespace

Values draw(const std::vector<ValueSpec>& specs, std::string_view exercise, std::string_view student) {
  Values values;
  for (const ValueSpec& spec : specs) {
    if (!spec.is.empty()) {
      values[spec.name] = evaluate(spec.is, values, spec.at);
      continue;
    }
    const std::uint64_t number =
        spec.by.empty() ? drawn(exercise, student, spec.name) : Expression(spec.by, values, spec.at).value();
    if (!spec.one_of.empty()) {
      values[spec.name] = spec.one_of[number % spec.one_of.size()];
    } else {
      const std::uint64_t choices = (spec.to - spec.from) / spec.step + 1;
      values[spec.name] = fmt::format("{}", spec.from + spec.step * (number % choices));
    }
  }
  return values;
}

std::string fill(std::string_view text, const Values& values, const std::string& file) {
  constexpr std::string_view kBegin = "@{";
  std::string result;
  std::size_t at = 0;
  while (true) {
    const std::size_t begin = text.find(kBegin, at);
    result += text.substr(at, begin - at);
    if (begin == std::string_view::npos) return result;
    const Position position{file,
                            static_cast<std::size_t>(std::ranges::count(text.substr(0, begin), '\n')) + 1,
                            begin - (text.substr(0, begin).rfind('\n') + 1) + 1};
    const std::size_t end = text.find('}', begin);
    if (end == std::string_view::npos) throw InputError(position, "`@{` without its `}`");
    result += evaluate(text.substr(begin + kBegin.size(), end - begin - kBegin.size()), values, position);
    at = end + 1;
  }
}

}  // namespace trapline::scenario::lab
