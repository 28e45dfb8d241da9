#include "emu/scenario/document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <tuple>

#include "emu/scenario/compiler.hpp"
#include "emu/scenario/confinement.hpp"
#include "emu/scenario/format.hpp"
#include "emu/scenario/kind.hpp"
#include "emu/scenario/numbers.hpp"
#include "emu/scenario/perf/convert_expect.hpp"
#include "emu/scenario/schema.hpp"
#include "emu/scenario/view.hpp"
#include "emu/scenario/yaml.hpp"
#include "isa/cost.hpp"

namespace trapline::scenario {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxProblems = 20;  // more than a person reads at once

// A file's tree, and what it is called in messages.
struct File {
  std::string name;
  yaml::Node root;

  View view(isa::Isa isa) const { return {root, isa, name}; }
};

// Makes the typed scenario of one ISA from a valid tree, and notes what only several values together show.
class ScenarioConverter {
 public:
  ScenarioConverter(const File& file, const File* laid, isa::Isa isa, const fs::path& folder,
                    const LoadOptions& options, std::vector<Problem>& problems)
      : sources_{file.view(isa), laid == nullptr ? std::nullopt : std::optional(laid->view(isa))},
        root_(sources_.file),
        folder_(folder),
        options_(options),
        problems_(problems) {}

  Scenario convert() {
    const auto named = root_.find("kind");
    const Kind& kind = named ? kind_named(named->text()) : *kinds().front();
    Scenario scenario;
    scenario.kind = &kind;
    // What is not asked for is as large as is allowed.
    MachineSpec& machine = scenario.machine = kind.machine();
    machine.memory = std::min(machine.memory, options_.memory_cap.value_or(machine.memory));
    machine.max_cycles = std::min(machine.max_cycles, options_.cycle_cap.value_or(machine.max_cycles));
    if (const auto view = root_.find("machine")) convert_machine(*view, machine);
    machine.interleaving.seed = optional_number<std::uint64_t>(root_, "schedule-seed");
    scenario.program = convert_program(root_.get("program"), kind.uses_kit());
    if (const auto kernel = root_.find("kernel")) scenario.kernel_code.image = convert_image(*kernel);
    if (const auto modules = root_.find("modules")) {
      for (const View& module : modules->items())
        scenario.kernel_code.modules.push_back(convert_module(module));
    }
    kind.convert(sources_, scenario, problems_);
    if (const auto expect = sources_.expect()) {
      if (const auto trace = expect->find("trace")) {
        check_items(*trace, "trace", problems_);
        scenario.trace = convert_trace(*trace, problems_);
      }
    }
    scenario.checks.value |= !scenario.trace.empty();
    scenario.checks.at = sources_.at();
    scenario.fails = convert_fails(sources_.laid ? *sources_.laid : root_);
    return scenario;
  }

 private:
  void add(Position at, std::string message) { problems_.push_back({std::move(at), std::move(message)}); }

  // Of the instruction sets not all need to be named.
  static std::optional<Located<std::string>> convert_fails(const View& view) {
    const yaml::Node* reason = view.node().find("fails");
    if (reason != nullptr && reason->kind == yaml::Node::Kind::Map)
      reason = reason->find(isa::name(view.isa()));
    if (reason == nullptr) return std::nullopt;
    return Located<std::string>{reason->text, view.position_of(*reason)};
  }

  void convert_machine(const View& view, MachineSpec& machine) {
    machine.cpus = optional_number<unsigned>(view, "cpus").value_or(machine.cpus);
    if (const auto memory = view.find("memory")) {
      machine.memory = parse_size(memory->text()).value();
      hold_to(options_.memory_cap, machine.memory, *memory, "bytes of memory", "--memory-cap");
    }
    machine.slots = optional_number<unsigned>(view, "slots");
    if (const auto share = view.find("share-slots")) machine.share_slots = share->boolean();
    machine.max_cycles = optional_number<std::uint64_t>(view, "max-cycles").value_or(machine.max_cycles);
    if (const auto cycles = view.find("max-cycles"))
      hold_to(options_.cycle_cap, machine.max_cycles, *cycles, "cycles", "--cycle-cap");
    machine.interleaving.quantum =
        optional_number<std::uint64_t>(view, "quantum").value_or(machine.interleaving.quantum);
    if (const auto policy = view.find("policy")) {
      machine.policy = kernel::policy_named(policy->text()).value();
      if (view.isa() != isa::Isa::Ppc64 && policy->text() != kernel::kPolicyNames.front())
        add(policy->at(),
            fmt::format("`{}` is of PPC64's breakpoints; give it per instruction set", policy->text()));
    }
    if (const auto costs = view.find("costs")) machine.costs = convert_costs(*costs);

    convert_debug_unit(view, machine);
    const auto unit = machine.debug_unit.value_or(debugunit::default_model(view.isa()));
    const unsigned available = debugunit::make_debug_unit(unit)->slots();
    if (machine.slots.value_or(0) > available) {
      add(view.get("slots").at(),
          fmt::format(
              "`slots` is {}, but the debug unit `{}` of {} has {}; take fewer, for each instruction set "
              "its own, or another `debug-unit`",
              *machine.slots, debugunit::name(unit), isa::name(view.isa()), available));
    }
  }

  void hold_to(const std::optional<std::uint64_t>& cap, std::uint64_t asked, const View& view,
               std::string_view what, std::string_view option) {
    if (asked <= cap.value_or(asked)) return;
    add(view.at(), fmt::format("{} {} are more than the {} that {} allows", asked, what, *cap, option));
  }

  void convert_debug_unit(const View& view, MachineSpec& machine) {
    if (const auto unit = view.find("debug-unit")) {
      machine.debug_unit = debugunit::model_from_name(unit->text()).value();
      if (debugunit::isa_of(*machine.debug_unit) != view.isa()) {
        add(unit->at(), fmt::format("`{}` is no debug unit of {}; give it per instruction set", unit->text(),
                                    isa::name(view.isa())));
      }
    }
    if (const auto features = view.find("debug-features")) {
      for (const View& feature : features->items()) {
        if (feature.text() == "rtm") machine.debug_features.rtm = true;
        if (feature.text() == "bus-lock") machine.debug_features.bus_lock = true;
        if (view.isa() == isa::Isa::X86_64) continue;
        add(feature.at(), fmt::format("`{}` is a feature of x86-64, not of {}; give it per instruction set",
                                      feature.text(), isa::name(view.isa())));
      }
    }
  }

  static CostOverrides convert_costs(const View& view) {
    CostOverrides costs;
    costs.trap = optional_number<std::uint32_t>(view, "trap");
    costs.syscall = optional_number<std::uint32_t>(view, "syscall");
    costs.context_switch = optional_number<std::uint32_t>(view, "context-switch");
    costs.debug_register_write = optional_number<std::uint32_t>(view, "debug-register-write");
    if (const auto instructions = view.find("instructions")) {
      for (const auto& [key, cycles] : instructions->entries()) {
        costs.instructions.emplace_back(isa::class_from_name(key->text).value(),
                                        cycles.number<std::uint32_t>());
      }
    }
    return costs;
  }

  ProgramSpec convert_program(const View& view, bool uses_kit) {
    ProgramSpec program;
    program.uses_kit = uses_kit;
    program.folder = folder_;
    program.trusted = options_.trusted;
    program.sources = convert_sources(view);
    program.at = program.sources.front().at;
    const auto libc = view.find("libc");
    program.libc =
        libc ? libc->boolean() : !uses_kit && program.sources.front().language != Language::Assembly;
    const auto is_static = view.find("static");
    program.is_static = !is_static || is_static->boolean();
    if (const auto flags = view.find("flags")) program.flags = convert_flags(*flags);
    program.link_flags = texts(view, "link-flags");
    program.args = texts(view, "args");
    if (const auto env = view.find("env")) {
      for (const auto& [key, value] : env->entries()) program.env.emplace_back(key->text, value.text());
    }
    if (const auto text = view.find("stdin")) program.stdin_text = text->text();
    program.root = located(view, "root", [&](const View& root) { return beside(root); });
    if (program.root && may_name(program.root->value, program.root->at) &&
        !fs::is_directory(program.root->value, ignored_)) {
      add(program.root->at, fmt::format("no folder {}", program.root->value.string()));
    }
    return program;
  }

  ModuleSpec convert_module(const View& view) {
    ModuleSpec module;
    const auto file = view.find("c");
    const View text = file ? *file : view.get("source");
    module.at = text.at();
    ProgramSpec& built = module.source;
    built.at = module.at;
    built.folder = folder_;
    built.trusted = options_.trusted;
    built.sources = {source(text, Language::C, !file)};
    const auto name = view.find("name");
    built.kernel_object = ProgramSpec::KernelObject{.name = name   ? name->text()
                                                            : file ? module_name(file->text())
                                                                   : std::string("module")};
    if (const auto parameters = view.find("parameters")) module.arguments = parameters->text();
    return module;
  }

  ModuleSpec convert_image(const View& view) {
    ModuleSpec image;
    image.at = view.at();
    ProgramSpec& built = image.source;
    built.folder = folder_;
    built.trusted = options_.trusted;
    built.sources = convert_sources(view);
    built.at = built.sources.front().at;
    built.kernel_object = ProgramSpec::KernelObject{.name = "kernel", .builtin = true};
    return image;
  }

  std::vector<SourceSpec> convert_sources(const View& view) {
    if (const auto c = view.find("c")) return c_sources(*c, Language::C);
    if (const auto cxx = view.find("c++")) return c_sources(*cxx, Language::Cxx);
    if (const auto assembly = view.find("assembly")) {
      if (assembly->is_map()) return {source(assembly->get("file"), Language::Assembly, false)};
      refuse_file_as_text(*assembly);
      return {source(*assembly, Language::Assembly, true)};
    }
    return {source(view.get("elf"), Language::Elf, false)};
  }

  std::vector<SourceSpec> c_sources(const View& view, Language language) {
    const std::vector<View> items = view.is_list() ? view.items() : std::vector{view};
    std::vector<SourceSpec> sources;
    for (const View& item : items) {
      const bool is_text = item.is_map();
      SourceSpec& added =
          sources.emplace_back(source(is_text ? item.get("source") : item, language, is_text));
      // As make(1) and most compilers go by names.
      const auto* const path = std::get_if<fs::path>(&added.text);
      if (path && path->extension() == ".c") added.language = Language::C;
    }
    return sources;
  }

  std::vector<std::string> convert_flags(const View& view) {
    std::vector<std::string> flags;
    for (const View& item : view.items()) {
      constexpr std::string_view kInclude = "-I";
      const std::string& flag = flags.emplace_back(item.text());
      if (flag.starts_with(kInclude)) may_name(folder_ / flag.substr(kInclude.size()), item.at());
    }
    return flags;
  }

  // Where the scenario may be anybody's, only what lies in its folder. It does not learn whether there is
  // something elsewhere, so a link out is as good as one that leads nowhere.
  bool may_name(const fs::path& path, const Position& at) {
    if (options_.trusted) return true;
    constexpr std::string_view kHint = "; --trust allows that where the scenario is your own";
    const fs::path home = fs::canonical(folder_, ignored_);
    const fs::path named = fs::absolute(path).lexically_normal();
    if (!lies_in(named, fs::absolute(folder_).lexically_normal()) && !lies_in(named, home)) {
      add(at,
          fmt::format("{} lies outside of the scenario's folder{}", path.lexically_normal().string(), kHint));
      return false;
    }
    std::error_code missing;
    const fs::path real = fs::canonical(path, missing);
    if ((!missing && lies_in(real, home)) || !goes_through_link(named)) return true;
    add(at, fmt::format("{} follows a link that leads nowhere in the scenario's folder{}",
                        path.lexically_normal().string(), kHint));
    return false;
  }

  bool goes_through_link(const fs::path& path) {
    fs::path part;
    return std::any_of(path.begin(), path.end(), [&](const fs::path& name) {
      part /= name;
      return fs::is_symlink(part, ignored_) && !lies_in(fs::canonical(folder_, ignored_), part);
    });
  }

  SourceSpec source(const View& view, Language language, bool is_text) {
    if (is_text)
      return {view.at(), language, InlineSource{view.text(), view.node().content_line, view.node().indent}};
    const fs::path path = beside(view);
    if (may_name(path, view.at()) && !fs::is_regular_file(path, ignored_))
      add(view.at(), fmt::format("no file {}", path.string()));
    return {view.at(), language, path};
  }

  void refuse_file_as_text(const View& view) {
    const std::string& text = view.text();
    if (text.find('\n') != std::string::npos || !(text.ends_with(".s") || text.ends_with(".S"))) return;
    add(view.at(), fmt::format("`assembly` wants the text itself; for a file write {{file: {}}}", text));
  }

  fs::path beside(const View& view) const { return (folder_ / view.text()).lexically_normal(); }

  static std::vector<std::string> texts(const View& parent, std::string_view key) {
    std::vector<std::string> result;
    if (const auto list = parent.find(key)) {
      for (const View& item : list->items()) result.push_back(item.text());
    }
    return result;
  }

  Sources sources_;
  View root_;  // the scenario's own file
  const fs::path& folder_;
  const LoadOptions& options_;
  std::vector<Problem>& problems_;
  std::error_code ignored_;  // a path that cannot be asked about is as good as absent
};

// What `isa` says, as far as it can be understood: the validator, which needs it, says what is wrong with it.
std::vector<isa::Isa> listed_isas(const yaml::Node& root) {
  const yaml::Node* node = root.find("isa");
  std::vector<isa::Isa> isas;
  const auto add = [&](const yaml::Node& name) {
    if (const auto isa = isa::from_name(name.text)) isas.push_back(*isa);
  };
  if (!node) return {isa::kAllIsas.begin(), isa::kAllIsas.end()};
  if (node->kind == yaml::Node::Kind::Scalar) add(*node);
  for (const yaml::Node& item : node->items) add(item);
  return isas;
}

void throw_if_any(std::vector<Problem> problems) {
  // Both instruction sets may have met the same mistake.
  std::vector<Problem> different;
  for (Problem& problem : problems) {
    const bool known = std::any_of(different.begin(), different.end(), [&](const Problem& other) {
      return other.at == problem.at && other.message == problem.message;
    });
    if (!known && different.size() < kMaxProblems) different.push_back(std::move(problem));
  }
  if (different.empty()) return;
  std::stable_sort(different.begin(), different.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.at.file, a.at.line, a.at.column) < std::tie(b.at.file, b.at.line, b.at.column);
  });
  throw InputError(std::move(different));
}

std::string read_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) throw InputError({path.string()}, "no such file");
  if (error) throw InputError({path.string()}, error.message());
  // Reading a pipe or a device may never end.
  if (status.type() != fs::file_type::regular) throw InputError({path.string()}, "not a file");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw InputError({path.string()}, std::generic_category().message(errno));
  // One more than allowed, after a byte order mark; but memory for what is there.
  const std::uintmax_t size = fs::file_size(path, error);
  std::string text(std::min<std::uintmax_t>(error ? 0 : size + 1, yaml::kMaxBytes + 4), '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  return text;
}

}  // namespace

namespace {

// The file of expectations, valid for a scenario of `file`'s kind.
File laid_over(const fs::path& path, const File& file, const std::vector<isa::Isa>& isas) {
  const std::string text = read_file(path);
  File laid{path.string(), yaml::parse(text, path.string())};
  const yaml::Node* const kind = file.root.find("kind");
  const schema::TypeRef format = expectations_format(kind ? kind_named(kind->text) : *kinds().front());
  throw_if_any(schema::validate(laid.root, *format, isas, laid.name, "the file of expectations"));
  return laid;
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

Document parse(std::string_view text, const fs::path& path, const LoadOptions& options) {
  const File file{path.string(), yaml::parse(text, path.string())};
  const yaml::Node& root = file.root;
  Document document;
  document.path = path;
  document.isas = listed_isas(root);
  static const schema::TypeRef kFormat = scenario_format();
  throw_if_any(schema::validate(root, *kFormat, document.isas, file.name));
  std::optional<File> laid;
  if (options.expect) laid = laid_over(*options.expect, file, document.isas);

  document.title = root.find("scenario")->text;
  if (const yaml::Node* about = root.find("about")) document.about = about->text;
  if (const yaml::Node* cites = root.find("cites")) {
    for (const yaml::Node& cite : cites->items) document.cites.push_back(cite.text);
  }
  if (const yaml::Node* choice = root.find("choice")) document.choice = choice->text;
  const fs::path folder = folder_of(path);
  std::vector<Problem> problems;
  for (const isa::Isa isa : document.isas) {
    document.scenarios.set(
        isa, ScenarioConverter(file, laid ? &*laid : nullptr, isa, folder, options, problems).convert());
  }
  throw_if_any(std::move(problems));
  return document;
}

Document load(const fs::path& path, const LoadOptions& options) {
  // What is wrong with a file is told with its words.
  std::error_code error;
  if (!options.trusted && fs::is_symlink(path, error) &&
      !lies_in(fs::weakly_canonical(path, error), fs::canonical(folder_of(path), error))) {
    throw InputError(
        {path.string()},
        "is a link that leads out of its folder; --trust follows it where the scenario is your own");
  }
  const std::string text = read_file(path);
  if (text.starts_with("\x7f"
                       "ELF")) {
    throw InputError(
        {path.string()},
        fmt::format("is a program, not a scenario; `trapline exec -- {}` runs it", path.string()));
  }
  return parse(text, path, options);
}

}  // namespace trapline::scenario
