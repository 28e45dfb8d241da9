#include "emu/scenario/temporary_folder.hpp"

#include <stdlib.h>  // mkdtemp

#include <cerrno>
#include <string>
#include <system_error>

namespace trapline::scenario {

namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder(const fs::path& name, Leftovers* leftovers) : leftovers_(leftovers) {
  const auto make = [&name] {
    std::string pattern = name.string();
    if (!::mkdtemp(pattern.data()))
      throw std::system_error(errno, std::generic_category(),
                              "cannot make a folder in " + name.parent_path().string());
    return fs::path(pattern);
  };
  path_ = leftovers ? leftovers->add_path(make) : make();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (leftovers_) leftovers_->forget_path(path_);
}

}  // namespace trapline::scenario
