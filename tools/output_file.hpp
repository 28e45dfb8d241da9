// A file that appears complete or not at all: written beside its place and renamed when done. Or standard
// output, by the name "-".
#pragma once

#include <filesystem>
#include <fstream>
#include <iostream>

#include "emu/scenario/leftovers.hpp"

namespace trapline::tools {

class OutputFile {
 public:
  // Throws std::runtime_error where the file cannot be made.
  explicit OutputFile(std::filesystem::path path, scenario::Leftovers* leftovers = nullptr);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  std::ostream& stream() { return stdout_ ? std::cout : stream_; }
  // Puts the file in its place. Throws std::runtime_error where not everything could be written.
  void commit();

 private:
  scenario::Leftovers* leftovers_;  // may be absent
  std::filesystem::path path_;
  std::filesystem::path
      temporary_;  // empty: the path is no regular file (a terminal, /dev/stderr) and is written directly
  std::ofstream stream_;
  bool stdout_ = false;
  bool committed_ = false;
};

}  // namespace trapline::tools
