#include "tools/lab_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <system_error>

#include "emu/scenario/content.hpp"
#include "emu/scenario/lab/submission.hpp"
#include "emu/scenario/numbers.hpp"
#include "tools/data_folder.hpp"

namespace trapline::tools {

namespace fs = std::filesystem;
using scenario::InputError;
using scenario::lab::Exercise;

namespace {

constexpr std::string_view kProgress = ".lab/progress.json";

std::string student_in(const fs::path& folder) {
  const std::string name(kLabFile);
  std::string text;
  try {
    text = scenario::lab::read_handed_in(folder, name);
  } catch (const InputError&) {
    // As in an exercise's folder.
    const bool above = fs::exists(folder / ".." / kLabFile);
    throw InputError({folder.string(), 0, 0},
                     above ? "is an exercise's folder; `trapline lab` is for the one above: cd .."
                           : "is no folder of the labs: `trapline lab init FOLDER` makes one");
  }
  const scenario::yaml::Node root = scenario::yaml::parse(text, (folder / name).string());
  const scenario::yaml::Node* student = root.find("student");
  if (!student || !(student->text.empty() || is_student_name(student->text)))
    throw InputError({(folder / name).string(), 0, 0},
                     "wants `student: ID`, of letters, digits and any of . _ @ -");
  return student->text;
}

}  // namespace

bool is_student_name(std::string_view name) {
  constexpr std::size_t kMost = 64;
  constexpr std::string_view kSigns = "._@-";
  return !name.empty() && name.size() <= kMost && kSigns.find(name.front()) == std::string_view::npos &&
         std::ranges::all_of(name, [&](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                  kSigns.find(c) != std::string_view::npos;
         });
}

fs::path find_labs(const std::string& given) {
  std::error_code error;
  constexpr const char* kLabs = "scenarios/labs";
  std::vector<fs::path> places{given};
  if (given.empty()) places = {data_folder().value_or(fs::path()) / kLabs, kLabs};
  for (const fs::path& place : places) {
    if (fs::is_directory(place, error) && !scenario::lab::exercise_folders(place).empty())
      return place.lexically_normal();
  }
  throw InputError({given.empty() ? "trapline" : given, 0, 0},
                   "there are no labs here; --labs names the folder that they are in");
}

fs::path exercise_named(const fs::path& labs, const std::string& name) {
  const std::vector<fs::path> all = scenario::lab::exercise_folders(labs);
  const auto number = scenario::parse_unsigned(name);
  std::vector<fs::path> found;
  for (const fs::path& folder : all) {
    const std::string own = folder.filename().string();
    if (own == name) return folder;
    if (own.starts_with(number ? fmt::format("{:02}-", *number) : name)) found.push_back(folder);
  }
  if (found.size() == 1) return found.front();
  std::string names;
  for (const fs::path& folder : found.empty() ? all : found) names += " " + folder.filename().string();
  throw InputError(
      {name, 0, 0},
      fmt::format("{}:{}", found.empty() ? "is no exercise; there are" : "may be any of", names));
}

// --- LabFolder ---

LabFolder::LabFolder(fs::path folder) : folder_(std::move(folder)), student_(student_in(folder_)) {}

void LabFolder::make(const fs::path& folder, const fs::path& labs, const std::string& student) {
  if (fs::exists(folder / kLabFile))
    throw InputError({folder.string(), 0, 0},
                     "is a folder of the labs already; `trapline lab reset NAME` starts an exercise anew");
  fs::create_directories(folder);
  for (const fs::path& path : scenario::lab::exercise_folders(labs)) {
    const Exercise exercise = scenario::lab::load_exercise(path, student);
    if (!fs::exists(folder / exercise.name)) put_starter(exercise, folder / exercise.name);
  }
  // At last, so that what is half made is no folder of the labs.
  scenario::write_text(folder / kLabFile, fmt::format("student: \"{}\"\n", student));
}

void LabFolder::put_starter(const Exercise& exercise, const fs::path& folder) {
  fs::create_directories(folder);
  constexpr const char* kReadme = "README.md";
  scenario::write_text(folder / kReadme, exercise.filled(exercise.folder / kReadme));
  for (const auto& entry : fs::directory_iterator(exercise.folder / "starter"))
    scenario::write_text(folder / entry.path().filename(), exercise.filled(entry.path()));
}

std::map<std::string, Progress> LabFolder::progress() const {
  std::map<std::string, Progress> all;
  const auto json = nlohmann::json::parse(scenario::read_text(folder_ / kProgress), nullptr, false);
  if (!json.is_object()) return all;
  for (const auto& [name, one] : json.items()) {
    if (!one.is_object()) continue;
    const auto number = [&one = one](const char* key) {
      return one.contains(key) && one[key].is_number_unsigned() ? one[key].template get<unsigned>() : 0U;
    };
    const bool checked = one.contains("files") && one["files"].is_string();
    all[name] = {number("hints"), checked, number("points"),
                 checked ? one["files"].template get<std::string>() : ""};
  }
  return all;
}

void LabFolder::remember(const std::string& exercise, const Progress& progress) const {
  auto all = this->progress();
  all[exercise] = progress;
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, one] : all) {
    json[name]["hints"] = one.hints;
    if (!one.checked) continue;
    json[name]["points"] = one.points;
    json[name]["files"] = one.state;
  }
  fs::create_directories((folder_ / kProgress).parent_path());
  scenario::write_text(folder_ / kProgress, json.dump(2) + "\n");
}

std::string LabFolder::state_of(const Exercise& exercise) const {
  std::string all;
  for (const auto& [name, text] : scenario::lab::read_submission(exercise, folder_ / exercise.name).files)
    all += scenario::hash(text);
  return scenario::hash(all);
}

std::vector<std::string> hints_of(const Exercise& exercise) {
  constexpr std::string_view kHeading = "## ";
  const std::string text = exercise.filled(exercise.folder / "hints.md");
  std::vector<std::string> hints;
  std::size_t at = text.starts_with(kHeading) ? 0 : text.find("\n## ");
  while (at != std::string::npos) {
    const std::size_t end = text.find("\n## ", at + 1);
    std::string hint = text.substr(at, end == std::string::npos ? end : end - at);
    hint.erase(0, hint.find_first_not_of('\n'));
    while (hint.ends_with('\n')) hint.pop_back();
    hints.push_back(hint + "\n");
    at = end;
  }
  return hints;
}

}  // namespace trapline::tools
