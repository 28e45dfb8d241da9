// trapline lab grade: a folder of students' folders, whoever they may be. Each student's exercises are
// checked by a process of its own, which has a bounded time, memory and output; what it says of one exercise
// is kept when it comes to grief at another.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>
#include <vector>

#include "emu/scenario/host_process.hpp"
#include "emu/scenario/lab/checker.hpp"
#include "emu/scenario/temporary_folder.hpp"
#include "emu/scenario/utf8.hpp"
#include "tools/commands.hpp"
#include "tools/lab.hpp"
#include "tools/lab_folder.hpp"
#include "tools/output_file.hpp"
#include "tools/scenario_jobs.hpp"

namespace trapline::tools {

namespace fs = std::filesystem;
namespace lab = scenario::lab;
using scenario::InputError;

namespace {

using Json = nlohmann::ordered_json;

struct GradeArguments : LabArguments {
  std::string students;
  std::string format = "text";
  std::string hidden;
  std::string output;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  unsigned seconds = 120;  // for each student
};

struct Grade {
  std::string folder;
  std::string student;             // as it says itself
  std::vector<std::string> notes;  // what a teacher has to know
  std::map<std::string, Json> exercises;

  unsigned points() const {
    unsigned sum = 0;
    for (const auto& [name, exercise] : exercises) sum += exercise["points"].get<unsigned>();
    return sum;
  }
};

// What can be had at all: by exercise, in their order, and the tests of each.
struct Sheet {
  std::vector<lab::Exercise> exercises;
  unsigned points() const {
    unsigned sum = 0;
    for (const lab::Exercise& exercise : exercises) sum += exercise.points();
    return sum;
  }
};

Sheet sheet_of(const fs::path& labs, const std::string& hidden) {
  Sheet sheet;
  for (const fs::path& path : lab::exercise_folders(labs)) {
    sheet.exercises.push_back(lab::load_exercise(path, ""));
    const fs::path further = fs::path(hidden) / path.filename();
    if (!hidden.empty() && lab::is_exercise(further)) lab::add_hidden_tests(sheet.exercises.back(), further);
  }
  return sheet;
}

// Takes what a student's process has said: whole lines that are an exercise each.
void take(const std::string& output, Grade& grade) {
  std::istringstream lines(output);
  std::string rest;
  for (std::string line; std::getline(lines, line);) {
    Json json = Json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("exercise") && json.contains("tests")) {
      const auto name = json["exercise"].get<std::string>();
      grade.exercises[name] = std::move(json);
    } else if (rest.empty()) {
      rest = line;
    }
  }
  if (!rest.empty()) grade.notes.push_back(rest);
}

class Grader {
 public:
  Grader(const GradeArguments& arguments, fs::path labs, fs::path scratch, scenario::Leftovers& leftovers)
      : arguments_(arguments), labs_(std::move(labs)), scratch_(std::move(scratch)), leftovers_(leftovers) {}

  Grade grade(const fs::path& folder) const {
    Grade grade{.folder = folder.filename().string(), .student = {}, .notes = {}, .exercises = {}};
    try {
      grade.student = LabFolder(folder).student();
    } catch (const InputError& error) {
      grade.notes.push_back(error.message());
      return grade;
    }
    const scenario::ProcessResult result = scenario::run(command_for(folder));
    take(result.output, grade);
    constexpr int kSignalled = 128;
    if (result.timed_out) {
      grade.notes.push_back(
          fmt::format("stopped after {} seconds; what is not listed was not graded", arguments_.seconds));
    } else if (result.status > kSignalled) {
      grade.notes.push_back(fmt::format("its process was ended by signal {}", result.status - kSignalled));
    } else if (result.status == kBadInput && grade.notes.empty()) {
      grade.notes.emplace_back("could not be graded to the end");
    }
    return grade;
  }

 private:
  scenario::Command command_for(const fs::path& folder) const {
    scenario::Command command{
        .argv = {fs::read_symlink("/proc/self/exe").string(), "lab", "check", "--format", "json", "--limited",
                 "--in", fs::canonical(folder).string(), "--labs", fs::canonical(labs_).string(), "--cache",
                 arguments_.cache.empty() ? (scratch_ / "cache").string() : arguments_.cache},
        .directory = scratch_,
        .env = {"PATH=" + scenario::absolute_path_variable(), "TMPDIR=" + scratch_.string()},
        .time_limit = std::chrono::seconds(arguments_.seconds),
        .leftovers = &leftovers_};
    if (!arguments_.hidden.empty()) {
      command.argv.emplace_back("--hidden");
      command.argv.push_back(fs::canonical(arguments_.hidden).string());
    }
    return command;
  }

  const GradeArguments& arguments_;
  fs::path labs_;
  fs::path scratch_;
  scenario::Leftovers& leftovers_;
};

// Who hands in the folder of another has the other's values, and the other's answers.
void note_doubles(std::vector<Grade>& grades) {
  std::map<std::string, std::size_t> count;
  for (const Grade& grade : grades) {
    if (!grade.student.empty()) ++count[grade.student];
  }
  for (Grade& grade : grades) {
    if (count[grade.student] > 1)
      grade.notes.push_back(
          fmt::format("{} folders say that they are {}'s", count[grade.student], grade.student));
  }
}

std::string joined_notes(const Grade& grade) {
  std::string text;
  for (const std::string& note : grade.notes) text += (text.empty() ? "" : "; ") + scenario::printable(note);
  return text;
}

// What could not be run at all, in short.
std::string problem_of(const Json& exercise) {
  for (const Json& test : exercise["tests"]) {
    if (test.contains("problems")) return test["problems"][0].get<std::string>();
  }
  return "";
}

// --- The forms of the report ---

void write_text_report(std::ostream& out, const std::vector<Grade>& grades, const Sheet& sheet) {
  for (const Grade& grade : grades) {
    out << fmt::format("{:<20}  {:>4} of {}  ", grade.folder, grade.points(), sheet.points());
    for (const lab::Exercise& exercise : sheet.exercises) {
      const auto found = grade.exercises.find(exercise.name);
      const std::string points =
          found == grade.exercises.end() ? "-" : fmt::format("{}", found->second["points"].get<unsigned>());
      out << fmt::format(" {:>5}", fmt::format("{}/{}", points, exercise.points()));
    }
    out << '\n';
    if (!grade.notes.empty()) out << fmt::format("  note: {}\n", joined_notes(grade));
    for (const auto& [name, exercise] : grade.exercises) {
      const std::string problem = problem_of(exercise);
      if (!problem.empty()) out << fmt::format("  {}: {}\n", name, problem);
    }
  }
  out << fmt::format("{} students\n", grades.size());
}

void write_json_report(std::ostream& out, const std::vector<Grade>& grades, const Sheet& sheet) {
  Json all = Json::array();
  for (const Grade& grade : grades) {
    Json one;
    one["folder"] = grade.folder;
    one["student"] = grade.student;
    one["points"] = grade.points();
    one["of"] = sheet.points();
    one["notes"] = grade.notes;
    one["exercises"] = Json::array();
    for (const auto& [name, exercise] : grade.exercises) one["exercises"].push_back(exercise);
    all.push_back(std::move(one));
  }
  out << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

// A spreadsheet would carry out what begins as a formula.
std::string csv_cell(std::string_view text) {
  constexpr std::string_view kFormula = "=+-@";
  std::string cell = !text.empty() && kFormula.find(text.front()) != std::string_view::npos ? "\"'" : "\"";
  for (const char c : text) cell += c == '"' ? "\"\"" : std::string(1, c);
  return cell + "\"";
}

void write_csv_report(std::ostream& out, const std::vector<Grade>& grades, const Sheet& sheet) {
  out << "folder,student,points,of";
  for (const lab::Exercise& exercise : sheet.exercises) out << ',' << csv_cell(exercise.name);
  out << ",notes\n";
  for (const Grade& grade : grades) {
    out << fmt::format("{},{},{},{}", csv_cell(scenario::printable(grade.folder)), csv_cell(grade.student),
                       grade.points(), sheet.points());
    for (const lab::Exercise& exercise : sheet.exercises) {
      const auto found = grade.exercises.find(exercise.name);
      out << ',';
      if (found != grade.exercises.end()) out << found->second["points"].get<unsigned>();
    }
    out << ',' << csv_cell(joined_notes(grade)) << '\n';
  }
}

void write_junit_case(std::ostream& out, const std::string& suite, const Json& test) {
  const auto text = [&test](const char* key) {
    return test.contains(key) ? scenario::xml(test[key].get<std::string>()) : "";
  };
  out << fmt::format("    <testcase classname=\"{}\" name=\"{}\"", scenario::xml(suite), text("name"));
  if (test["state"] == "passed") {
    out << "/>\n";
  } else {
    out << fmt::format("><failure message=\"{}\">{}</failure></testcase>\n", text("state"), text("sentence"));
  }
}

void write_junit_report(std::ostream& out, const std::vector<Grade>& grades, const Sheet& sheet) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const Grade& grade : grades) {
    out << fmt::format("  <testsuite name=\"{}\">\n", scenario::xml(grade.folder));
    for (const lab::Exercise& exercise : sheet.exercises) {
      const auto found = grade.exercises.find(exercise.name);
      const std::string suite = grade.folder + "." + exercise.name;
      if (found == grade.exercises.end()) {
        out << fmt::format(
            "    <testcase classname=\"{}\" name=\"graded\"><error message=\"{}\"/></testcase>\n",
            scenario::xml(suite), scenario::xml(joined_notes(grade)));
      } else {
        for (const Json& test : found->second["tests"]) write_junit_case(out, suite, test);
      }
    }
    out << "  </testsuite>\n";
  }
  out << "</testsuites>\n";
}

using Writer = void (*)(std::ostream&, const std::vector<Grade>&, const Sheet&);
const std::map<std::string, Writer> kWriters{{"text", write_text_report},
                                             {"json", write_json_report},
                                             {"csv", write_csv_report},
                                             {"junit", write_junit_report}};

std::vector<fs::path> students_in(const fs::path& folder) {
  std::vector<fs::path> students;
  for (const auto& entry : fs::directory_iterator(folder)) {
    // A link leads to another's folder, or out of here.
    if (entry.is_directory() && !entry.is_symlink() && !entry.path().filename().string().starts_with('.'))
      students.push_back(entry.path());
  }
  if (students.empty()) throw InputError({folder.string(), 0, 0}, "there are no students' folders in it");
  std::ranges::sort(students);
  return students;
}

int grade_class(const GradeArguments& arguments) {
  CleanEnd end;
  const fs::path labs = find_labs(arguments.labs);
  const std::vector<fs::path> students = students_in(arguments.students);
  const Sheet sheet = sheet_of(labs, arguments.hidden);
  const scenario::TemporaryFolder scratch(lab::work_folder_name(), &end.leftovers());
  const Grader grader(arguments, labs, scratch.path(), end.leftovers());
  std::vector<Grade> grades(students.size());
  for_each_of(students.size(), arguments.jobs, [&](std::size_t i) { grades[i] = grader.grade(students[i]); });
  note_doubles(grades);
  const Writer write = kWriters.at(arguments.format);
  if (arguments.output.empty()) {
    write(std::cout, grades, sheet);
  } else {
    OutputFile file(arguments.output, &end.leftovers());
    write(file.stream(), grades, sheet);
    file.commit();
  }
  return kAllPass;
}

}  // namespace

void add_lab_grade(Command& lab) {
  const auto arguments = std::make_shared<GradeArguments>();
  Command command = lab.command("grade", "Grade a folder of students' folders, which may be anybody's");
  command.option("folder", &arguments->students, "It has a folder of each student")
      .required()
      .existing(Existing::Folder);
  command.option("--format", &arguments->format, "How to report")
      .one_of({"text", "json", "junit", "csv"})
      .shows_default();
  command.option("--output", &arguments->output, "Write the report to this file instead of stdout");
  command.option("--hidden", &arguments->hidden, "A folder of further tests, laid out as the exercises are")
      .existing(Existing::Folder);
  command.option("-j,--jobs", &arguments->jobs, "Students at a time")
      .between(1, 256)
      .shows_default("one for each processor");
  command.option("--time-limit", &arguments->seconds, "Seconds for each student")
      .between(1, 86400)
      .shows_default();
  add_lab_options(command, *arguments);
  command.footer(
      "Exits with 0, however the students did, or with 2 where the folder is bad.\n"
      "Example:\n  trapline lab grade handed-in --format csv --output grades.csv");
  command.runs([arguments] { return or_refuse([&] { return grade_class(*arguments); }); });
}

}  // namespace trapline::tools
