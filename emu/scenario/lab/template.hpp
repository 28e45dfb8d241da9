// What differs from student to student: values drawn from a student's name, and texts with them.
//
// In a text, @{name} stands for a value, @{start + 3 * step} for what comes out (+ - * << and parentheses),
// and @{mask:x} is hexadecimal. The same student has the same values on any host and on any day.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/input_error.hpp"

namespace trapline::scenario::lab {

using Values = std::map<std::string, std::string, std::less<>>;

// One of `one_of`, that of number `by` if that is not empty; or, where that is empty, `from`, `from` +
// `step`, … up to `to`; or, where `is` is not empty, what that expression of the values before it comes to.
struct ValueSpec {
  std::string name;
  Position at;
  std::vector<std::string> one_of = {};
  std::string by = {};
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint64_t step = 1;
  std::string is = {};
};

// `exercise` takes part, so that equal names in two exercises have different values.
Values draw(const std::vector<ValueSpec>& specs, std::string_view exercise, std::string_view student);

// Throws InputError at the line of a @{…} that names no value, or is no expression.
std::string fill(std::string_view text, const Values& values, const std::string& file);

}  // namespace trapline::scenario::lab
