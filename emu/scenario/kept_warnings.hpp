// What the compilers warned of when they made a program, for when it comes out of the cache.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/input_error.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario {

// A file: a line with the program's hash, then one for each warning with its line, its column, its file as
// seen from the scenario's folder (nothing: the scenario's own), a tab and the text.
class KeptWarnings {
 public:
  KeptWarnings(const std::filesystem::path& cache, isa::Isa isa, const std::string& key,
               const ProgramSpec& program);

  // Of the program that has this hash.
  std::vector<Problem> read(const std::string& hash) const;
  // `written` is where the text is written before it gets its name.
  void keep(const std::string& hash, const std::vector<Problem>& warnings,
            const std::filesystem::path& written) const;

 private:
  std::filesystem::path file_;
  const ProgramSpec& program_;
};

}  // namespace trapline::scenario
