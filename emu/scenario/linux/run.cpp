#include "emu/scenario/linux/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <optional>
#include <utility>
#include <vector>

#include "emu/kernel/fs/host_content.hpp"
#include "emu/scenario/kernel_modules.hpp"
#include "emu/scenario/machine_spec.hpp"
#include "emu/scenario/perf/actors.hpp"
#include "emu/scenario/perf/near_misses.hpp"
#include "emu/scenario/whereabouts.hpp"

namespace trapline::scenario {

namespace {

using isa::Isa;

constexpr std::size_t kMostOutput = std::size_t{16} << 20;  // bytes a stream

kernel::FileBytes read_image(const std::filesystem::path& path) {
  kernel::HostFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) throw std::runtime_error(fmt::format("cannot read {}", path.string()));
  return kernel::host_content(std::move(file));
}

class Run {
 public:
  Run(const Scenario& scenario, Isa isa, const RunOptions& options)
      : scenario_(scenario),
        build_(options.build),
        elf_(build_guest(scenario.program, isa, options.build)),
        symbol_table_(std::make_shared<SymbolTable>(SymbolTable::load(elf_))),
        tables_(elf_),
        trace_(scenario.trace, *symbol_table_),
        machine_(machine_spec(scenario.machine, isa, options.gear)),
        kernel_(machine_, kernel_spec(scenario, options)) {
    if (const auto sink = trace_.sink(options.trace)) kernel_.set_trace(sink);
  }

  // `again`: it was run before, and these events had no hits.
  Outcome run(const std::vector<std::size_t>& again = {}) {
    kernel::Task& task = start();
    insert_kernel_code(kernel_, task, scenario_.kernel_code, build_, [this](std::string_view line) {
      if (outcome_.console.size() + line.size() < kMostOutput) outcome_.console.append(line).append("\n");
    });
    symbol_table_->relocate(task.mm->places.load_bias);
    code_.emplace(*symbol_table_, tables_, LoadedProgram(task));
    chains_.emplace(*code_);
    whereabouts_.emplace([this] { return &*chains_; }, kernel_);
    actors_.emplace(scenario_, *symbol_table_, *chains_, kernel_);
    actors_->start(task);
    std::optional<NearMisses> misses;
    if (!again.empty()) misses.emplace(scenario_, actors_->attrs(), kernel_, task, again);
    outcome_.main_task = task.tid();
    trace_.set_main(task.tid());
    outcome_.exit = kernel_.run();
    if (!kernel_.failure().empty()) throw std::runtime_error(kernel_.failure());
    actors_->finish();
    outcome_.events = std::move(actors_->events());
    for (const std::size_t event : again) outcome_.events[event].near_misses = misses->of(event);
    outcome_.actions = std::move(actors_->actions());
    outcome_.own = actors_->take_own();
    outcome_.own_left_out = actors_->own_left_out();
    outcome_.tasks = whereabouts_->take();
    outcome_.tasks_made = actors_->tasks_made();
    outcome_.cycles_used_up = kernel_.cycles_used_up();
    outcome_.cycles = kernel_.scheduler().now();
    outcome_.memory_checksum = task.mm->checksum();
    outcome_.symbols = symbol_table_;
    outcome_.trace = trace_.match();
    return std::move(outcome_);
  }

 private:
  static kernel::KernelSpec kernel_spec(const Scenario& scenario, const RunOptions& options) {
    kernel::KernelSpec spec;
    spec.slots = scenario.machine.slots;
    spec.share_slots = scenario.machine.share_slots;
    spec.policy = scenario.machine.policy;
    spec.interleaving = scenario.machine.interleaving;
    if (options.schedule_seed) spec.interleaving.seed = options.schedule_seed;
    spec.max_cycles = scenario.machine.max_cycles;
    if (scenario.program.root) spec.root = kernel::RootFolder{scenario.program.root->value, false};
    return spec;
  }

  kernel::Task& start() {
    const ProgramSpec& program = scenario_.program;
    const auto capture = [](std::string& into) {
      return [&into](std::string_view text) {
        if (into.size() + text.size() > kMostOutput) return false;
        into += text;
        return true;
      };
    };
    kernel::ProgramStart start{.name = program_name()};
    start.arguments = program.args;
    for (const auto& [name, value] : program.env)
      start.environment.push_back(fmt::format("{}={}", name, value));
    start.standard_input = kernel::input_text(program.stdin_text);
    start.standard_output = kernel::captured_output("/dev/stdout", capture(outcome_.output));
    start.standard_error = kernel::captured_output("/dev/stderr", capture(outcome_.error_output));
    try {
      return kernel_.start(read_image(elf_), start);
    } catch (const kernel::ElfError& error) {
      throw InputError(program.at, fmt::format("the program {}", error.what()));
    }
  }

  // The first source's name without its ending; a program that stands in the scenario has none.
  std::string program_name() const {
    const auto* const path = std::get_if<std::filesystem::path>(&scenario_.program.sources.front().text);
    return path == nullptr ? "program" : path->stem().string();
  }

  const Scenario& scenario_;
  const BuildOptions& build_;
  std::filesystem::path elf_;
  std::shared_ptr<SymbolTable> symbol_table_;
  Outcome outcome_;
  UnwindTables tables_;
  TraceMatcher trace_;
  machine::Machine machine_;
  kernel::Kernel kernel_;
  // When the program is where its symbols are looked for; after the kernel, so that its events are released
  // before that goes.
  std::optional<LoadedCode> code_;
  std::optional<CallChains> chains_;
  std::optional<Whereabouts> whereabouts_;
  std::optional<Actors> actors_;
};

}  // namespace

Outcome run_linux(const Scenario& scenario, Isa isa, const RunOptions& options) {
  Outcome outcome = Run(scenario, isa, options).run();
  const auto missed = events_missed(scenario, outcome.events);
  if (missed.empty()) return outcome;
  // The same comes out, byte for byte; but it is not traced twice.
  RunOptions untraced = options;
  untraced.trace = nullptr;
  const Outcome again = Run(scenario, isa, untraced).run(missed);
  for (const std::size_t event : missed) outcome.events[event].near_misses = again.events[event].near_misses;
  return outcome;
}

}  // namespace trapline::scenario
