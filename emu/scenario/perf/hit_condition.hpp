// A condition on hits, as a user writes it: "new == 0 && function != 'init'". C's operators and their order:
// || && == != < <= > >= + - & ! - and parentheses. Numbers are decimal, with a fraction (1.5) or 0x
// hexadecimal, texts stand in quotes. Names: old, new, size, cpu, task, cycle, count (numbers); function,
// caller, line, access, comm (texts).
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>

#include "emu/scenario/perf/result.hpp"

namespace trapline::scenario {

class ConditionError : public std::runtime_error {
 public:
  ConditionError(std::size_t column, const std::string& what);
  std::size_t column() const { return column_; }  // from 1

 private:
  std::size_t column_;
};

class HitCondition {
 public:
  // What it may ask beside the hit itself.
  struct Context {
    const Hit& hit;
    std::uint64_t count = 0;  // of hits so far, from 1
  };

  // Throws ConditionError.
  explicit HitCondition(std::string_view text);

  // What is not known of a hit (the old value of an execution) makes what asks for it false.
  bool holds(const Context& context) const;

 private:
  friend class ConditionParser;
  using Value = std::variant<std::monostate, std::int64_t, double, std::string>;
  using Node = std::function<Value(const Context&)>;
  static bool truth(const Value& value);

  Node node_;
};

}  // namespace trapline::scenario
