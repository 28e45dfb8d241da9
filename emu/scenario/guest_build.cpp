#include "emu/scenario/guest_build.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

#include "emu/scenario/bare/kit.hpp"
#include "emu/scenario/compiler.hpp"
#include "emu/scenario/elf_file.hpp"
#include "emu/scenario/host_process.hpp"

namespace trapline::scenario {
namespace {

namespace fs = std::filesystem;

// Part of every key: raised when the way of building changes what comes out of equal sources.
constexpr std::string_view kCacheVersion = "trapline-guest-1";
constexpr std::string_view kStdinName = "<stdin>";  // gcc's name for it
constexpr std::string_view kAsStdinName = "{standard input}";

// A folder in the cache that is gone when its owner is.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const fs::path& parent) {
    std::string pattern = (parent / "building.XXXXXX").string();
    if (!::mkdtemp(pattern.data())) {
      throw std::system_error(errno, std::generic_category(), "cannot build in " + parent.string());
    }
    path_ = pattern;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string read_text(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write_text(const fs::path& path, std::string_view text) {
  std::ofstream stream(path, std::ios::binary);
  stream << text;
  stream.close();
  if (!stream) throw std::system_error(errno, std::generic_category(), "cannot write " + path.string());
}

std::string hash(std::string_view text) {
  const XXH128_hash_t value = XXH3_128bits(text.data(), text.size());
  return fmt::format("{:016x}{:016x}", value.high64, value.low64);
}

// A file name inside the quotes of `#line`. A line break there would end the directive.
std::string quotable(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '\n' || c == '\r' ? '?' : c;
  }
  return text;
}

// One program on its way from source to file.
class Build {
 public:
  Build(const ProgramSpec& program, isa::Isa isa, const BuildOptions& options)
      : program_(program),
        isa_(isa),
        options_(options),
        compiler_(find_compiler(isa, program.at)),
        folder_(fs::canonical(program.folder)),
        work_(make_cache(options.cache)),
        shown_name_(fs::path(program.at.file).filename().string()) {}

  fs::path run() {
    prepare_input();
    if (program_.bare) prepare_kit();
    const bool assembly = program_.language == Language::Assembly;
    const fs::path intermediate = work_.path() / (assembly ? "program.o" : "program.i");
    // What the compiler makes of the source and everything that it includes: equal files, equal programs.
    // Assembling is as fast as looking for its .include and .incbin files would be.
    compile(
        assembly ? std::vector<std::string>{"-c"} : std::vector<std::string>{"-E", "-fno-working-directory"},
        intermediate);
    fs::path result = fs::absolute(options_.cache) / fmt::format("{}-{}", isa::name(isa_), key(intermediate));
    std::error_code ignored;
    if (fs::is_regular_file(result, ignored)) return result;

    const fs::path program = work_.path() / "program";
    if (assembly) {
      link(intermediate, program);
    } else {
      // Around a bare C program: the kit calls its main.
      compile(program_.bare ? std::vector<std::string>{start_.string()} : std::vector<std::string>{},
              program);
    }
    if (const auto problem = ElfFile(program).why_not_program(isa_)) {
      throw InputError(program_.at,
                       fmt::format("what the compiler makes of it {}; look at `flags`", *problem));
    }
    fs::rename(program, result);  // whole or not at all, and the same bytes whoever comes first
    return result;
  }

 private:
  static fs::path make_cache(const fs::path& cache) {
    std::error_code error;
    fs::create_directories(cache, error);
    if (error) {
      throw std::system_error(
          error,
          fmt::format("cannot make the cache folder {} (XDG_CACHE_HOME says where it is)", cache.string()));
    }
    return fs::absolute(cache);
  }

  const InlineSource* inline_source() const { return std::get_if<InlineSource>(&program_.source); }

  // The source file's name as seen from the scenario's folder, where the compiler runs.
  std::string source_name() const {
    const fs::path path = std::get<fs::path>(program_.source).lexically_normal();
    const fs::path near = path.lexically_proximate(program_.folder.lexically_normal());
    return near.string().starts_with('-') ? "./" + near.string() : near.string();
  }

  // Text in the scenario reaches the compiler through its standard input, so that no name of a temporary file
  // gets into the program.
  void prepare_input() {
    const InlineSource* source = inline_source();
    if (!source) return;
    const std::string_view marker = program_.language == Language::C ? "#line" : "#";
    std::string text =
        fmt::format("{} {} \"{}\"\n{}", marker, source->first_line, quotable(shown_name_), source->text);
    if (!text.ends_with('\n')) text += '\n';
    input_ = work_.path() / "source";
    write_text(input_, text);
  }

  // The kit's include file, the linker's script and the way into C, under names that a scenario can use.
  void prepare_kit() {
    const BareKit kit = bare_kit(isa_);
    kit_ = work_.path() / "kit";
    fs::create_directory(kit_);
    start_ = kit_ / "start.s";
    write_text(kit_ / "bare.inc", kit.include);
    write_text(kit_ / "bare.ld", kit.linker_script);
    write_text(start_, kit.start);
  }

  std::vector<std::string> source_arguments() const {
    const std::string name = inline_source() ? "-" : source_name();
    std::string language = program_.language == Language::C ? "c" : "assembler";
    if (name.ends_with(".S")) language = "assembler-with-cpp";
    return {"-x", language, name, "-x", "none"};
  }

  std::vector<std::string> base_command() const {
    std::vector<std::string> argv{compiler_.string()};
    for (std::string& flag : default_flags(isa_)) argv.push_back(std::move(flag));
    // The folder's own name must not get into the program: neither into __FILE__ nor the debug information.
    argv.push_back(fmt::format("-ffile-prefix-map={}=.", folder_.string()));
    argv.push_back(fmt::format("-fdebug-prefix-map={}=.", folder_.string()));
    argv.insert(argv.end(), {"-iquote", "."});
    // Without the C library around it, a program without _start would begin anywhere.
    if (!program_.libc) argv.insert(argv.end(), {"-nostdlib", "-Wl,--require-defined=_start"});
    if (program_.bare) {
      for (std::string& flag : bare_flags(isa_)) argv.push_back(std::move(flag));
      argv.push_back(fmt::format("-fdebug-prefix-map={}=kit", kit_.string()));
      argv.push_back(fmt::format("-Wa,-I,{}", kit_.string()));
    }
    return argv;
  }

  void compile(const std::vector<std::string>& stage, const fs::path& output) {
    std::vector<std::string> argv = base_command();
    argv.insert(argv.end(), stage.begin(), stage.end());
    if (program_.bare) add_linker_script(argv);
    for (std::string& argument : source_arguments()) argv.push_back(std::move(argument));
    argv.insert(argv.end(), {"-o", output.string()});
    argv.insert(argv.end(), program_.flags.begin(), program_.flags.end());
    run_compiler(std::move(argv), input_);
  }

  void link(const fs::path& object, const fs::path& output) {
    std::vector<std::string> argv = base_command();
    argv.insert(argv.end(), {object.string(), "-o", output.string()});
    if (program_.bare) add_linker_script(argv);
    argv.insert(argv.end(), program_.flags.begin(), program_.flags.end());
    run_compiler(std::move(argv), "/dev/null");
  }

  void add_linker_script(std::vector<std::string>& argv) const {
    argv.push_back(fmt::format("-Wl,-T,{}", (kit_ / "bare.ld").string()));
  }

  Command command(std::vector<std::string> argv, const fs::path& input) const {
    const char* path = std::getenv("PATH");
    return {.argv = std::move(argv),
            .directory = folder_,
            .input = input,
            // No more than this: CPATH, LIBRARY_PATH and the like would change the program unseen.
            .env = {fmt::format("PATH={}", path ? path : "/usr/local/bin:/usr/bin:/bin"), "LC_ALL=C",
                    "SOURCE_DATE_EPOCH=0", fmt::format("TMPDIR={}", work_.path().string())},
            .time_limit = options_.time_limit};
  }

  void run_compiler(std::vector<std::string> argv, const fs::path& input) const {
    const ProcessResult outcome = scenario::run(command(std::move(argv), input));
    if (outcome.timed_out) {
      throw InputError(program_.at, fmt::format("the compiler takes longer than {} s",
                                                options_.time_limit.count() / 1000));
    }
    if (outcome.status == 0) return;
    const auto relocate = [this](std::string_view file, std::size_t line, std::size_t column) {
      return locate(file, line, column);
    };
    throw InputError(compiler_problems(outcome.output, relocate, program_.at));
  }

  // The compiler's FILE:LINE:COLUMN, as seen from its folder, for the user.
  Position locate(std::string_view file, std::size_t line, std::size_t column) const {
    const InlineSource* source = inline_source();
    const fs::path path = fs::path(file).lexically_normal();
    const std::string name = path.string();
    if (source && (name == shown_name_ || name == kStdinName || name == kAsStdinName)) {
      const std::size_t first = first_column(source->text, line - std::min(line, source->first_line));
      return {program_.at.file, line, (column == 0 ? first : column) + source->indent};
    }
    if (!kit_.empty() && path.parent_path() == kit_)
      return {path.filename().string(), line, std::max<std::size_t>(column, 1)};
    const fs::path shown = path.is_absolute() ? path : (program_.folder / path).lexically_normal();
    return {shown.string(), line, std::max<std::size_t>(column, 1)};
  }

  // Of the first character that is not blank, where the assembler names only the line.
  static std::size_t first_column(std::string_view text, std::size_t line) {
    for (; line > 0; --line) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos) return 1;
      text.remove_prefix(end + 1);
    }
    const std::size_t start = text.substr(0, text.find('\n')).find_first_not_of(" \t");
    return start == std::string_view::npos ? 1 : start + 1;
  }

  // The first line that the compiler prints for a question.
  std::string ask(const std::string& question) const {
    const std::string output = scenario::run(command({compiler_.string(), question}, "/dev/null")).output;
    return output.substr(0, output.find('\n'));
  }

  std::string key(const fs::path& intermediate) const {
    std::string text(kCacheVersion);
    const auto add = [&](std::string_view part) {
      text.append(fmt::format("\n{}:", part.size())).append(part);
    };
    add(isa::name(isa_));
    add(ask("--version"));
    // A newer C library comes without a newer compiler.
    add(program_.libc ? hash(read_text(ask("-print-file-name=libc.a"))) : "nostdlib");
    for (const std::string& flag : default_flags(isa_)) add(flag);
    for (const std::string& flag : program_.flags) add(flag);
    if (program_.bare) {
      for (const std::string& flag : bare_flags(isa_)) add(flag);
      const BareKit kit = bare_kit(isa_);
      for (const std::string_view part : {kit.linker_script, kit.start, kit.include}) add(part);
    }
    add(read_text(intermediate));
    return hash(text);
  }

  const ProgramSpec& program_;
  isa::Isa isa_;
  const BuildOptions& options_;
  fs::path compiler_;
  fs::path folder_;  // as the compiler, which runs there, will find its name
  TemporaryFolder work_;
  std::string shown_name_;  // the scenario file's, in the program's debug information
  fs::path input_ = "/dev/null";
  fs::path kit_;    // of a bare program: the folder of what Trapline brings
  fs::path start_;  // there, what a C program is linked with
};

}  // namespace

fs::path default_cache_folder() {
  // The XDG base directory specification: a relative path there is to be ignored.
  const auto absolute = [](const char* variable) {
    const char* value = std::getenv(variable);
    return value && fs::path(value).is_absolute() ? fs::path(value) : fs::path();
  };
  if (const fs::path cache = absolute("XDG_CACHE_HOME"); !cache.empty()) return cache / "trapline";
  if (const fs::path home = absolute("HOME"); !home.empty()) return home / ".cache" / "trapline";
  return fs::temp_directory_path() / fmt::format("trapline-{}", ::getuid());
}

fs::path build_guest(const ProgramSpec& program, isa::Isa isa, const BuildOptions& options) {
  if (program.language != Language::Elf) return Build(program, isa, options).run();
  const auto& path = std::get<fs::path>(program.source);
  try {
    if (const auto problem = ElfFile(path).why_not_program(isa)) {
      throw InputError(program.at, fmt::format("{} {}", path.string(), *problem));
    }
  } catch (const InputError& error) {
    if (error.at().line > 0) throw;
    throw InputError(program.at, fmt::format("{} is {}", path.string(), error.message()));
  }
  return path;
}

}  // namespace trapline::scenario
