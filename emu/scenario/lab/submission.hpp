// What a student hands in for an exercise: the files that are the student's to edit, read so that they may be
// anybody's.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/lab/exercise.hpp"

namespace trapline::scenario::lab {

// The text of a regular file in the folder, which is no link, nor is the folder; at most a MiB. Throws
// InputError, with `name` alone as its place.
std::string read_handed_in(const std::filesystem::path& folder, const std::string& name);

struct Submission {
  std::map<std::string, std::string> files;  // by name; those that could be read
  std::vector<Problem> problems;             // of those that could not
};

// What lies in the student's folder for this exercise.
Submission read_submission(const Exercise& exercise, const std::filesystem::path& folder);

// The starter's files with these laid over it, each in turn.
Submission starter_with(const Exercise& exercise, const std::vector<std::filesystem::path>& overlays);

// The first line, from 1, with the word TODO outside of comments; 0 where there is none. Comments are those
// of YAML and the assembler, or of C where the file's name ends so.
std::size_t line_not_done(const std::string& name, std::string_view text);

}  // namespace trapline::scenario::lab
