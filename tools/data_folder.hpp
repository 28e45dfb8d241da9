// The scenarios and documents that come with the command.
#pragma once

#include <filesystem>
#include <optional>

namespace trapline::tools {

// The folder that holds scenarios/ and docs/: ../share/trapline as seen from where the command lies, if it is
// installed, or the source tree that its build folder is in.
std::optional<std::filesystem::path> data_folder();

}  // namespace trapline::tools
