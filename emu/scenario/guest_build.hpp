// From a scenario's program to a static ELF file, by the host's compilers, cached by content.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/leftovers.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario {

// $XDG_CACHE_HOME/trapline, else ~/.cache/trapline; without HOME the user's home by passwd(5). Empty where
// there is none: a folder that others can make first is not taken.
std::filesystem::path default_cache_folder();

struct BuildOptions {
  std::filesystem::path cache = default_cache_folder();
  std::chrono::milliseconds time_limit{60'000};  // for each run of the compiler
  Leftovers* leftovers = nullptr;                // may be absent
  std::vector<Problem>* warnings = nullptr;      // what the compilers warn of goes there; may be absent
  std::filesystem::path kernel_folder = {};      // of the kernel's headers and library; empty: not there
};

// The compiler was stopped at BuildOptions::time_limit.
class CompilerTooSlow : public InputError {
 public:
  using InputError::InputError;
};

// The program's ELF file: in the cache, or the user's own for `elf:`. May run in several threads and
// processes at once over one cache; equal programs give the same bytes whatever the cache, the folder or the
// time.
//
// The compiler reaches nothing but itself and the program's folder, unless the program is trusted.
//
// Throws InputError: compile and link errors at the scenario's or the source file's line, a missing compiler,
// an ELF file that is not a static one of this instruction set; std::system_error where the host fails.
std::filesystem::path build_guest(const ProgramSpec& program, isa::Isa isa, const BuildOptions& options = {});

}  // namespace trapline::scenario
