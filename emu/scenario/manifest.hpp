#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace trapline::scenario {

// What the cache knows of a program besides its sources: what else went into it, and what came out. Kept
// under the sources' key, as text: the program's hash, then a line with hash and name for each file that its
// assembler read.
struct Manifest {
  struct Input {
    std::string hash;
    std::filesystem::path name;  // as seen from the scenario's folder
  };
  std::string program;
  std::vector<Input> inputs = {};

  std::string text() const;
  // Of a text that may be damaged: then something in it agrees with no file.
  static Manifest parse(const std::string& text);
};

}  // namespace trapline::scenario
