// Which program came of a source the last time, and what its compilers looked at for it: where all of that is
// as it was, so is the program, and no compiler has to be asked.
//
// What they looked at is what the supervisor saw (confinement.hpp): files of the scenario's folder by their
// content, also that there was none of a name, and the compilers' own files by size and time, as make(1) goes
// by them. Where no compiler is installed, those cannot be asked about, and the sources decide.
//
// In the cache: `ISA-KEY.direct`, text, of several builds the last first. Each begins with a line `program
// HASH`; then a line for each path: what it was, a space and its name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trapline::scenario {

class DirectCache {
 public:
  // `folder`: the scenario's, without links in its name. `key`: of the source and all that a build is asked
  // for.
  DirectCache(const std::filesystem::path& cache, std::string_view isa, std::string_view key,
              std::filesystem::path folder);

  // The hash of the program's file. `compilers`: those that would build it; none where one is not installed.
  std::optional<std::string> find(const std::vector<std::filesystem::path>& compilers) const;

  // `looked_at`: ProcessResult::looked_at of all that was run, the compiler and other files of its. `begun`:
  // when the first of them was; a file that changed since may have been read as it was before, so then
  // nothing is kept. `written` is where the text is written before it gets its name.
  void keep(const std::string& program, const std::vector<std::filesystem::path>& looked_at,
            std::filesystem::file_time_type begun, const std::filesystem::path& written) const;

 private:
  struct Build;
  std::vector<Build> builds() const;
  std::optional<std::string> state_in_folder(const std::filesystem::path& path) const;

  std::filesystem::path file_;
  std::filesystem::path folder_;
};

}  // namespace trapline::scenario
