// Runs an exercise's tests on what a student handed in.
//
// The student's files are put into a folder of their own, over the starter's; a program in it reaches nothing
// else. The checks, which hold what is expected, never lie there.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/scenario/lab/exercise.hpp"
#include "emu/scenario/lab/submission.hpp"
#include "emu/scenario/runner.hpp"
#include "emu/scenario/temporary_folder.hpp"

namespace trapline::scenario::lab {

enum class TestState : std::uint8_t {
  Passed,
  Failed,
  NotDone,  // there is a TODO
  Unusable  // the student's files are bad input, as `problems` say
};
std::string_view name(TestState state);

struct TestResult {
  const Test* test = nullptr;
  TestState state = TestState::Failed;
  std::string sentence{};           // about what is wrong; nothing of what is expected is in it
  std::string diagnosis{};          // the name of the one that is right; or `otherwise`
  std::vector<Problem> problems{};  // in the student's files
  std::string run{};                // for people: what the student's program did
  std::vector<std::pair<isa::Isa, std::string>>
      hits{};                       // the first one's way on each instruction set, FirstHit::text()
  std::vector<Problem> expected{};  // for authors only: what of the check does not hold
};

// The name of a folder for a student's files, as TemporaryFolder wants it.
std::filesystem::path work_folder_name();

struct CheckOptions {
  BuildOptions build;
  std::uint64_t cycles = 10'000'000;                // of a run, at most
  std::uint64_t memory = std::uint64_t{256} << 20;  // bytes
};

class Checker {
 public:
  // The exercise has to live as long.
  Checker(const Exercise& exercise, Submission submission, CheckOptions options);

  // Throws InputError where the exercise's own files are bad.
  TestResult check(const Test& test);
  std::vector<TestResult> check_all();

  // What the answer has to be, "add_one": what the starter's run shows. Throws InputError where that is
  // nothing.
  std::string answer_to(const Test& test);

 private:
  struct Ran;
  using Report = std::shared_ptr<const nlohmann::ordered_json>;

  TestResult check_scenario(const Test& test);
  TestResult check_answer(const Test& test);
  Document document_of(const Test& test, std::size_t& check_line) const;
  Ran run_on(const Document& document, isa::Isa isa) const;
  // Of the run that answers an answer's test.
  Report report_of(const Test& test);
  // Where something stands in the way of a run.
  std::optional<TestResult> obstacle(const Test& test) const;
  nlohmann::ordered_json state_of(const Test& test) const;
  void diagnose(TestResult& result, const nlohmann::ordered_json& state) const;
  std::vector<Problem> for_student(const std::vector<Problem>& problems, std::size_t check_line) const;

  const Exercise& exercise_;
  Submission submission_;
  CheckOptions options_;
  TemporaryFolder work_;
  TemporaryFolder untouched_;                     // with the starter's files alone
  std::optional<std::vector<Problem>> too_slow_;  // the compiler was, which is then not asked again
  std::map<std::string, Report> reports_;         // of runs for answers, by check and instruction set
};

}  // namespace trapline::scenario::lab
