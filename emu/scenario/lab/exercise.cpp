#include "emu/scenario/lab/exercise.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <regex>

#include "emu/scenario/content.hpp"
#include "emu/scenario/format_types.hpp"
#include "emu/scenario/schema.hpp"
#include "emu/scenario/view.hpp"

namespace trapline::scenario::lab {

namespace {

namespace fs = std::filesystem;
using schema::Either;
using schema::Integer;
using schema::List;
using schema::make;
using schema::Object;
using schema::Pattern;
using schema::Table;
using schema::TypeRef;

// --- The format ---

TypeRef list_of(TypeRef item) { return make(List{.item = std::move(item), .min_items = 1}); }

// A file beside others: no folder before it, so that nothing outside can be meant.
TypeRef file_name() {
  return make(Pattern{.pattern = "[A-Za-z0-9_][A-Za-z0-9_.-]*", .wanted = "a file's name without folders"});
}

TypeRef value_spec() {
  return make(Object{.fields = {{"one-of", list_of(line()), "it is one of these"},
                                {"by", line(), "the one of this number, from 0: an expression"},
                                {"from", make(Integer{}), "it is a number, this at least"},
                                {"to", make(Integer{}), "this at most"},
                                {"step", make(Integer{.min = 1}), "in steps of"},
                                {"is", line(), "what an expression of the values before it comes to"}},
                     .exactly_one = {{"one-of", "from", "is"}}});
}

// Quoted where it is a template.
TypeRef number_or_template() {
  return make(Pattern{.pattern = R"(0x[0-9a-fA-F]{1,16}|0|[1-9][0-9]{0,19}|@\{[^}]*\})",
                      .wanted = "a number or a template of one"});
}

TypeRef condition_format() {
  const TypeRef matcher =
      make(Object{.fields = {{"is", line(), "it is this"},
                             {"not", line(), "it is there, and not this"},
                             {"matches", line(), "this regular expression is found in it"},
                             {"bits", number_or_template(), "the bits that `are` looks at"},
                             {"are", number_or_template(), "what these bits are"},
                             {"min", number_or_template(), "the least number"},
                             {"max", number_or_template(), "the greatest number"},
                             {"absent", boolean(), "true: there is no such part"}}});
  return make(Table{make(Pattern{.pattern = "(/[^/]+)+", .wanted = "a pointer such as /run/exit"}),
                    make(Either{{line(), matcher}})});
}

TypeRef test_format() {
  return make(
      Object{.fields = {{"name", line(), "what is asked for", kRequired},
                        {"points", make(Integer{.min = 1, .max = 100}), "what it is worth", kRequired},
                        {"check", file_name(), "the scenario in checks/ that is run", kRequired},
                        {"file", file_name(), "the student's scenario that parts are taken from"},
                        {"takes", list_of(line()), "the keys that are taken from it"},
                        {"holds", condition_format(), "what has to be so of the run besides"},
                        {"answer", line(), "the key in answers.yaml"},
                        {"is", line(), "where the run's report has the answer"},
                        {"isa", make(List{make(schema::Choice{isa_names()}), 1, true}), "only on these"},
                        {"otherwise", text(), "what is said where it fails", kRequired}},
             .at_most_one = {{"file", "answer"}}});
}

TypeRef diagnosis_format() {
  return make(Object{.fields = {{"name", file_name(), "the folder in wrong/ that shows it", kRequired},
                                {"test", line(), "the test that it is for"},
                                {"when", condition_format(), "what holds then", kRequired},
                                {"say", text(), "the idea behind it", kRequired}}});
}

// Of hidden tests nothing but those is needed.
TypeRef exercise_format(bool hidden) {
  const bool needed = !hidden;
  const TypeRef value_name =
      make(Pattern{.pattern = "[a-z][a-z0-9_]*", .wanted = "a name of small letters, digits and _"});
  return make(Object{
      .fields = {{"title", line(), "the heading", needed},
                 {"isa", make(List{make(schema::Choice{isa_names()}), 1, true}), "what it is for", needed},
                 {"concepts", list_of(line()), "what one learns", needed},
                 {"files", list_of(file_name()), "what the student edits", needed},
                 {"explain", file_name(), "the scenario in checks/ that `lab explain` runs"},
                 {"values", make(Table{value_name, value_spec()}), "what differs between students"},
                 {"tests", list_of(test_format()), "what is asked for", kRequired},
                 {"diagnose", list_of(diagnosis_format()), "what wrong answers show"}}});
}

// --- From the tree ---

std::string line_of(const View& view, std::string_view key) {
  const auto found = view.find(key);
  return found ? found->text() : "";
}

std::vector<std::string> lines_of(const View& view, std::string_view key) {
  std::vector<std::string> lines;
  if (const auto found = view.find(key)) {
    for (const View& item : found->items()) lines.push_back(item.text());
  }
  return lines;
}

std::vector<isa::Isa> isas_of(const View& view) {
  std::vector<isa::Isa> isas;
  for (const std::string& name : lines_of(view, "isa")) isas.push_back(isa::from_name(name).value());
  return isas;
}

std::vector<ValueSpec> value_specs_of(const View& root) {
  std::vector<ValueSpec> specs;
  const auto values = root.find("values");
  if (!values) return specs;
  for (const auto& [key, view] : values->entries()) {
    ValueSpec spec{.name = key->text,
                   .at = view.at(),
                   .one_of = lines_of(view, "one-of"),
                   .by = line_of(view, "by"),
                   .is = line_of(view, "is")};
    spec.from = optional_number<std::uint64_t>(view, "from").value_or(0);
    spec.to = optional_number<std::uint64_t>(view, "to").value_or(spec.from);
    spec.step = optional_number<std::uint64_t>(view, "step").value_or(1);
    if (spec.to < spec.from) throw InputError(view.at(), "`to` is less than `from`");
    specs.push_back(std::move(spec));
  }
  return specs;
}

Condition condition_of(const std::string& pointer, const View& view) {
  Condition condition{.pointer = pointer};
  if (!view.is_map()) {
    condition.is = view.text();
    return condition;
  }
  const auto text_at = [&](std::string_view key) {
    const auto found = view.find(key);
    return found ? std::optional(found->text()) : std::nullopt;
  };
  condition.is = text_at("is");
  condition.is_not = text_at("not");
  condition.matches = text_at("matches");
  condition.bits = optional_number<std::uint64_t>(view, "bits");
  condition.are = optional_number<std::uint64_t>(view, "are").value_or(0);
  condition.min = optional_number<std::uint64_t>(view, "min");
  condition.max = optional_number<std::uint64_t>(view, "max");
  condition.absent = text_at("absent") == "true";
  try {
    if (condition.matches) static_cast<void>(std::regex(*condition.matches));
  } catch (const std::regex_error& error) {
    throw InputError(view.at(), fmt::format("`matches` is no regular expression: {}", error.what()));
  }
  return condition;
}

std::vector<Condition> conditions_of(const View& view, std::string_view key) {
  std::vector<Condition> conditions;
  if (const auto found = view.find(key)) {
    for (const auto& [pointer, matcher] : found->entries())
      conditions.push_back(condition_of(pointer->text, matcher));
  }
  return conditions;
}

// What fits into a sentence's place: a block's line breaks are the author's.
std::string sentence(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

Test test_of(const View& view, const Exercise& exercise, const fs::path& folder) {
  Test test{.name = line_of(view, "name"),
            .points = view.get("points").number<unsigned>(),
            .check = folder / "checks" / line_of(view, "check"),
            .file = line_of(view, "file"),
            .takes = lines_of(view, "takes"),
            .holds = conditions_of(view, "holds"),
            .answer = line_of(view, "answer"),
            .is = line_of(view, "is"),
            .isas = isas_of(view),
            .otherwise = sentence(line_of(view, "otherwise"))};
  if (test.takes.empty()) test.takes = {"events"};
  if (test.isas.empty()) test.isas = exercise.isas;
  if (test.answer.empty() != test.is.empty())
    throw InputError(view.at(),
                     "`answer` and `is` want one another: the key, and where the run shows the value");
  if (!test.answer.empty() && test.isas.size() != 1)
    throw InputError(view.at(), "an answer is computed from one run: say with `isa` which");
  if (!fs::is_regular_file(test.check))
    throw InputError(view.get("check").at(), fmt::format("no file {}", test.check.string()));
  return test;
}

void add_tests(const View& root, const fs::path& folder, Exercise& exercise) {
  for (const View& view : root.get("tests").items()) {
    Test test = test_of(view, exercise, folder);
    if (std::ranges::find(exercise.tests, test.name, &Test::name) != exercise.tests.end())
      throw InputError(view.get("name").at(), "there is another test of this name");
    exercise.tests.push_back(std::move(test));
  }
  const auto diagnoses = root.find("diagnose");
  if (!diagnoses) return;
  for (const View& view : diagnoses->items()) {
    Diagnosis diagnosis{.name = line_of(view, "name"),
                        .test = line_of(view, "test"),
                        .when = conditions_of(view, "when"),
                        .say = sentence(line_of(view, "say"))};
    if (!diagnosis.test.empty() &&
        std::ranges::find(exercise.tests, diagnosis.test, &Test::name) == exercise.tests.end())
      throw InputError(view.get("test").at(), "there is no test of this name");
    exercise.diagnoses.push_back(std::move(diagnosis));
  }
}

yaml::Node valid_tree(std::string_view text, const std::string& file, bool hidden) {
  yaml::Node root = yaml::parse(text, file);
  auto problems =
      schema::validate(root, *exercise_format(hidden), {isa::kAllIsas.begin(), isa::kAllIsas.end()}, file);
  if (!problems.empty()) throw InputError(std::move(problems));
  return root;
}

std::string text_of(const fs::path& file) {
  if (!fs::is_regular_file(file)) throw InputError({file.string(), 0, 0}, "no such file");
  return read_text(file);
}

}  // namespace

unsigned Exercise::points() const {
  return std::accumulate(tests.begin(), tests.end(), 0U,
                         [](unsigned sum, const Test& test) { return sum + test.points; });
}

std::string Exercise::filled(const fs::path& file) const {
  return fill(text_of(file), values, file.string());
}

bool is_exercise(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(folder / kExerciseFile, error);
}

Exercise load_exercise(const fs::path& folder, std::string_view student) {
  const fs::path file = folder / kExerciseFile;
  const std::string text = text_of(file);
  Exercise exercise;
  exercise.folder = folder;
  exercise.name = folder.filename().string();
  constexpr bool kHidden = true;
  // Once for the values, and once with them.
  const std::string name = file.string();
  const yaml::Node unfilled = valid_tree(text, file.string(), !kHidden);
  exercise.values = draw(value_specs_of(View(unfilled, isa::kAllIsas.front(), name)), exercise.name, student);
  const yaml::Node tree = valid_tree(fill(text, exercise.values, file.string()), file.string(), !kHidden);
  const View root(tree, isa::kAllIsas.front(), name);
  exercise.title = line_of(root, "title");
  exercise.isas = isas_of(root);
  exercise.concepts = lines_of(root, "concepts");
  exercise.files = lines_of(root, "files");
  add_tests(root, folder, exercise);
  if (root.find("explain")) exercise.explained = folder / "checks" / line_of(root, "explain");
  return exercise;
}

void add_hidden_tests(Exercise& exercise, const fs::path& folder) {
  const std::string name = (folder / kExerciseFile).string();
  const yaml::Node tree = valid_tree(exercise.filled(folder / kExerciseFile), name, true);
  const std::size_t own = exercise.tests.size();
  add_tests(View(tree, isa::kAllIsas.front(), name), folder, exercise);
  for (std::size_t i = own; i < exercise.tests.size(); ++i) exercise.tests[i].hidden = true;
}

std::vector<fs::path> exercise_folders(const fs::path& labs) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(labs)) {
    if (is_exercise(entry.path())) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

}  // namespace trapline::scenario::lab
