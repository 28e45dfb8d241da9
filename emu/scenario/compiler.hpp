// The host's compilers for guest code, and their messages as ours.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/input_error.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario {

// GCC's of a language; C's for assembly.
std::optional<std::filesystem::path> installed_compiler(isa::Isa isa, Language language);
// The same; throws InputError at `at` where none is installed, naming the Debian packages to install.
std::filesystem::path find_compiler(isa::Isa isa, Language language, const Position& at);

// What a compiler is made of and brings along: folders and files, without links in their names and as they
// are usually named.
std::vector<std::filesystem::path> compiler_folders(const std::filesystem::path& compiler);

// The flags of every guest program, before its own.
std::vector<std::string> default_flags(isa::Isa isa, bool is_static);

// Those of a bare program, after default_flags().
std::vector<std::string> bare_flags(isa::Isa isa);

// Those of a kernel module of that name, likewise (KBUILD_CFLAGS).
std::vector<std::string> module_flags(isa::Isa isa, const std::string& name, bool builtin);
// How its source files name a module: without the ending, and - as _.
std::string module_name(const std::filesystem::path& file);

// Where something that the compiler calls FILE:LINE:COLUMN is for the user. A column 0 is none given.
using Relocate = std::function<Position(std::string_view file, std::size_t line, std::size_t column)>;

// The errors in what gcc, as and ld printed. Where none is in their usual form, one problem at `fallback`
// with the text's last lines.
std::vector<Problem> compiler_problems(std::string_view output, const Relocate& relocate,
                                       const Position& fallback);
// The warnings in it.
std::vector<Problem> compiler_warnings(std::string_view output, const Relocate& relocate);

}  // namespace trapline::scenario
