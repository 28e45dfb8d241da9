// How bad input is reported: where it is, and what to do about it.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::scenario {

// A place in an input file. Lines and columns count from 1, columns in bytes; line 0 means the file as a
// whole.
struct Position {
  std::string file;  // as the user named it
  std::size_t line = 0;
  std::size_t column = 0;

  bool operator==(const Position&) const = default;
};

struct Problem {
  Position at;
  std::string message;

  // `file:line:column: error: message`, or `file: error: message`; `kind` in place of the error.
  std::string text(std::string_view kind = "error") const;
};

// Thrown for every input that a user can get wrong. what() has one ready line per problem; at()
// and message() are the first one's.
class InputError : public std::runtime_error {
 public:
  InputError(Position at, std::string message);
  explicit InputError(std::vector<Problem> problems);  // at least one

  const std::vector<Problem>& problems() const { return problems_; }
  const Position& at() const { return problems_.front().at; }
  const std::string& message() const { return problems_.front().message; }

 private:
  std::vector<Problem> problems_;
};

// A value and where it is written.
template <class T>
struct Located {
  T value{};
  Position at;
};

}  // namespace trapline::scenario
