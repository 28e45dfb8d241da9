// The kernel modules that `exec --module` names.
#pragma once

#include <string>

#include "emu/scenario/document.hpp"

namespace trapline::tools {

// FILE.c or FILE.ko, and after a colon what its parameters are set to: "name=value,name=value". A comma
// before what is no name of a parameter belongs to the value. Throws std::invalid_argument where it names no
// file.
scenario::ModuleSpec module_named(const std::string& text);
// Of --kernel: C files that are linked to the kernel together, or one object or linked image. Throws
// std::invalid_argument.
scenario::ModuleSpec image_named(const std::vector<std::string>& files);

}  // namespace trapline::tools
