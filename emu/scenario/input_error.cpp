#include "emu/scenario/input_error.hpp"

#include <fmt/format.h>

#include <utility>

namespace trapline::scenario {
namespace {

std::string lines(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.text();
  }
  return text;
}

}  // namespace

std::string Problem::text(std::string_view kind) const {
  if (at.line == 0) return fmt::format("{}: {}: {}", at.file, kind, message);
  return fmt::format("{}:{}:{}: {}: {}", at.file, at.line, at.column, kind, message);
}

InputError::InputError(Position at, std::string message)
    : InputError(std::vector<Problem>{{std::move(at), std::move(message)}}) {}

InputError::InputError(std::vector<Problem> problems)
    : runtime_error(lines(problems)), problems_(std::move(problems)) {}

}  // namespace trapline::scenario
