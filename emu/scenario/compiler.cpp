#include "emu/scenario/compiler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "emu/scenario/host_process.hpp"
#include "emu/scenario/numbers.hpp"

namespace trapline::scenario {
namespace {

#ifdef __x86_64__
constexpr bool kHostIsX86 = true;
#else
constexpr bool kHostIsX86 = false;
#endif

struct Compiler {
  std::string_view program;
  std::string_view packages;
  std::string_view kind;  // is part of the program's name, whatever links lead to it
};

Compiler compiler_for(isa::Isa isa, Language language) {
  const bool cxx = language == Language::Cxx;
  switch (isa) {
    case isa::Isa::X86_64:
      if (kHostIsX86) return cxx ? Compiler{"g++", "g++", "g++"} : Compiler{"gcc", "gcc libc6-dev", "gcc"};
      if (cxx) return {"x86_64-linux-gnu-g++", "g++-x86-64-linux-gnu", "g++"};
      return {"x86_64-linux-gnu-gcc", "gcc-x86-64-linux-gnu libc6-dev-amd64-cross", "gcc"};
    case isa::Isa::Ppc64:
      if (cxx) return {"powerpc64-linux-gnu-g++", "g++-powerpc64-linux-gnu", "g++"};
      return {"powerpc64-linux-gnu-gcc", "gcc-powerpc64-linux-gnu libc6-dev-ppc64-cross", "gcc"};
  }
  return {};
}

constexpr std::string_view kMacroUse = "Info: macro invoked from here";

// FILE:LINE: or FILE:LINE:COLUMN: at the start of a line, and what follows it.
struct Diagnostic {
  std::string_view file;
  std::size_t line = 0;
  std::size_t column = 0;
  std::string_view rest;
};

std::string_view trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view() : text.substr(start);
}

// The number before the next ':', which it takes off with it.
std::optional<std::size_t> take_number(std::string_view& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto number = parse_unsigned(text.substr(0, colon));
  if (number) text.remove_prefix(colon + 1);
  return number;
}

std::optional<Diagnostic> parse_diagnostic(std::string_view text) {
  constexpr std::string_view kLinker = "ld: ";  // after its folder
  const std::size_t linker = text.find(kLinker);
  if (linker != std::string_view::npos && text.starts_with('/')) text.remove_prefix(linker + kLinker.size());
  // ld prints its own name first where an object has no line numbers.
  for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
       colon = text.find(':', colon + 1)) {
    std::string_view rest = text.substr(colon + 1);
    const auto line = take_number(rest);
    if (!line || colon == 0) continue;
    const auto column = take_number(rest);
    return Diagnostic{text.substr(0, colon), *line, column.value_or(0), trim(rest)};
  }
  return std::nullopt;
}

// The message of a line that reports an error; notes and warnings have none.
std::optional<std::string_view> error_message(std::string_view rest) {
  using namespace std::string_view_literals;
  for (const auto prefix : {"error: "sv, "fatal error: "sv, "Error: "sv, "Fatal error: "sv}) {
    if (rest.starts_with(prefix)) return rest.substr(prefix.size());
  }
  if (rest.starts_with("undefined reference to") || rest.starts_with("multiple definition of")) return rest;
  return std::nullopt;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end > 0) lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

std::optional<std::filesystem::path> installed_compiler(isa::Isa isa, Language language) {
  const Compiler compiler = compiler_for(isa, language);
  for (const auto& path : all_on_path(compiler.program)) {
    // ccache and its like go by the compiler's name, and want more of the host than a compiler does.
    if (std::filesystem::canonical(path).filename().string().find(compiler.kind) != std::string::npos)
      return path;
  }
  return std::nullopt;
}

std::filesystem::path find_compiler(isa::Isa isa, Language language, const Position& at) {
  if (const auto path = installed_compiler(isa, language)) return *path;
  const Compiler compiler = compiler_for(isa, language);
  throw InputError(
      at, fmt::format("building it for {} needs {}, which is not installed; on Debian: apt-get install {}",
                      isa::name(isa), compiler.program, compiler.packages));
}

std::vector<std::filesystem::path> compiler_folders(const std::filesystem::path& compiler) {
  namespace fs = std::filesystem;
  // The Filesystem Hierarchy Standard's places for programs, libraries and headers, and what ld.so(8) reads.
  std::vector<fs::path> named{"/usr/bin",
                              "/usr/lib",
                              "/usr/lib32",
                              "/usr/lib64",
                              "/usr/libx32",
                              "/usr/libexec",
                              "/usr/include",
                              "/usr/local/include",
                              "/usr/local/lib",
                              "/bin",
                              "/lib",
                              "/lib32",
                              "/lib64",
                              "/libx32",
                              "/etc/ld.so.cache"};
  for (const std::string_view cross : {"/usr/powerpc64-linux-gnu", "/usr/x86_64-linux-gnu"})
    named.emplace_back(cross);
  const fs::path own =
      fs::canonical(compiler).parent_path().parent_path();  // elsewhere: /opt/gcc of /opt/gcc/bin/gcc
  if (own != own.root_path() && own != "/usr") named.push_back(own);
  std::vector<fs::path> folders = named;
  for (const fs::path& folder : named) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (!error && real != folder) folders.push_back(real);
  }
  return folders;
}

std::vector<std::string> default_flags(isa::Isa isa, bool is_static) {
  // The last two: an object's own section with options for link-time optimisation is none of the scenario's.
  std::vector<std::string> flags{"-g", "-O1", "-fno-pie", "-no-pie", "-fno-lto", "-fno-use-linker-plugin"};
  if (is_static) flags.emplace_back("-static");
  switch (isa) {
    case isa::Isa::X86_64:
      break;
    case isa::Isa::Ppc64:
      // The last server processor with a DABR and no DAWR; Debian's own default is POWER4.
      flags.insert(flags.end(), {"-mbig-endian", "-mabi=elfv1", "-mcpu=power7"});
      break;
  }
  // Messages that compiler_problems() can read, whatever the user's terminal and the compiler's build.
  flags.insert(flags.end(),
               {"-fdiagnostics-color=never", "-fno-canonical-system-headers", "-fno-diagnostics-show-caret",
                "-fno-diagnostics-show-option", "-fdiagnostics-column-unit=byte"});
  return flags;
}

std::vector<std::string> bare_flags(isa::Isa isa) {
  std::vector<std::string> flags{"-ffreestanding", "-fno-stack-protector", "-fno-asynchronous-unwind-tables",
                                 "-Wl,--build-id=none"};
  // Exceptions push on the stack that is in use, and nobody has switched on the floating-point units.
  switch (isa) {
    case isa::Isa::X86_64:
      flags.insert(flags.end(), {"-mno-red-zone", "-mgeneral-regs-only"});
      break;
    case isa::Isa::Ppc64:
      flags.insert(flags.end(), {"-msoft-float", "-mno-altivec", "-mno-vsx", "-Wa,-mregnames"});
      break;
  }
  return flags;
}

std::string module_name(const std::filesystem::path& file) {
  std::string name = file.stem().string();
  std::ranges::replace(name, '-', '_');
  return name;
}

std::vector<std::string> module_flags(isa::Isa isa, const std::string& name, bool builtin) {
  std::vector<std::string> flags{"-std=gnu11",
                                 "-O2",
                                 "-ffreestanding",
                                 "-fno-pic",
                                 "-fno-optimize-sibling-calls",
                                 "-fno-stack-protector",
                                 "-fno-strict-aliasing",
                                 "-fno-common",
                                 "-D__KERNEL__",
                                 fmt::format("-DKBUILD_MODNAME=\"{}\"", name),
                                 fmt::format("-DKBUILD_BASENAME=\"{}\"", name)};
  if (!builtin) flags.emplace_back("-DMODULE");
  switch (isa) {
    case isa::Isa::X86_64:
      // The kernel's addresses are the highest 2 GiB; exceptions push below the stack pointer.
      flags.insert(flags.end(), {"-mcmodel=kernel", "-mno-red-zone", "-mgeneral-regs-only",
                                 "-fno-omit-frame-pointer", "-fcf-protection=none"});
      break;
    case isa::Isa::Ppc64:
      flags.insert(flags.end(), {"-msoft-float", "-mno-altivec", "-mno-vsx"});
      break;
  }
  return flags;
}

std::vector<Problem> compiler_problems(std::string_view output, const Relocate& relocate,
                                       const Position& fallback) {
  std::vector<Problem> problems;
  const auto lines = lines_of(output);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto diagnostic = parse_diagnostic(lines[i]);
    const auto message = diagnostic ? error_message(diagnostic->rest) : std::nullopt;
    if (!message) continue;
    // What is wrong in a macro is mostly wrong where it is used, and the assembler names a line of an
    // included file as if it were one of the including file. The outermost use is the last one.
    for (; i + 1 < lines.size(); ++i) {
      const auto next = parse_diagnostic(lines[i + 1]);
      if (!next || next->rest != kMacroUse) break;
      diagnostic = next;
    }
    problems.push_back(
        {relocate(diagnostic->file, diagnostic->line, diagnostic->column), std::string(*message)});
  }
  if (!problems.empty()) return problems;

  // What the linker misses in its own files has no line: `main`.
  constexpr std::string_view kMissing = "undefined reference to";
  if (const std::size_t at = output.find(kMissing); at != std::string_view::npos) {
    const std::string_view rest = output.substr(at);
    return {{fallback, std::string(rest.substr(0, rest.find('\n')))}};
  }

  constexpr std::size_t kShown = 10;
  std::string text = "the compiler refuses it";
  for (std::size_t i = lines.size() - std::min(lines.size(), kShown); i < lines.size(); ++i) {
    text += fmt::format("\n  {}", lines[i]);
  }
  return {{fallback, std::move(text)}};
}

std::vector<Problem> compiler_warnings(std::string_view output, const Relocate& relocate) {
  using namespace std::string_view_literals;
  std::vector<Problem> warnings;
  for (const std::string_view line : lines_of(output)) {
    const auto diagnostic = parse_diagnostic(line);
    if (!diagnostic) continue;
    for (const auto prefix : {"warning: "sv, "Warning: "sv}) {
      if (!diagnostic->rest.starts_with(prefix)) continue;
      warnings.push_back({relocate(diagnostic->file, diagnostic->line, diagnostic->column),
                          std::string(diagnostic->rest.substr(prefix.size()))});
    }
  }
  return warnings;
}

}  // namespace trapline::scenario
