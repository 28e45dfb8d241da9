// trapline lab verify: for those who write exercises. Each solution passes, no starter does, and each wrong
// answer gets the diagnosis that it is named after.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <vector>

#include "emu/scenario/content.hpp"
#include "emu/scenario/utf8.hpp"
#include "tools/commands.hpp"
#include "tools/lab.hpp"
#include "tools/lab_check.hpp"
#include "tools/lab_folder.hpp"
#include "tools/scenario_jobs.hpp"

namespace trapline::tools {

namespace fs = std::filesystem;
namespace lab = scenario::lab;
using lab::TestResult;
using lab::TestState;
using scenario::InputError;

namespace {

struct VerifyArguments : LabArguments {
  std::vector<std::string> names;
  unsigned students = 3;
  unsigned jobs = 1;
};

constexpr std::size_t kHints = 3;
constexpr std::size_t kLeastWrong = 2;

// What is wrong with an exercise, as lines for its author.
class Verification {
 public:
  Verification(fs::path folder, const VerifyArguments& arguments, lab::CheckOptions options)
      : folder_(std::move(folder)), arguments_(arguments), options_(std::move(options)) {}

  void run() {
    try {
      std::set<std::string> starters;
      for (unsigned i = 0; i < arguments_.students; ++i) {
        // The first is what `lab init` without --student gives.
        student_ = i == 0 ? "" : fmt::format("student{}", i);
        const lab::Exercise exercise = lab::load_exercise(folder_, student_);
        pages(exercise);
        starter(exercise);
        solution(exercise);
        wrong(exercise);
        starters.insert(texts_of(exercise));
        has_values_ = !exercise.values.empty();
      }
      if (has_values_ && arguments_.students > 1 && starters.size() == 1) fail("all students get the same");
    } catch (const InputError& error) {
      fail(error.what());
    }
  }

  const std::vector<std::string>& failures() const { return failures_; }
  std::size_t wrong_answers() const { return wrong_answers_; }

 private:
  void fail(const std::string& what) {
    failures_.push_back(student_.empty() ? what : fmt::format("(for {}) {}", student_, what));
  }

  // What the student reads and gets, and is held to.
  static std::string texts_of(const lab::Exercise& exercise) {
    std::string all = exercise.filled(exercise.folder / "README.md");
    std::set<fs::path> files;
    for (const char* const part : {"starter", "checks"}) {
      for (const auto& entry : fs::directory_iterator(exercise.folder / part)) files.insert(entry.path());
    }
    for (const fs::path& file : files) all += exercise.filled(file);
    return all;
  }

  void pages(const lab::Exercise& exercise) {
    if (hints_of(exercise).size() != kHints) fail(fmt::format("hints.md wants {} headings `## …`", kHints));
    for (const std::string& file : exercise.files) {
      if (!fs::is_regular_file(exercise.folder / "starter" / file))
        fail(fmt::format("there is no starter/{}", file));
    }
  }

  std::vector<TestResult> results_of(const lab::Exercise& exercise, lab::Submission submission) {
    lab::Checker checker(exercise, std::move(submission), options_);
    return checker.check_all();
  }

  void starter(const lab::Exercise& exercise) {
    const auto results = results_of(exercise, lab::starter_with(exercise, {}));
    for (const TestResult& result : results) {
      if (result.state == TestState::Passed) fail(fmt::format("the starter passes `{}`", result.test->name));
      if (result.state == TestState::Unusable) fail(fmt::format("the starter {}", text_of(result)));
    }
  }

  // The answers that no file has, computed.
  static lab::Submission solved(const lab::Exercise& exercise, const lab::CheckOptions& options,
                                const std::vector<fs::path>& overlays) {
    lab::Submission submission = lab::starter_with(exercise, overlays);
    const auto answers = submission.files.find(std::string(lab::kAnswersFile));
    if (answers == submission.files.end()) return submission;
    lab::Checker checker(exercise, submission, options);
    for (const lab::Test& test : exercise.tests) {
      if (test.answer.empty()) continue;
      const std::string blank = fmt::format("{}: TODO", test.answer);
      const std::size_t at = answers->second.find(blank);
      if (at != std::string::npos)
        answers->second.replace(at, blank.size(),
                                fmt::format("{}: \"{}\"", test.answer, checker.answer_to(test)));
    }
    return submission;
  }

  void solution(const lab::Exercise& exercise) {
    for (const TestResult& result :
         results_of(exercise, solved(exercise, options_, {exercise.folder / "solution"}))) {
      if (result.state != TestState::Passed) fail(fmt::format("the solution {}", text_of(result)));
    }
  }

  // Each is the solution with something wrong in it.
  void wrong(const lab::Exercise& exercise) {
    std::set<std::string> shown;
    std::size_t count = 0;
    std::set<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(exercise.folder / "wrong")) folders.insert(entry.path());
    for (const fs::path& folder : folders) {
      ++count;
      const std::string name = folder.filename().string();
      const std::string foreseen = name.substr(0, name.find('.'));
      const auto results =
          results_of(exercise, solved(exercise, options_, {exercise.folder / "solution", folder}));
      shown.insert(foreseen);
      const auto diagnosed = [&](const TestResult& result) {
        return result.state != TestState::Passed && result.diagnosis == foreseen;
      };
      if (std::ranges::any_of(results, diagnosed)) continue;
      std::string got;
      for (const TestResult& result : results) got += fmt::format("\n      {}", text_of(result));
      fail(fmt::format("wrong/{} is not diagnosed as `{}`:{}", name, foreseen, got));
    }
    wrong_answers_ = count;
    if (count < kLeastWrong)
      fail(fmt::format("there are {} wrong answers; {} are wanted", count, kLeastWrong));
    for (const lab::Diagnosis& diagnosis : exercise.diagnoses) {
      if (!shown.contains(diagnosis.name))
        fail(fmt::format("no wrong answer shows the diagnosis `{}`", diagnosis.name));
    }
  }

  // All, what is expected included: authors may know.
  static std::string text_of(const TestResult& result) {
    std::string text = fmt::format("{}: `{}`", name(result.state), result.test->name);
    if (!result.diagnosis.empty()) text += fmt::format(" ({})", result.diagnosis);
    if (result.state == TestState::NotDone) text += fmt::format(" ({})", result.sentence);
    for (const auto* problems : {&result.problems, &result.expected}) {
      for (const scenario::Problem& problem : *problems) text += fmt::format("\n      {}", problem.text());
    }
    return text;
  }

  fs::path folder_;
  const VerifyArguments& arguments_;
  lab::CheckOptions options_;
  std::string student_;
  std::vector<std::string> failures_;
  std::size_t wrong_answers_ = 0;
  bool has_values_ = false;
};

int verify(const VerifyArguments& arguments) {
  CleanEnd end;
  const fs::path labs = find_labs(arguments.labs);
  std::vector<fs::path> folders;
  for (const std::string& name : arguments.names) folders.push_back(exercise_named(labs, name));
  if (folders.empty()) folders = lab::exercise_folders(labs);
  std::vector<Verification> all;
  for (const fs::path& folder : folders) all.emplace_back(folder, arguments, check_options(arguments, end));
  for_each_of(all.size(), arguments.jobs, [&](std::size_t i) { all[i].run(); });
  bool good = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool passed = all[i].failures().empty();
    good &= passed;
    std::cout << fmt::format("{}  {}  ({} wrong answers)\n", passed ? "PASS" : "FAIL",
                             folders[i].filename().string(), all[i].wrong_answers());
    for (const std::string& failure : all[i].failures())
      std::cout << "  " << scenario::printable(failure, scenario::Lines::Kept) << '\n';
  }
  return good ? kAllPass : kSomeFail;
}

}  // namespace

void add_lab_verify(Command& lab) {
  const auto arguments = std::make_shared<VerifyArguments>();
  Command command =
      lab.command("verify", "For authors: solutions pass, starters fail, wrong answers get their diagnosis");
  command.option("exercise", &arguments->names, "Only these");
  command.option("--students", &arguments->students, "For so many students' values")
      .between(1, 1000)
      .shows_default();
  command.option("-j,--jobs", &arguments->jobs, "Exercises at a time").between(1, 256).shows_default();
  add_lab_options(command, *arguments);
  command.runs([arguments] { return or_refuse([&] { return verify(*arguments); }); });
}

}  // namespace trapline::tools
