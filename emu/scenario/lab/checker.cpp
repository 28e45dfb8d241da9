#include "emu/scenario/lab/checker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "emu/scenario/content.hpp"
#include "emu/scenario/judge.hpp"
#include "emu/scenario/kind.hpp"
#include "emu/scenario/lab/explain.hpp"
#include "emu/scenario/lab/overlay.hpp"
#include "emu/scenario/names.hpp"

namespace trapline::scenario::lab {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void replace_all(std::string& text, const std::string& what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
}

void write_starter(const Exercise& exercise, const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(exercise.folder / "starter"))
    write_text(folder / entry.path().filename(), exercise.filled(entry.path()));
}

// What passes whatever happens is no check.
void expects_something(const Document& document, const Test& test) {
  for (const isa::Isa isa : document.isas) {
    const Scenario& scenario = document.scenarios.at(isa);
    const Expectation& expect = scenario.expect;
    const bool something = scenario.bare ? scenario.bare->exceptions.has_value()
                                         : expect.exit || expect.output || !expect.events.empty();
    if (something || test.points == 0 || !test.answer.empty()) continue;
    throw InputError(
        {test.check.string(), 0, 0},
        scenario.bare
            ? "a check on a bare machine has to list `exceptions`: a program that dies of another is no pass"
            : "a check has to expect something");
  }
}

// "add_one()" for add_one, and "12" for counter.c:12.
bool answers(std::string answer, std::string_view value) {
  constexpr std::string_view kCall = "()";
  if (answer.ends_with(kCall)) answer.resize(answer.size() - kCall.size());
  const std::size_t colon = value.rfind(':');
  return same_value(answer, value) ||
         (colon != std::string_view::npos && same_value(answer, value.substr(colon + 1)));
}

Json file_as_json(const std::string& name, const std::string& text) {
  if (!name.ends_with(".yaml")) return text;
  try {
    return to_json(yaml::parse(text, name));
  } catch (const InputError&) {
    return text;
  }
}

std::string joined_messages(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) text += problem.message + "\n";
  return text;
}

}  // namespace

std::string_view name(TestState state) {
  switch (state) {
    case TestState::Passed:
      return "passed";
    case TestState::Failed:
      return "failed";
    case TestState::NotDone:
      return "not done yet";
    case TestState::Unusable:
      return "cannot be run";
  }
  return "";
}

std::filesystem::path work_folder_name() { return fs::temp_directory_path() / "trapline-lab.XXXXXX"; }

// --- Checker ---

// What a run came to.
struct Checker::Ran {
  Json report;
  std::string text;
  std::string hit;
  std::vector<Problem> problems;
};

Checker::Checker(const Exercise& exercise, Submission submission, CheckOptions options)
    : exercise_(exercise),
      submission_(std::move(submission)),
      options_(std::move(options)),
      work_(work_folder_name(), options_.build.leftovers),
      untouched_(work_folder_name(), options_.build.leftovers) {
  write_starter(exercise_, untouched_.path());
  write_starter(exercise_, work_.path());
  for (const auto& [name, text] : submission_.files) write_text(work_.path() / name, text);
}

TestResult Checker::check(const Test& test) {
  return test.answer.empty() ? check_scenario(test) : check_answer(test);
}

std::vector<TestResult> Checker::check_all() {
  std::vector<TestResult> results;
  for (const Test& test : exercise_.tests) results.push_back(check(test));
  return results;
}

std::optional<TestResult> Checker::obstacle(const Test& test) const {
  TestResult result{.test = &test, .state = TestState::Unusable};
  if (!submission_.problems.empty()) {
    result.problems = submission_.problems;
    result.sentence = "`trapline lab reset` brings back the files as they were.";
    return result;
  }
  for (const auto& [name, text] : submission_.files) {
    const std::size_t line = name == kAnswersFile ? 0 : line_not_done(name, text);
    if (line == 0) continue;
    result.state = TestState::NotDone;
    result.sentence = fmt::format("There is a TODO in {}, line {}.", name, line);
    return result;
  }
  return std::nullopt;
}

// The check, with the student's parts in it. Throws InputError; `check_line` is where the check's text begins
// then, too.
Document Checker::document_of(const Test& test, std::size_t& check_line) const {
  const LoadOptions caps{.trusted = false, .memory_cap = options_.memory, .cycle_cap = options_.cycles};
  const std::string check = exercise_.filled(test.check);
  check_line = 1;
  if (test.file.empty()) return parse(check, work_.path() / "check", caps);
  const fs::path file = work_.path() / test.file;
  check_line = ~std::size_t{0};
  load(file, caps);  // for what is wrong with it by itself
  Overlaid overlaid = lay_over(submission_.files.at(test.file), file.string(), test.takes, check);
  check_line = overlaid.check_line;
  return parse(overlaid.text, file, caps);
}

Checker::Ran Checker::run_on(const Document& document, isa::Isa isa) const {
  const Scenario& scenario = document.scenarios.at(isa);
  RunOptions options;
  options.build = options_.build;
  FirstHit hit;
  options.trace = [&](const machine::TraceEvent& event) { hit.add(event); };
  const Outcome outcome = run(scenario, isa, options);
  std::ostringstream text;
  outcome.kind->text(text, outcome, std::nullopt);
  text << "  " << outcome.kind->end(outcome) << '\n';
  Ran ran{outcome.kind->json(outcome, std::nullopt), text.str(), hit.text(), judge(scenario, outcome)};
  ran.report["trace"] = hit.json();
  return ran;
}

// Places in the student's files stay, by their names there; those in the check, and what lies around, do not.
std::vector<Problem> Checker::for_student(const std::vector<Problem>& problems,
                                          std::size_t check_line) const {
  std::vector<Problem> shown = problems;
  const std::string folder = work_.path().string() + "/";
  for (Problem& problem : shown) {
    const bool of_check = problem.at.file == folder + "check" ||
                          (problem.at.line >= check_line && problem.at.file.ends_with(".yaml"));
    replace_all(problem.message, folder, "");
    replace_all(problem.at.file, folder, "");
    if (of_check) problem.at = {exercise_.name, 0, 0};
  }
  return shown;
}

Json Checker::state_of(const Test& test) const {
  Json state;
  state["test"] = test.name;
  for (const auto& [name, text] : submission_.files) state["files"][name] = file_as_json(name, text);
  return state;
}

void Checker::diagnose(TestResult& result, const Json& state) const {
  result.diagnosis = "otherwise";
  result.sentence = result.test->otherwise;
  for (const Diagnosis& diagnosis : exercise_.diagnoses) {
    if (!diagnosis.test.empty() && diagnosis.test != result.test->name) continue;
    if (!std::ranges::all_of(diagnosis.when,
                             [&](const Condition& condition) { return condition.holds(state); }))
      continue;
    result.diagnosis = diagnosis.name;
    result.sentence = diagnosis.say;
    return;
  }
}

TestResult Checker::check_scenario(const Test& test) {
  if (auto result = obstacle(test)) return std::move(*result);
  TestResult result{.test = &test, .state = TestState::Passed};
  Json state = state_of(test);
  const auto unusable = [&](std::vector<Problem> problems) {
    result.state = TestState::Unusable;
    result.problems = std::move(problems);
    state["problems"] = joined_messages(result.problems);
  };
  std::size_t check_line = 0;
  std::optional<Document> document;
  try {
    document = document_of(test, check_line);
  } catch (const InputError& error) {
    unusable(for_student(error.problems(), check_line));
    diagnose(result, state);
    return result;
  }
  if (too_slow_) {
    unusable(*too_slow_);
    diagnose(result, state);
    return result;
  }
  expects_something(*document, test);
  for (const isa::Isa isa : test.isas) {
    state["isa"] = isa::name(isa);
    try {
      Ran ran = run_on(*document, isa);
      result.hits.emplace_back(isa, ran.hit);
      result.run += fmt::format("  {}\n{}", isa::name(isa), ran.text);
      result.expected = std::move(ran.problems);
      state["run"] = std::move(ran.report);
      for (const Condition& condition : test.holds) {
        if (!condition.holds(state))
          result.expected.push_back({{}, fmt::format("{} is not as it has to be", condition.pointer)});
      }
      if (result.expected.empty()) continue;
      result.state = TestState::Failed;
      state["problems"] = joined_messages(result.expected);
    } catch (const CompilerTooSlow& error) {
      too_slow_ = for_student(error.problems(), check_line);
      unusable(*too_slow_);
    } catch (const InputError& error) {
      unusable(for_student(error.problems(), check_line));
    }
    diagnose(result, state);
    return result;
  }
  return result;
}

TestResult Checker::check_answer(const Test& test) {
  TestResult result{.test = &test, .state = TestState::NotDone};
  const std::string file(kAnswersFile);
  const auto text = submission_.files.find(file);
  if (text == submission_.files.end()) return obstacle(test).value_or(result);
  Json state = state_of(test);
  const auto answer = part_of(state, fmt::format("/files/{}/{}", kAnswersFile, test.answer));
  if (state["files"][file].is_string() || !answer || answer->is_structured()) {
    result.state = TestState::Unusable;
    result.problems.push_back({{file, 0, 0}, fmt::format("there is no line `{}: …` in it", test.answer)});
    return result;
  }
  const std::string given = value_text(*answer);
  if (given == "TODO") {
    result.sentence = fmt::format("`{}` in {} is still TODO.", test.answer, file);
    return result;
  }
  if (answers(given, answer_to(test))) {
    result.state = TestState::Passed;
    return result;
  }
  result.state = TestState::Failed;
  state["answer"] = given;
  state["run"] = *report_of(test);
  diagnose(result, state);
  return result;
}

Checker::Report Checker::report_of(const Test& test) {
  const isa::Isa isa = test.isas.front();
  Report& report = reports_[fmt::format("{} {}", isa::name(isa), test.check.string())];
  if (report) return report;
  const LoadOptions caps{.trusted = false, .memory_cap = options_.memory, .cycle_cap = options_.cycles};
  const Document document = parse(exercise_.filled(test.check), untouched_.path() / "check", caps);
  Ran ran = run_on(document, isa);
  if (!ran.problems.empty()) throw InputError(std::move(ran.problems));
  return report = std::make_shared<const Json>(std::move(ran.report));
}

std::string Checker::answer_to(const Test& test) {
  const auto value = part_of(*report_of(test), test.is);
  if (!value || value->is_structured() || value->is_null())
    throw InputError({test.check.string(), 0, 0}, fmt::format("its run shows nothing at {}", test.is));
  // Reports have the number.
  if (test.is.ends_with("/errno")) {
    const auto* const error = std::ranges::find(kErrnos, value->get<int>(), &NamedNumber::number);
    if (error != kErrnos.end()) return std::string(error->name);
  }
  return value_text(*value);
}

}  // namespace trapline::scenario::lab
