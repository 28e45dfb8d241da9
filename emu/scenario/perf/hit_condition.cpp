#include "emu/scenario/perf/hit_condition.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <utility>

#include "emu/scenario/numbers.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

}  // namespace

ConditionError::ConditionError(std::size_t column, const std::string& what)
    : std::runtime_error(what), column_(column) {}

// By precedence, lowest first.
class ConditionParser {
 public:
  using Value = HitCondition::Value;
  using Node = HitCondition::Node;
  using Context = HitCondition::Context;

  explicit ConditionParser(std::string_view text) : text_(text) {}

  Node parse() {
    Node node = any();
    if (skip(); at_ < text_.size()) fail(fmt::format("`{}` does not belong here", text_.substr(at_)));
    return node;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const { throw ConditionError(at_ + 1, what); }

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool accept(std::string_view word) {
    skip();
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Node any() {
    Node left = all();
    while (accept("||")) {
      left = [left = std::move(left), right = all()](const Context& context) -> Value {
        return std::int64_t{HitCondition::truth(left(context)) || HitCondition::truth(right(context))};
      };
    }
    return left;
  }

  Node all() {
    Node left = comparison();
    while (accept("&&")) {
      left = [left = std::move(left), right = comparison()](const Context& context) -> Value {
        return std::int64_t{HitCondition::truth(left(context)) && HitCondition::truth(right(context))};
      };
    }
    return left;
  }

  template <class Compare>
  Node compared(Node left, Compare compare) {
    return [left = std::move(left), right = sum(), compare](const Context& context) -> Value {
      Value a = left(context);
      Value b = right(context);
      if (std::holds_alternative<double>(a) || std::holds_alternative<double>(b)) {
        a = with_fraction(a);
        b = with_fraction(b);
      }
      if (a.index() == 0 || a.index() != b.index()) return std::int64_t{0};
      return std::int64_t{compare(a, b)};
    };
  }

  Node comparison() {
    Node left = sum();
    if (accept("==")) return compared(std::move(left), std::equal_to<>());
    if (accept("!=")) return compared(std::move(left), std::not_equal_to<>());
    if (accept("<=")) return compared(std::move(left), std::less_equal<>());
    if (accept(">=")) return compared(std::move(left), std::greater_equal<>());
    if (accept("<")) return compared(std::move(left), std::less<>());
    if (accept(">")) return compared(std::move(left), std::greater<>());
    if (skip(); text_.substr(at_).starts_with('=')) fail("`=` sets a value; to compare, write `==`");
    return left;
  }

  // A whole number as the other kind; what is neither stays what it is.
  static Value with_fraction(Value value) {
    if (const auto* const whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
    return value;
  }

  template <class Operation>
  static Value of_fractions(const Value& left, const Value& right, Operation operation) {
    if constexpr (requires { operation(1.5, 1.5); }) {
      const Value left_value = with_fraction(left);
      const Value right_value = with_fraction(right);
      const auto* const a = std::get_if<double>(&left_value);
      const auto* const b = std::get_if<double>(&right_value);
      if (a != nullptr && b != nullptr) return operation(*a, *b);
    }
    return {};
  }

  template <class Operation>
  Node combined(Node left, Operation operation) {
    return [left = std::move(left), right = unary(), operation](const Context& context) -> Value {
      const Value left_value = left(context);
      const Value right_value = right(context);
      const auto* const a = std::get_if<std::int64_t>(&left_value);
      const auto* const b = std::get_if<std::int64_t>(&right_value);
      if (a == nullptr || b == nullptr) return of_fractions(left_value, right_value, operation);
      return static_cast<std::int64_t>(
          operation(static_cast<std::uint64_t>(*a), static_cast<std::uint64_t>(*b)));
    };
  }

  Node sum() {
    Node left = unary();
    for (;;) {
      if (accept("+")) {
        left = combined(std::move(left), std::plus<>());
      } else if (accept("-")) {
        left = combined(std::move(left), std::minus<>());
      } else if (skip(); text_.substr(at_).starts_with('&') && !text_.substr(at_).starts_with("&&")) {
        ++at_;
        left = combined(std::move(left), std::bit_and<>());
      } else {
        return left;
      }
    }
  }

  Node unary() {
    if (++depth_ > kMostNested) fail("this is nested too deeply");
    Node node = unary_unbounded();
    --depth_;
    return node;
  }

  Node unary_unbounded() {
    if (accept("!")) {
      return [of = unary()](const Context& context) -> Value {
        return std::int64_t{!HitCondition::truth(of(context))};
      };
    }
    if (accept("-")) {
      return [of = unary()](const Context& context) -> Value {
        const Value value = of(context);
        if (const auto* const fraction = std::get_if<double>(&value)) return -*fraction;
        const auto* const number = std::get_if<std::int64_t>(&value);
        if (number == nullptr) return {};
        return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(*number));
      };
    }
    if (accept("(")) {
      Node node = any();
      if (!accept(")")) fail("a `)` is missing");
      return node;
    }
    return primary();
  }

  Node primary() {
    skip();
    if (at_ == text_.size()) fail("something is missing here");
    const char first = text_[at_];
    if (first == '\'' || first == '"') return quoted(first);
    std::size_t end = at_;
    const bool number = is_digit(first);
    while (end < text_.size() &&
           (is_letter(text_[end]) || is_digit(text_[end]) || (number && text_[end] == '.')))
      ++end;
    const std::string_view word = text_.substr(at_, end - at_);
    if (word.empty()) fail(fmt::format("`{}` does not belong here", first));
    Node node = is_letter(first) ? named(word) : literal(word);
    at_ = end;
    return node;
  }

  Node quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("the quote is not closed");
    std::string text(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return [text = std::move(text)](const Context&) -> Value { return text; };
  }

  Node literal(std::string_view word) const {
    if (word.find('.') != std::string_view::npos) {
      double fraction = 0;
      const auto [end, error] = std::from_chars(word.begin(), word.end(), fraction);
      if (error != std::errc() || end != word.end()) fail(fmt::format("`{}` is no number", word));
      return [fraction](const Context&) -> Value { return fraction; };
    }
    const auto number = parse_unsigned(word);
    if (!number) fail(fmt::format("`{}` is no number", word));
    return [value = static_cast<std::int64_t>(*number)](const Context&) -> Value { return value; };
  }

  Node named(std::string_view name) const {
    struct Name {
      std::string_view name;
      Value (*value)(const Context&);
    };
    static constexpr std::array kNames{
        Name{"old", [](const Context& c) -> Value { return watched(c, c.hit.old_value); }},
        Name{"new", [](const Context& c) -> Value { return watched(c, c.hit.new_value); }},
        Name{"size",
             [](const Context& c) -> Value { return c.hit.access ? std::int64_t{c.hit.access->size} : 0; }},
        Name{"cpu", [](const Context& c) -> Value { return std::int64_t{c.hit.cpu}; }},
        Name{"task", [](const Context& c) -> Value { return std::int64_t{c.hit.task}; }},
        Name{"cycle", [](const Context& c) -> Value { return static_cast<std::int64_t>(c.hit.cycle); }},
        Name{"count", [](const Context& c) -> Value { return static_cast<std::int64_t>(c.count); }},
        Name{"function", [](const Context& c) -> Value { return c.hit.function; }},
        Name{"caller", [](const Context& c) -> Value { return caller_of(c.hit); }},
        Name{"line", [](const Context& c) -> Value { return c.hit.line; }},
        Name{"comm", [](const Context& c) -> Value { return c.hit.comm; }},
        Name{"access", [](const Context& c) -> Value {
               return c.hit.access ? std::string(access_name(c.hit.access->kind)) : std::string();
             }}};
    for (const Name& known : kNames) {
      if (known.name == name) return known.value;
    }
    std::string all;
    for (const Name& known : kNames) all += fmt::format("{}{}", all.empty() ? "" : ", ", known.name);
    fail(fmt::format("nothing is called `{}` here; a text stands in quotes; the names are {}", name, all));
  }

  static Value watched(const Context& context, const std::optional<std::uint64_t>& value) {
    if (!value) return {};
    switch (context.hit.number) {
      case NumberType::Signed:
        return with_sign_of(*value, context.hit.length);
      case NumberType::Float:
        return float_of(*value, context.hit.length);
      case NumberType::Unsigned:
        break;
    }
    return static_cast<std::int64_t>(*value);
  }

  static constexpr unsigned kMostNested = 100;

  std::string_view text_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
};

HitCondition::HitCondition(std::string_view text) : node_(ConditionParser(text).parse()) {}

bool HitCondition::holds(const Context& context) const { return truth(node_(context)); }

bool HitCondition::truth(const Value& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return !text->empty();
  if (const auto* const fraction = std::get_if<double>(&value)) return *fraction != 0;
  const auto* const number = std::get_if<std::int64_t>(&value);
  return number != nullptr && *number != 0;
}

}  // namespace trapline::scenario
