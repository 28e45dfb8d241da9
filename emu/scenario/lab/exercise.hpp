// An exercise of the labs: a folder with an exercise.yaml, what the student gets, and what is asked of it.
//
//   exercise.yaml   title, instruction sets, values, tests, and what wrong answers show
//   README.md       the page that the student reads
//   starter/        the student's files at the beginning
//   checks/         scenarios that the tests run, which no student's program can read
//   hints.md        three levels of help
//   solution/       files that, laid over the starter, pass
//   wrong/NAME/     files that, laid over the solution, fail with the diagnosis NAME; so do those in
//   wrong/NAME.MORE/
//
// All of their texts are templates (template.hpp). docs/labs.md has the keys of exercise.yaml.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/lab/condition.hpp"
#include "emu/scenario/lab/template.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario::lab {

// One thing that is asked for. Either the check, with the student's parts laid in, has to pass; or what the
// student says under `answer` has to be what the check's run shows at `is`.
struct Test {
  std::string name;
  unsigned points = 0;             // 0: only to be looked at, and passes
  std::filesystem::path check;     // a scenario
  std::string file;                // the student's scenario that `takes` are taken from; "": nothing is
  std::vector<std::string> takes;  // its keys that stand in place of the check's
  std::vector<Condition> holds;    // what has to be so of the run besides
  std::string answer;              // a key of answers.yaml
  std::string is;                  // a pointer into the report of the check's run, see condition.hpp
  std::vector<isa::Isa> isas;      // what it runs on; of an answer one
  std::string otherwise;           // what is said where it fails and no diagnosis is right
  bool hidden = false;             // its run is not shown
};

// A sentence about the idea behind a wrong answer.
struct Diagnosis {
  std::string name;
  std::string test;  // of this test only; "": of any
  std::vector<Condition> when;
  std::string say;
};

struct Exercise {
  std::string name;  // the folder's
  std::filesystem::path folder;
  std::string title;
  std::vector<isa::Isa> isas;
  std::vector<std::string> concepts;
  std::vector<std::string> files;  // that the student edits
  Values values;                   // the student's
  std::vector<Test> tests;
  std::vector<Diagnosis> diagnoses;
  std::filesystem::path
      explained;  // the check whose first hit is told of; empty: that of the first test that has one

  unsigned points() const;
  // A file of the folder, with the values in it. Throws InputError where there is none.
  std::string filled(const std::filesystem::path& file) const;
};

inline constexpr std::string_view kExerciseFile = "exercise.yaml";
inline constexpr std::string_view kAnswersFile = "answers.yaml";

// Whether the folder is an exercise: then its files are no scenarios to run by themselves.
bool is_exercise(const std::filesystem::path& folder);

// The exercise for one student. Throws InputError for what is wrong with its files.
Exercise load_exercise(const std::filesystem::path& folder, std::string_view student);

// Further tests from another folder with an exercise.yaml, of which only `tests` and `diagnose` count.
void add_hidden_tests(Exercise& exercise, const std::filesystem::path& folder);

// The folders of exercises in `labs`, by name.
std::vector<std::filesystem::path> exercise_folders(const std::filesystem::path& labs);

}  // namespace trapline::scenario::lab
