// Which scenarios failed when they last ran, for `run --failed`.
//
// Kept in the cache as a text, `failed`: a line for each, with its instruction set (`-`: the file could not
// be loaded), its seed (`-`: its own) and its file's absolute path. What a run has nothing to do with stays.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "tools/scenario_jobs.hpp"

namespace trapline::tools {

class LastFailures {
 public:
  // Of this cache folder; empty, or not to be read: none is known.
  explicit LastFailures(std::filesystem::path cache);

  bool has(const Job& job) const;

  void note(const Job& job, bool passed);
  void note_not_loaded(const std::filesystem::path& file);
  // Where the folder cannot be written, none of the notes will be known.
  void keep() const;

 private:
  std::set<std::string> read() const;

  std::filesystem::path file_;
  std::set<std::string> known_;   // when this began
  std::set<std::string> failed_;  // of the notes
  std::set<std::string> passed_;
};

}  // namespace trapline::tools
