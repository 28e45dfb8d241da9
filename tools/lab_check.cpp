#include "tools/lab_check.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "emu/scenario/utf8.hpp"

namespace trapline::tools {

namespace lab = scenario::lab;
using lab::TestResult;
using lab::TestState;

namespace {

std::string_view word_of(TestState state) {
  switch (state) {
    case TestState::Passed:
      return "pass";
    case TestState::Failed:
      return "FAIL";
    case TestState::NotDone:
      return "todo";
    case TestState::Unusable:
      return "BAD ";
  }
  return "";
}

// Each line of the text, printable, with spaces before it.
void indent(std::ostream& out, const std::string& text) {
  std::istringstream lines(scenario::printable(text, scenario::Lines::Kept));
  for (std::string line; std::getline(lines, line);) out << "           " << line << '\n';
}

}  // namespace

unsigned CheckedExercise::points() const {
  unsigned sum = 0;
  for (const TestResult& result : results) {
    if (result.state == TestState::Passed) sum += result.test->points;
  }
  return sum;
}

CheckedExercise check_exercise(const lab::Exercise& exercise, lab::Submission submission,
                               const lab::CheckOptions& options) {
  lab::Checker checker(exercise, std::move(submission), options);
  return {&exercise, checker.check_all()};
}

void print(std::ostream& out, const CheckedExercise& checked, bool verbose) {
  out << fmt::format("{}  {}\n", checked.exercise->name, checked.exercise->title);
  const std::string* said = nullptr;  // once is enough, where tests fail for the same reason
  for (const TestResult& result : checked.results) {
    out << fmt::format("  {}  {:>3}  {}\n", word_of(result.state), result.test->points, result.test->name);
    if (result.state != TestState::Passed && !(said && *said == result.sentence)) {
      indent(out, result.sentence);
      said = &result.sentence;
      for (const scenario::Problem& problem : result.problems) indent(out, problem.text());
    }
    if (verbose && !result.test->hidden) out << scenario::printable(result.run, scenario::Lines::Kept);
  }
  out << fmt::format("  {} of {} points\n", checked.points(), checked.exercise->points());
}

nlohmann::ordered_json to_json(const CheckedExercise& checked) {
  nlohmann::ordered_json json;
  json["exercise"] = checked.exercise->name;
  json["title"] = checked.exercise->title;
  json["points"] = checked.points();
  json["of"] = checked.exercise->points();
  json["tests"] = nlohmann::ordered_json::array();
  for (const TestResult& result : checked.results) {
    nlohmann::ordered_json test;
    test["name"] = result.test->name;
    test["state"] = name(result.state);
    test["points"] = result.state == TestState::Passed ? result.test->points : 0;
    test["of"] = result.test->points;
    if (!result.sentence.empty()) test["sentence"] = result.sentence;
    if (!result.diagnosis.empty()) test["diagnosis"] = result.diagnosis;
    constexpr std::size_t kMostText = 500;  // of a problem: a student's compiler may say a lot
    for (const scenario::Problem& problem : result.problems)
      test["problems"].push_back(scenario::printable(problem.text()).substr(0, kMostText));
    json["tests"].push_back(std::move(test));
  }
  return json;
}

}  // namespace trapline::tools
