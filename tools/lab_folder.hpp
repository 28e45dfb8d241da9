// Where the labs are, and a student's folder of them.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/lab/exercise.hpp"

namespace trapline::tools {

inline constexpr std::string_view kLabFile = "lab.yaml";  // in a student's folder: who it is

// `given`, or what is installed or lies in the source tree with this program. Throws scenario::InputError
// where there are none.
std::filesystem::path find_labs(const std::string& given);

// The one exercise that is meant by its name, a beginning of it, or its number: "01-counter", "01", "1".
std::filesystem::path exercise_named(const std::filesystem::path& labs, const std::string& name);

// Who may be named: letters, digits, and a few signs that mean nothing to a shell, a table or a path.
bool is_student_name(std::string_view name);

struct Progress {
  unsigned hints = 0;  // levels shown
  bool checked = false;
  unsigned points = 0;  // when it was last checked
  std::string state{};  // a hash of the files that were checked
};

class LabFolder {
 public:
  // Throws scenario::InputError where it is none.
  explicit LabFolder(std::filesystem::path folder);

  // Makes one, with the starters of all exercises. Nothing that is there already is touched.
  static void make(const std::filesystem::path& folder, const std::filesystem::path& labs,
                   const std::string& student);

  const std::filesystem::path& path() const { return folder_; }
  const std::string& student() const { return student_; }

  // The exercise's files as they were at the beginning.
  static void put_starter(const scenario::lab::Exercise& exercise, const std::filesystem::path& folder);

  // What is remembered of an exercise; a damaged file is as good as none.
  std::map<std::string, Progress> progress() const;
  void remember(const std::string& exercise, const Progress& progress) const;

  // Of the student's files.
  std::string state_of(const scenario::lab::Exercise& exercise) const;

 private:
  std::filesystem::path folder_;
  std::string student_;
};

// The text of hints.md by its headings of the second level.
std::vector<std::string> hints_of(const scenario::lab::Exercise& exercise);

}  // namespace trapline::tools
