// What Trapline brings for bare programs: the files of this folder, embedded by CMake.
#pragma once

#include <string_view>

#include "isa/isa.hpp"

namespace trapline::scenario {

struct BareKit {
  std::string_view include;        // bare.inc, for assembly
  std::string_view linker_script;  // where the sections of a bare program lie
  std::string_view start;          // assembly that calls a C program's main
};

BareKit bare_kit(isa::Isa isa);

}  // namespace trapline::scenario
