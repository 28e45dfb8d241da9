// A scenario file as typed data. load() has checked everything that can be known without building or running
// the guest; whoever uses a Document need not check it again.
//
// What a file gives per instruction set ({x86-64: a, ppc64: b}) is resolved on loading: a Document has one
// complete Scenario for each instruction set it is for.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "debugunit/debug_unit.hpp"
#include "emu/kernel/hw_breakpoint/policy.hpp"
#include "emu/kernel/task/interleaving.hpp"
#include "emu/scenario/bare/expectation.hpp"
#include "emu/scenario/input_error.hpp"
#include "emu/scenario/perf/spec.hpp"
#include "emu/scenario/trace_expectation.hpp"
#include "isa/decode.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario {

class Kind;

// One value for each of some instruction sets.
template <class T>
class PerIsa {
 public:
  void set(isa::Isa isa, T value) { values_[index(isa)] = std::move(value); }
  bool has(isa::Isa isa) const { return values_[index(isa)].has_value(); }
  // Throws std::bad_optional_access where there is none.
  const T& at(isa::Isa isa) const { return values_[index(isa)].value(); }

 private:
  static constexpr std::size_t index(isa::Isa isa) { return static_cast<std::size_t>(isa); }

  std::array<std::optional<T>, isa::kAllIsas.size()> values_;
};

// Cycles that replace the defaults of isa/cost.hpp and of the machine; absent: the default stays.
struct CostOverrides {
  std::optional<std::uint32_t> trap;
  std::optional<std::uint32_t> syscall;
  std::optional<std::uint32_t> context_switch;
  std::optional<std::uint32_t> debug_register_write;
  std::vector<std::pair<isa::InstructionClass, std::uint32_t>> instructions;
};

struct MachineSpec {
  unsigned cpus = 1;
  std::uint64_t memory = std::uint64_t{256} << 20;  // bytes
  bool share_slots = false;                         // KernelSpec::share_slots
  std::optional<unsigned> slots;  // absent: all that the unit has; 0: a machine without hardware breakpoints
  kernel::InterleavingSpec interleaving;  // not of bare machines
  kernel::BreakpointPolicy policy;        // likewise
  std::uint64_t max_cycles = 1'000'000'000;
  CostOverrides costs;
  std::optional<debugunit::Model> debug_unit;  // absent: the instruction set's default
  debugunit::Features debug_features;          // of bare machines only
};

enum class Language : std::uint8_t { C, Cxx, Assembly, Elf };

// Source text in the scenario file itself.
struct InlineSource {
  std::string text;
  std::size_t first_line = 1;  // the scenario file's line that the text's first line is
  std::size_t indent = 0;      // columns that YAML took off each line
};

struct SourceSpec {
  Position at;  // of the text, or of the file's name
  Language language = Language::C;
  std::variant<InlineSource, std::filesystem::path>
      text;  // a path is joined to the scenario's folder already
};

struct ProgramSpec {
  Position at;                      // of the first source
  std::filesystem::path folder;     // the scenario's: where relative names and C includes are looked for
  std::vector<SourceSpec> sources;  // in the file's order, at least one; several of C and C++ only
  bool uses_kit = false;            // Kind::uses_kit()
  bool libc = true;  // linked with the C library; without, execution starts at _start with nothing around it
  bool is_static = true;  // needs nothing of the root folder
  // It is no program but an object that the kernel links: a module, by its name, or of the kernel itself.
  struct KernelObject {
    std::string name;
    std::filesystem::path headers{};  // the folder with the kernel's; BuildOptions::kernel_folder
    bool builtin = false;             // of the kernel itself: MODULE is not defined
  };
  std::optional<KernelObject> kernel_object;
  std::vector<std::string> flags;                        // for the compiler, after the default ones
  std::vector<std::string> link_flags;                   // where it links, after these
  std::vector<std::string> args;                         // argv[1] onwards
  std::vector<std::pair<std::string, std::string>> env;  // in the file's order
  std::string stdin_text;
  std::optional<Located<std::filesystem::path>> root;  // an existing folder, joined to `folder` already
  bool trusted = false;  // LoadOptions::trusted: its compiler may read whatever its user may
};

struct ExitStatus {
  Bounds code;
};
struct ExitSignal {
  std::string name;  // "SIGSEGV"
  int number = 0;    // Linux's, the same on both instruction sets
};

// What a stream of output must be.
struct TextExpectation {
  std::optional<Located<std::string>> exact;
  std::vector<Located<std::string>> contains;  // each somewhere in it; only where `exact` is absent
};

struct Expectation {
  Position at;         // of `expect`, or of the document where there is none
  bool reveal = true;  // failures may tell what was expected
  std::optional<Located<std::variant<ExitStatus, ExitSignal>>> exit;
  std::optional<TextExpectation> output;
  std::optional<TextExpectation> error_output;  // key `stderr`
  std::optional<TextExpectation> console;       // what the kernel printed
  std::vector<EventExpectation> events;
  std::vector<OrderedHit> order;  // hits of all events, one after another; others may be between
  std::optional<Located<OwnExpectations>> own;
};

// A kernel module that is loaded before the program's first instruction.
struct ModuleSpec {
  Position at;
  ProgramSpec source;     // with ProgramSpec::kernel_object; of Language::Elf an object that is built already
  std::string arguments;  // "name=value name=value"
};

// What a scenario or the command line gives the kernel of guest code.
struct KernelCodeSpec {
  std::optional<ModuleSpec> image;  // linked to the kernel before any module is loaded
  std::vector<ModuleSpec> modules;

  bool empty() const { return !image && modules.empty(); }
};

// The scenario for one instruction set.
struct Scenario {
  const Kind* kind = nullptr;  // never, once it is loaded
  MachineSpec machine;
  ProgramSpec program;
  KernelCodeSpec kernel_code;
  std::vector<EventSpec> events;  // those of `events`, then those that actions open, in the file's order
  std::vector<ActionSpec> actions;
  Expectation expect;
  std::vector<TraceExpectation> trace;        // lines that there are, one after another
  std::optional<Located<std::string>> fails;  // why its expectations are known not to hold
  Located<bool> checks;                       // whether it expects anything; where it says so, or would
  std::optional<BareExpectation> bare;        // of a bare machine, which has no events and actions
};

struct Document {
  std::filesystem::path path;  // as given to load()
  std::string title;           // key `scenario`
  std::string about;
  std::vector<std::string> cites;  // the rule's documents and sections
  std::string choice;              // what the manuals leave open, and what is done here; mostly empty
  std::vector<isa::Isa> isas;      // at least one, no doubles, in the file's order
  PerIsa<Scenario> scenarios;      // one for each of `isas`
};

struct LoadOptions {
  bool trusted = false;  // it may name files outside of its folder; else it may be anybody's
  // The most that it may ask for; what it gets without asking is then no more either.
  std::optional<std::uint64_t> memory_cap = {};  // bytes
  std::optional<std::uint64_t> cycle_cap = {};
  // A file whose expectations are held to in place of the scenario's own, and whose events are added to its.
  std::optional<std::filesystem::path> expect = {};
};

// Throws InputError for whatever is wrong with the file; also where a file or folder that it names is
// missing.
Document load(const std::filesystem::path& path, const LoadOptions& options = {});

// The same from text; `path` names it in errors and says where relative file names start.
Document parse(std::string_view text, const std::filesystem::path& path, const LoadOptions& options = {});

}  // namespace trapline::scenario
