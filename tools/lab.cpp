// trapline lab: exercises that check themselves. For students: init, the list, check, hint, explain, reset.
#include "tools/lab.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "emu/scenario/utf8.hpp"
#include "tools/commands.hpp"
#include "tools/lab_check.hpp"
#include "tools/lab_folder.hpp"
#include "tools/scenario_jobs.hpp"

namespace trapline::tools {

namespace fs = std::filesystem;
namespace lab = scenario::lab;
using scenario::InputError;

namespace {

struct StudentArguments : LabArguments {
  std::string folder = ".";
  std::string exercise;
  std::string student;
  std::string format = "text";
  std::string hidden;  // a folder of further tests
  bool verbose = false;
  bool limited = false;
};

// The one file that may grow: a program that a compiler makes. A guest has no file to write to.
constexpr rlim_t kMostInAFile = rlim_t{32} << 20;

// Of a stranger's exercises: what they have takes a fraction of a second.
constexpr std::chrono::milliseconds kMostForACompiler{10'000};

// Holds this process, and what it starts, to what a stranger's exercises may take.
void limit_this_process() {
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit file{kMostInAFile, kMostInAFile};
  const rlimit core{0, 0};
  if (::setrlimit(RLIMIT_FSIZE, &file) != 0 || ::setrlimit(RLIMIT_CORE, &core) != 0)
    throw std::system_error(errno, std::generic_category(), "setrlimit");
}

int init(const StudentArguments& arguments) {
  if (!arguments.student.empty() && !is_student_name(arguments.student))
    throw InputError(
        {arguments.student, 0, 0},
        "a student's name has letters, digits and any of . _ @ -, and begins with a letter or a digit");
  const fs::path labs = find_labs(arguments.labs);
  LabFolder::make(arguments.folder, labs, arguments.student);
  const std::size_t count = lab::exercise_folders(labs).size();
  std::cout << fmt::format("{} exercises in {}. Begin with README.md in {}:\n", count, arguments.folder,
                           lab::exercise_folders(labs).front().filename().string());
  std::cout << fmt::format(
      "  cd {}\n  trapline lab          # what there is, and what is next\n  trapline lab watch    # checks "
      "whenever you save\n",
      arguments.folder);
  return kAllPass;
}

std::string standing(const lab::Exercise& exercise, const LabFolder& folder, const Progress& progress) {
  if (progress.checked && progress.state == folder.state_of(exercise))
    return progress.points == exercise.points()
               ? "passed"
               : fmt::format("{} of {} points", progress.points, exercise.points());
  const lab::Submission now = lab::read_submission(exercise, folder.path() / exercise.name);
  if (now.files == lab::starter_with(exercise, {}).files) return "not begun";
  return progress.checked ? "changed since it was checked" : "begun";
}

int list(const StudentArguments& arguments) {
  const fs::path labs = find_labs(arguments.labs);
  const LabFolder folder(arguments.folder);
  const auto progress = folder.progress();
  std::string next;
  for (const fs::path& path : lab::exercise_folders(labs)) {
    const lab::Exercise exercise = lab::load_exercise(path, folder.student());
    const auto known = progress.find(exercise.name);
    const std::string state =
        standing(exercise, folder, known == progress.end() ? Progress{} : known->second);
    std::string isas;
    for (const isa::Isa isa : exercise.isas)
      isas += fmt::format("{}{}", isas.empty() ? "" : ", ", isa::name(isa));
    std::cout << fmt::format("  {:<18}  {:<58}  {:<13}  {}\n", exercise.name, exercise.title, isas, state);
    if (next.empty() && state != "passed") next = exercise.name;
  }
  if (next.empty()) {
    std::cout << "All are done.\n";
  } else {
    std::cout << fmt::format("Next: {0}. Read {0}/README.md, then `trapline lab check {0}`.\n", next);
  }
  return kAllPass;
}

// The exercise, with further tests where the teacher has some for it.
lab::Exercise exercise_of(const fs::path& path, const std::string& student, const std::string& hidden) {
  lab::Exercise exercise = lab::load_exercise(path, student);
  const fs::path further = fs::path(hidden) / exercise.name;
  if (!hidden.empty() && lab::is_exercise(further)) lab::add_hidden_tests(exercise, further);
  return exercise;
}

std::vector<fs::path> exercises_meant(const std::string& labs_given, const std::string& name) {
  const fs::path labs = find_labs(labs_given);
  if (name.empty()) return lab::exercise_folders(labs);
  return {exercise_named(labs, name)};
}

CheckedExercise checked(const lab::Exercise& exercise, const LabFolder& folder,
                        const lab::CheckOptions& options) {
  return check_exercise(exercise, lab::read_submission(exercise, folder.path() / exercise.name), options);
}

int check(const StudentArguments& arguments) {
  CleanEnd end;
  if (arguments.limited) limit_this_process();
  const LabFolder folder(arguments.folder);
  lab::CheckOptions options = check_options(arguments, end);
  if (arguments.limited) options.build.time_limit = kMostForACompiler;
  bool passed = true;
  for (const fs::path& path : exercises_meant(arguments.labs, arguments.exercise)) {
    if (arguments.format == "text") {
      passed &=
          check_and_print(arguments.folder, path.filename().string(), arguments.verbose, arguments, end);
      continue;
    }
    const lab::Exercise exercise = exercise_of(path, folder.student(), arguments.hidden);
    const CheckedExercise result = checked(exercise, folder, options);
    passed &= result.passed();
    std::cout << to_json(result).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << '\n'
              << std::flush;
  }
  return passed ? kAllPass : kSomeFail;
}

int hint(const StudentArguments& arguments) {
  const LabFolder folder(arguments.folder);
  const lab::Exercise exercise =
      lab::load_exercise(exercise_named(find_labs(arguments.labs), arguments.exercise), folder.student());
  const std::vector<std::string> hints = hints_of(exercise);
  Progress progress = folder.progress()[exercise.name];
  progress.hints = std::min<unsigned>(progress.hints + 1, static_cast<unsigned>(hints.size()));
  folder.remember(exercise.name, progress);
  for (unsigned i = 0; i < progress.hints; ++i) std::cout << hints[i] << '\n';
  const std::size_t left = hints.size() - progress.hints;
  std::cout << (left == 0 ? "That was the last one.\n" : fmt::format("{} more: call it again.\n", left));
  return kAllPass;
}

// What explain runs: not to be judged, only to be told of.
lab::Test told_of(const lab::Exercise& exercise) {
  const auto scenario =
      std::ranges::find_if(exercise.tests, [](const lab::Test& test) { return test.answer.empty(); });
  if (exercise.explained.empty() && scenario == exercise.tests.end())
    throw InputError({exercise.name, 0, 0}, "nothing of the student's runs in this exercise");
  if (exercise.explained.empty()) return *scenario;
  lab::Test test;
  test.name = "explain";
  test.check = exercise.explained;
  test.isas = exercise.isas;
  return test;
}

int explain(const StudentArguments& arguments) {
  CleanEnd end;
  const LabFolder folder(arguments.folder);
  const lab::Exercise exercise =
      lab::load_exercise(exercise_named(find_labs(arguments.labs), arguments.exercise), folder.student());
  lab::Test test = told_of(exercise);
  lab::Checker checker(exercise, lab::read_submission(exercise, folder.path() / exercise.name),
                       check_options(arguments, end));
  for (const isa::Isa isa : lab::Test(test).isas) {
    test.isas = {isa};
    const lab::TestResult result = checker.check(test);
    std::cout << fmt::format("The first hit on {}, as your files are now:\n\n", isa::name(isa));
    if (result.hits.empty()) {
      std::cout << fmt::format("  There is no run: {}\n\n",
                               scenario::printable(result.sentence, scenario::Lines::Kept));
    } else if (result.hits.front().second.empty()) {
      std::cout << fmt::format("  Nothing was hit that Linux's layers tell of. What the run came to:\n\n{}\n",
                               scenario::printable(result.run, scenario::Lines::Kept));
    } else {
      std::cout << result.hits.front().second << '\n';
    }
  }
  return kAllPass;
}

int reset(const StudentArguments& arguments) {
  const LabFolder folder(arguments.folder);
  const lab::Exercise exercise =
      lab::load_exercise(exercise_named(find_labs(arguments.labs), arguments.exercise), folder.student());
  const fs::path own = folder.path() / exercise.name;
  if (fs::exists(own)) {
    fs::path kept = folder.path() / fmt::format("{}.before-reset", exercise.name);
    for (unsigned n = 2; fs::exists(kept); ++n)
      kept = folder.path() / fmt::format("{}.before-reset-{}", exercise.name, n);
    fs::rename(own, kept);
    std::cout << fmt::format("What was there is in {}.\n", kept.filename().string());
  }
  LabFolder::put_starter(exercise, own);
  return kAllPass;
}

using Deed = int (*)(const StudentArguments&);

Command add_for_student(Command& command, const std::string& name, const std::string& about, Deed deed,
                        const std::shared_ptr<StudentArguments>& arguments) {
  Command added = command.command(name, about);
  add_lab_options(added, *arguments);
  added.runs([arguments, deed] { return or_refuse([&] { return deed(*arguments); }); });
  return added;
}

void add_in(Command& command, StudentArguments& arguments) {
  command.option("--in", &arguments.folder, "The student's folder")
      .existing(Existing::Folder)
      .shows_default("this one");
}

}  // namespace

void add_lab_options(Command& command, LabArguments& arguments) {
  command.option("--labs", &arguments.labs, "The folder of the exercises")
      .existing(Existing::Folder)
      .shows_default("as installed");
  command.option("--cache", &arguments.cache, "Keep built guest programs in this folder");
}

lab::CheckOptions check_options(const LabArguments& arguments, CleanEnd& end) {
  lab::CheckOptions options;
  options.build.leftovers = &end.leftovers();
  if (!arguments.cache.empty()) options.build.cache = arguments.cache;
  return options;
}

int refuse_input(const InputError& error) {
  for (const scenario::Problem& problem : error.problems())
    std::cerr << scenario::printable(problem.text(), scenario::Lines::Kept) << '\n';
  return kBadInput;
}

bool check_and_print(const std::string& folder_name, const std::string& name, bool verbose,
                     const LabArguments& arguments, CleanEnd& end) {
  const LabFolder folder(folder_name);
  const lab::Exercise exercise =
      lab::load_exercise(exercise_named(find_labs(arguments.labs), name), folder.student());
  Progress progress = folder.progress()[exercise.name];
  progress.state = folder.state_of(exercise);
  const CheckedExercise result = checked(exercise, folder, check_options(arguments, end));
  print(std::cout, result, verbose);
  std::cout.flush();
  progress.checked = true;
  progress.points = result.points();
  folder.remember(exercise.name, progress);
  return result.passed();
}

void add_lab(CommandLine& line) {
  const auto arguments = std::make_shared<StudentArguments>();
  Command command =
      line.command("lab", "Exercises that check themselves; alone: which there are, and which is next");
  add_in(command, *arguments);
  add_lab_options(command, *arguments);
  command.runs([arguments] { return or_refuse([&] { return list(*arguments); }); });

  Command begin = add_for_student(command, "init", "Make a folder with all exercises", init, arguments);
  begin.option("folder", &arguments->folder, "The folder to make").required();
  begin.option("--student", &arguments->student,
               "Whose it is: numbers and names in it differ from student to student");

  Command checks =
      add_for_student(command, "check", "Run the tests of an exercise, or of all", check, arguments);
  checks.option("exercise", &arguments->exercise, "Its name, a beginning of it, or its number");
  add_in(checks, *arguments);
  checks.option("-v,--verbose", &arguments->verbose, "Show what the program did");
  checks.option("--format", &arguments->format, "How to report; json: an object a line")
      .one_of({"text", "json"})
      .shows_default();
  checks.option("--hidden", &arguments->hidden, "A folder of further tests, with --format json")
      .existing(Existing::Folder);
  checks.option("--limited", &arguments->limited, "Bound what is written, as `lab grade` does");

  for (const auto& [name, about, deed] :
       {std::tuple{"hint", "Help with an exercise: each time one of three levels more", &hint},
        std::tuple{"explain", "The way of the first hit through the layers, from a run of your files",
                   &explain},
        std::tuple{"reset", "Start an exercise anew; what is there is kept beside it", &reset}}) {
    Command added = add_for_student(command, name, about, deed, arguments);
    added.option("exercise", &arguments->exercise, "Its name, a beginning of it, or its number").required();
    add_in(added, *arguments);
  }
  add_lab_watch(command);
  add_lab_grade(command);
  add_lab_verify(command);
  command.footer(
      "Exits with 0 if all is passed, 1 if not, 2 if the input is bad.\n"
      "Example:\n  trapline lab init labs --student ada && cd labs && trapline lab watch");
}

}  // namespace trapline::tools
