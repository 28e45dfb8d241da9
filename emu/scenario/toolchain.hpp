// What the installed compilers say of themselves. Each is asked once in the life of the process, as long as
// its file stays as it is.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace trapline::scenario {

// Runs a compiler with one argument, and has the first line that it prints.
using AskCompiler =
    std::function<std::string(const std::filesystem::path& compiler, const std::string& question)>;

std::string compiler_version(const std::filesystem::path& compiler, const AskCompiler& ask);

struct CompilerLibrary {
  std::filesystem::path path;  // as the compiler names it; a name alone where it has none such
  std::string hash;            // of the content
};
// "libc.a". A newer C library comes without a newer compiler: that it is as it was is looked at each time.
CompilerLibrary compiler_library(const std::filesystem::path& compiler, std::string_view name,
                                 const AskCompiler& ask);

}  // namespace trapline::scenario
