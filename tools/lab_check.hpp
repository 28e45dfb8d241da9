// Checking a student's exercises, and saying how it went.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "emu/scenario/lab/checker.hpp"

namespace trapline::tools {

struct CheckedExercise {
  const scenario::lab::Exercise* exercise = nullptr;
  std::vector<scenario::lab::TestResult> results;

  unsigned points() const;
  bool passed() const { return points() == exercise->points(); }
};

CheckedExercise check_exercise(const scenario::lab::Exercise& exercise, scenario::lab::Submission submission,
                               const scenario::lab::CheckOptions& options);

// For the student; `verbose`: with what the program did.
void print(std::ostream& out, const CheckedExercise& checked, bool verbose);

// One line: {"exercise":…,"title":…,"points":…,"of":…,"tests":[…]}.
nlohmann::ordered_json to_json(const CheckedExercise& checked);

}  // namespace trapline::tools
