#pragma once

#include <filesystem>

#include "emu/scenario/leftovers.hpp"

namespace trapline::scenario {

// A new folder that is gone when its owner is, or the program ends (Leftovers).
class TemporaryFolder {
 public:
  // The name ends in six X, which become what no other has. Throws std::system_error.
  TemporaryFolder(const std::filesystem::path& name, Leftovers* leftovers);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  Leftovers* leftovers_;  // may be absent
  std::filesystem::path path_;
};

}  // namespace trapline::scenario
