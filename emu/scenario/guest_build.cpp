#include "emu/scenario/guest_build.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <set>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "emu/scenario/bare/kit.hpp"
#include "emu/scenario/compiler.hpp"
#include "emu/scenario/content.hpp"
#include "emu/scenario/direct_cache.hpp"
#include "emu/scenario/elf_file.hpp"
#include "emu/scenario/host_process.hpp"
#include "emu/scenario/kept_warnings.hpp"
#include "emu/scenario/manifest.hpp"
#include "emu/scenario/temporary_folder.hpp"
#include "emu/scenario/toolchain.hpp"

namespace trapline::scenario {
namespace {

namespace fs = std::filesystem;

// Part of every key: raised when the way of building changes what comes out of equal sources.
constexpr std::string_view kCacheVersion = "trapline-guest-3";
constexpr std::string_view kStdinName = "<stdin>";  // gcc's name for it
constexpr std::string_view kAsStdinName = "{standard input}";

// The files of a rule that an assembler or compiler writes for make(1), where spaces have a backslash before
// them.
std::vector<fs::path> prerequisites(std::string_view rule) {
  std::vector<fs::path> files;
  std::string word;
  const auto finish = [&] {
    if (!word.empty() && !word.ends_with(':')) files.emplace_back(word);
    word.clear();
  };
  for (std::size_t i = 0; i < rule.size(); ++i) {
    if (rule[i] == '\\' && i + 1 < rule.size()) {
      if (rule[++i] != '\n') word += rule[i];
    } else if (rule[i] == ' ' || rule[i] == '\n') {
      finish();
    } else {
      word += rule[i];
    }
  }
  finish();
  return files;
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

// The file that is not there, of a message of gcc or as that says so.
std::optional<std::string> missing_file(std::string_view message) {
  using namespace std::string_view_literals;
  constexpr std::array kForms{std::pair{"file not found: "sv, ""sv},
                              std::pair{"can't open "sv, " for reading: No such file or directory"sv},
                              std::pair{""sv, ": No such file or directory"sv}};
  for (const auto& [before, after] : kForms) {
    if (message.size() > before.size() + after.size() && message.starts_with(before) &&
        message.ends_with(after)) {
      message.remove_prefix(before.size());
      message.remove_suffix(after.size());
      return std::string(message);
    }
  }
  return std::nullopt;
}

fs::path make_cache(const fs::path& cache) {
  if (cache.empty()) {
    throw std::runtime_error(
        "no place to keep built programs: there is no HOME; name a folder with --cache or XDG_CACHE_HOME");
  }
  std::error_code error;
  fs::create_directories(cache, error);
  fs::path real = error ? cache : fs::canonical(cache, error);
  if (error) {
    throw std::system_error(
        error, fmt::format("cannot make the cache folder {} (--cache or XDG_CACHE_HOME says where it is)",
                           cache.string()));
  }
  return real;
}

fs::path program_named(const fs::path& cache, isa::Isa isa, const std::string& program_hash) {
  return cache / fmt::format("{}-{}", isa::name(isa), program_hash);
}

// The scenario file's name, in its program's debug information.
std::string shown_name(const ProgramSpec& program) { return fs::path(program.at.file).filename().string(); }

// The source file's name as seen from the scenario's folder, where the compiler runs.
std::string source_name(const ProgramSpec& program, const fs::path& file) {
  const fs::path path = file.lexically_normal();
  const std::string near = path.lexically_proximate(program.folder.lexically_normal()).string();
  // What starts otherwise may be an option or a list of arguments (`@file`) to one of the programs behind
  // gcc.
  const bool plain = near.starts_with('/') || std::isalnum(static_cast<unsigned char>(near.front())) != 0;
  return plain ? near : "./" + near;
}

// GCC's, for -x.
std::string_view language_name(Language language) {
  switch (language) {
    case Language::C:
      return "c";
    case Language::Cxx:
      return "c++";
    case Language::Assembly:
      return "assembler";
    case Language::Elf:
      break;
  }
  return "none";
}

// Parts of a key, each with its length, so that no two lists of them are the same text.
class KeyText {
 public:
  void add(std::string_view part) { text_.append(fmt::format("\n{}:", part.size())).append(part); }
  // What a build is asked for besides its sources.
  void add(const ProgramSpec& program, isa::Isa isa) {
    add(kCacheVersion);
    add(isa::name(isa));
    add(program.trusted ? "trusted" : "confined");
    add(program.libc ? "libc" : "nostdlib");
    for (const std::string& flag : default_flags(isa, program.is_static)) add(flag);
    for (const auto* const flags : {&program.flags, &program.link_flags}) {
      add(std::to_string(flags->size()));
      for (const std::string& flag : *flags) add(flag);
    }
    if (program.kernel_object) {
      add(program.kernel_object->headers.string());
      for (const std::string& flag :
           module_flags(isa, program.kernel_object->name, program.kernel_object->builtin))
        add(flag);
    }
    if (!program.uses_kit) return;
    for (const std::string& flag : bare_flags(isa)) add(flag);
    const BareKit kit = bare_kit(isa);
    for (const std::string_view part : {kit.linker_script, kit.start, kit.include}) add(part);
  }
  std::string hash() const { return scenario::hash(text_); }

 private:
  std::string text_;
};

// Of all that is known before a compiler runs.
std::string direct_key(const ProgramSpec& program, isa::Isa isa) {
  KeyText key;
  key.add(program, isa);
  for (const SourceSpec& source : program.sources) {
    key.add(language_name(source.language));
    if (const auto* const text = std::get_if<InlineSource>(&source.text)) {
      key.add("text");
      key.add(shown_name(program));
      key.add(std::to_string(text->first_line));
      key.add(text->text);
    } else {
      key.add("file");
      key.add(source_name(program, std::get<fs::path>(source.text)));
    }
  }
  return key.hash();
}

// What builds it, in the order of the sources; empty where something is not installed.
std::vector<fs::path> installed_compilers(const ProgramSpec& program, isa::Isa isa) {
  std::vector<fs::path> compilers;
  for (const SourceSpec& source : program.sources) {
    const auto compiler = installed_compiler(isa, source.language);
    if (!compiler) return {};
    if (std::ranges::find(compilers, *compiler) == compilers.end()) compilers.push_back(*compiler);
  }
  return compilers;
}

// One source on its way to an object.
struct Unit {
  const SourceSpec* source = nullptr;
  fs::path compiler;
  fs::path input = "/dev/null";  // its standard input
  fs::path object;
  // What the key is made of: what is preprocessed, or of assembly the object.
  fs::path content;
  fs::path rule;  // of make(1), with the files that the assembler read; not of assembly

  bool is_assembly() const { return source->language == Language::Assembly; }
};

// One program on its way from source to file.
class Build {
 public:
  Build(const ProgramSpec& program, isa::Isa isa, const BuildOptions& options, fs::path cache,
        fs::path folder)
      : program_(program),
        isa_(isa),
        options_(options),
        folder_(std::move(folder)),
        cache_(std::move(cache)),
        work_(cache_ / "building.XXXXXX", options.leftovers),
        shown_name_(shown_name(program)) {
    for (const SourceSpec& source : program.sources) {
      const fs::path name = work_.path() / fmt::format("{}", units_.size());
      const auto named = [&](std::string_view ending) { return fs::path(name).concat(ending); };
      Unit& unit = units_.emplace_back(Unit{.source = &source,
                                            .compiler = find_compiler(isa, source.language, source.at),
                                            .object = named(".o"),
                                            .content = named(".i"),
                                            .rule = named(".rule")});
      if (unit.is_assembly()) unit.content = unit.object;
      // C++'s brings its library along.
      if (linker_.empty() || source.language == Language::Cxx) linker_ = unit.compiler;
    }
  }

  // Remembers in `direct` what it was made of.
  fs::path run(const DirectCache& direct, const KeptWarnings& kept) {
    // A file system's clock is that of the timer's interrupt, up to which it is behind.
    constexpr std::chrono::milliseconds kTick{10};
    const auto begun = fs::file_time_type::clock::now() - kTick;
    fs::path program = run();
    const std::string made = hash(read_text(program));
    if (compiled_) kept.keep(made, warnings_, work_.path() / "warnings");
    if (options_.warnings != nullptr) *options_.warnings = compiled_ ? warnings_ : kept.read(made);
    if (program_.trusted) return program;  // nobody saw what it looked at
    std::vector<fs::path> looked_at(looked_at_.begin(), looked_at_.end());
    for (const Unit& unit : units_) looked_at.push_back(fs::canonical(unit.compiler));
    direct.keep(made, looked_at, begun, work_.path() / "direct");
    return program;
  }

 private:
  fs::path run() {
    if (program_.uses_kit) prepare_kit();
    // What the compiler makes of the source and everything that it includes: equal files, equal programs.
    // Assembling is as fast as looking for its .include and .incbin files would be.
    for (Unit& unit : units_) {
      prepare_input(unit);
      if (unit.is_assembly()) {
        compile(unit, {"-c"}, unit.object);
      } else {
        const std::size_t warnings = warnings_.size();
        compile(unit, {"-E", "-fno-working-directory"}, unit.content);
        warnings_.resize(warnings);  // the preprocessor's come again
      }
    }
    const fs::path manifest = cache_ / fmt::format("{}-{}.inputs", isa::name(isa_), key());
    if (const auto cached = find(manifest)) return *cached;

    // A C program's asm() may bring in files that the preprocessor knows nothing of.
    compiled_ = true;
    for (const Unit& unit : units_) {
      if (!unit.is_assembly())
        compile(unit, {"-c", "-Xassembler", "--MD", "-Xassembler", unit.rule.string()}, unit.object);
    }
    const fs::path program = work_.path() / "program";
    std::set<fs::path> compiled = std::exchange(looked_at_, {});
    link(program);
    const std::set<fs::path> linked = looked_at_;
    looked_at_.merge(compiled);
    const auto problem = program_.kernel_object ? std::nullopt : ElfFile(program).why_not_program(isa_);
    if (problem) {
      throw InputError(program_.at,
                       fmt::format("what the compiler makes of it {}; look at `flags`", *problem));
    }
    return keep(program, linked, manifest);
  }

  // The program that the manifest speaks of, where that and all that went into it are as they were.
  std::optional<fs::path> find(const fs::path& manifest_path) {
    const Manifest manifest = Manifest::parse(read_text(manifest_path));
    fs::path program = program_named(cache_, isa_, manifest.program);
    const auto unchanged = [this](const Manifest::Input& input) {
      return hash(read_text(folder_ / input.name)) == input.hash;
    };
    if (hash(read_text(program)) != manifest.program || !std::ranges::all_of(manifest.inputs, unchanged))
      return std::nullopt;
    for (const Manifest::Input& input : manifest.inputs)
      looked_at_.insert((folder_ / input.name).lexically_normal());
    return program;
  }

  // The program's place in the cache. Each file comes there whole or not at all, the manifest last.
  fs::path keep(const fs::path& program, const std::set<fs::path>& linked, const fs::path& manifest_path) {
    Manifest manifest{.program = hash(read_text(program))};
    std::set<fs::path> inputs;
    for (const Unit& unit : units_) {
      for (const fs::path& file : prerequisites(read_text(unit.rule)))
        inputs.insert((folder_ / file).lexically_normal());
    }
    for (const fs::path& file : linked) {
      std::error_code error;
      if (lies_in(file, folder_) && fs::is_regular_file(file, error)) inputs.insert(file);
    }
    for (const fs::path& file : inputs) {
      if (!lies_in(file, work_.path()))
        manifest.inputs.push_back({hash(read_text(file)), file.lexically_proximate(folder_)});
    }
    fs::path result = program_named(cache_, isa_, manifest.program);
    fs::rename(program, result);
    const fs::path written = work_.path() / "manifest";
    write_text(written, manifest.text());
    fs::rename(written, manifest_path);
    return result;
  }

  // Text in the scenario reaches the compiler through its standard input, so that no name of a temporary file
  // gets into the program.
  void prepare_input(Unit& unit) const {
    const auto* const source = std::get_if<InlineSource>(&unit.source->text);
    if (!source) return;
    const std::string_view marker = unit.is_assembly() ? "#" : "#line";
    std::string text =
        fmt::format("{} {} \"{}\"\n{}", marker, source->first_line, quotable(shown_name_), source->text);
    if (!text.ends_with('\n')) text += '\n';
    unit.input = fs::path(unit.object).replace_extension("source");
    write_text(unit.input, text);
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

  std::vector<std::string> source_arguments(const SourceSpec& source) const {
    const auto* const file = std::get_if<fs::path>(&source.text);
    const std::string name = file ? source_name(program_, *file) : "-";
    std::string language(language_name(source.language));
    if (name.ends_with(".S")) language = "assembler-with-cpp";
    return {"-x", language, name, "-x", "none"};
  }

  std::vector<std::string> base_command(const fs::path& compiler) const {
    std::vector<std::string> argv{compiler.string()};
    for (std::string& flag : default_flags(isa_, program_.is_static)) argv.push_back(std::move(flag));
    // The folder's own name must not get into the program: neither into __FILE__ nor the debug information.
    argv.push_back(fmt::format("-ffile-prefix-map={}=.", folder_.string()));
    argv.push_back(fmt::format("-fdebug-prefix-map={}=.", folder_.string()));
    argv.insert(argv.end(), {"-iquote", "."});
    // Without the C library around it, a program without _start would begin anywhere.
    if (!program_.libc) argv.insert(argv.end(), {"-nostdlib", "-Wl,--require-defined=_start"});
    if (const auto& object = program_.kernel_object) {
      for (std::string& flag : module_flags(isa_, object->name, object->builtin))
        argv.push_back(std::move(flag));
      argv.push_back(fmt::format("-ffile-prefix-map={}=include", object->headers.string()));
      argv.insert(argv.end(), {"-I", object->headers.string()});
    }
    if (program_.uses_kit) {
      for (std::string& flag : bare_flags(isa_)) argv.push_back(std::move(flag));
      argv.push_back(fmt::format("-fdebug-prefix-map={}=kit", kit_.string()));
      // Not by -Wa, which would take a comma in the name for its own.
      argv.insert(argv.end(), {"-Xassembler", "-I", "-Xassembler", kit_.string()});
    }
    return argv;
  }

  void compile(const Unit& unit, const std::vector<std::string>& stage, const fs::path& output) {
    std::vector<std::string> argv = base_command(unit.compiler);
    // What it makes names of that must differ between objects, it has from chance otherwise.
    if (unit.source->language == Language::Cxx)
      argv.push_back(fmt::format("-frandom-seed={}", unit.object.stem().string()));
    argv.insert(argv.end(), stage.begin(), stage.end());
    for (std::string& argument : source_arguments(*unit.source)) argv.push_back(std::move(argument));
    argv.insert(argv.end(), {"-o", output.string()});
    argv.insert(argv.end(), program_.flags.begin(), program_.flags.end());
    run_compiler(std::move(argv), unit.input, unit.source->at);
  }

  void link(const fs::path& output) {
    std::vector<std::string> argv = base_command(linker_);
    for (const Unit& unit : units_) argv.push_back(unit.object.string());
    // Around a bare C program: the kit calls its main.
    if (program_.uses_kit && !units_.front().is_assembly()) argv.push_back(start_.string());
    argv.insert(argv.end(), {"-o", output.string()});
    if (program_.kernel_object) argv.insert(argv.end(), {"-r", "-nostdlib"});
    if (program_.uses_kit) add_linker_script(argv);
    argv.insert(argv.end(), program_.flags.begin(), program_.flags.end());
    argv.insert(argv.end(), program_.link_flags.begin(), program_.link_flags.end());
    run_compiler(std::move(argv), "/dev/null", program_.at);
  }

  void add_linker_script(std::vector<std::string>& argv) const {
    argv.insert(argv.end(), {"-Xlinker", "-T", "-Xlinker", (kit_ / "bare.ld").string()});
  }

  Command command(std::vector<std::string> argv, const fs::path& input) const {
    return {.argv = std::move(argv),
            .directory = folder_,
            .input = input,
            // No more than this: CPATH, LIBRARY_PATH and the like would change the program unseen.
            .env = {fmt::format("PATH={}", absolute_path_variable()), "LC_ALL=C", "SOURCE_DATE_EPOCH=0",
                    fmt::format("TMPDIR={}", work_.path().string())},
            .time_limit = options_.time_limit,
            .leftovers = options_.leftovers};
  }

  // What it says of no place of its own is told at `at`.
  void run_compiler(std::vector<std::string> argv, const fs::path& input, const Position& at) {
    std::vector<fs::path> tools = compiler_folders(argv.front());
    Command compiling = command(std::move(argv), input);
    if (!program_.trusted) {
      compiling.confinement =
          Confinement{.tools = std::move(tools), .read = {folder_}, .write = work_.path()};
      if (program_.kernel_object)
        compiling.confinement->read.push_back(program_.kernel_object->headers.parent_path());
    }
    ProcessResult outcome = scenario::run(compiling);
    looked_at_.merge(outcome.looked_at);
    if (outcome.timed_out) {
      throw CompilerTooSlow(
          at, fmt::format("the compiler takes longer than {} s", options_.time_limit.count() / 1000));
    }
    const auto relocate = [this](std::string_view file, std::size_t line, std::size_t column) {
      return locate(file, line, column);
    };
    if (outcome.status == 0) {
      std::ranges::move(compiler_warnings(outcome.output, relocate), std::back_inserter(warnings_));
      return;
    }
    throw InputError(explained(compiler_problems(outcome.output, relocate, at), outcome.refused));
  }

  // To a confined compiler what lies outside is not there, and so it says.
  std::vector<Problem> explained(std::vector<Problem> problems, const std::vector<fs::path>& refused) const {
    for (Problem& problem : problems) {
      const auto missing = missing_file(problem.message);
      if (!missing || std::ranges::find(refused, (folder_ / *missing).lexically_normal()) == refused.end())
        continue;
      problem.message +=
          " (outside of the scenario's folder nothing is, unless --trust says that it is your own)";
    }
    return problems;
  }

  // The text that stands around that line of the scenario, if any does.
  const InlineSource* inline_source(std::size_t line) const {
    const InlineSource* found = nullptr;
    for (const SourceSpec& source : program_.sources) {
      const auto* const text = std::get_if<InlineSource>(&source.text);
      if (text && (!found || text->first_line <= line)) found = text;
    }
    return found;
  }

  // The compiler's FILE:LINE:COLUMN, as seen from its folder, for the user.
  Position locate(std::string_view file, std::size_t line, std::size_t column) const {
    const InlineSource* source = inline_source(line);
    const fs::path path = fs::path(file).lexically_normal();
    const std::string name = path.string();
    if (source && (name == shown_name_ || name == kStdinName || name == kAsStdinName)) {
      const std::size_t first = first_column(source->text, line - std::min(line, source->first_line));
      return {program_.at.file, line, (column == 0 ? first : column) + source->indent};
    }
    if (!kit_.empty() && path.parent_path() == kit_)
      return {path.filename().string(), line, std::max<std::size_t>(column, 1)};
    // The compiler's own text for the assembler, of which the user has nothing.
    if (lies_in(path, work_.path())) return program_.at;
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
  std::string ask(const fs::path& compiler, const std::string& question) const {
    const std::string output = scenario::run(command({compiler.string(), question}, "/dev/null")).output;
    return output.substr(0, output.find('\n'));
  }

  AskCompiler asks() const {
    return [this](const fs::path& compiler, const std::string& question) { return ask(compiler, question); };
  }

  void add_library(KeyText& key, std::string_view name) {
    const CompilerLibrary library = compiler_library(linker_, name, asks());
    if (library.path.is_absolute()) looked_at_.insert(library.path.lexically_normal());
    key.add(library.hash);
  }

  std::string key() {
    KeyText key;
    key.add(program_, isa_);
    for (const fs::path& compiler : installed_compilers(program_, isa_))
      key.add(compiler_version(compiler, asks()));
    const bool cxx = std::ranges::any_of(
        program_.sources, [](const SourceSpec& source) { return source.language == Language::Cxx; });
    if (program_.libc) add_library(key, "libc.a");
    if (program_.libc && cxx) add_library(key, "libstdc++.a");
    for (const Unit& unit : units_) {
      key.add(language_name(unit.source->language));
      key.add(read_text(unit.content));
    }
    return key.hash();
  }

  const ProgramSpec& program_;
  isa::Isa isa_;
  const BuildOptions& options_;
  fs::path folder_;  // as the compiler, which runs there, will find its name
  fs::path cache_;
  TemporaryFolder work_;
  std::string shown_name_;  // the scenario file's, in the program's debug information
  std::vector<Unit> units_;
  fs::path linker_;        // the compiler that links
  fs::path kit_;           // of a bare program: the folder of what Trapline brings
  fs::path start_;         // there, what a C program is linked with
  bool compiled_ = false;  // and not found in the cache
  std::vector<Problem> warnings_;
  // Of all compilers so far (ProcessResult::looked_at).
  std::set<fs::path> looked_at_;
};

}  // namespace

fs::path default_cache_folder() {
  constexpr std::size_t kLongestEntry = 16384;  // of passwd(5), with all its texts
  // The XDG base directory specification: a relative path there is to be ignored.
  const auto absolute = [](const char* variable) {
    const char* value = std::getenv(variable);
    return value && fs::path(value).is_absolute() ? fs::path(value) : fs::path();
  };
  if (const fs::path cache = absolute("XDG_CACHE_HOME"); !cache.empty()) return cache / "trapline";
  if (const fs::path home = absolute("HOME"); !home.empty()) return home / ".cache" / "trapline";
  if (std::getenv("HOME")) return {};
  std::vector<char> texts(kLongestEntry);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::getuid(), &entry, texts.data(), texts.size(), &found) != 0 || !found) return {};
  return fs::path(entry.pw_dir) / ".cache" / "trapline";
}

fs::path build_guest(const ProgramSpec& program, isa::Isa isa, const BuildOptions& options) {
  if (program.sources.front().language != Language::Elf) {
    fs::path cache = make_cache(options.cache);
    fs::path folder = fs::canonical(program.folder);
    const std::string key = direct_key(program, isa);
    const DirectCache direct(cache, isa::name(isa), key, folder);
    const KeptWarnings kept(cache, isa, key, program);
    if (const auto known = direct.find(installed_compilers(program, isa))) {
      fs::path cached = program_named(cache, isa, *known);
      if (hash(read_text(cached)) == *known) {
        if (options.warnings != nullptr) *options.warnings = kept.read(*known);
        return cached;
      }
    }
    return Build(program, isa, options, cache, std::move(folder)).run(direct, kept);
  }
  const auto& path = std::get<fs::path>(program.sources.front().text);
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
