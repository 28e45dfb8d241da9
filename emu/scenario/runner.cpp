#include "emu/scenario/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "emu/scenario/bare/run.hpp"
#include "emu/scenario/machine_spec.hpp"
#include "isa/byte_order.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::scenario {

namespace {

using isa::Isa;

constexpr std::size_t kMostOutput = std::size_t{16} << 20;  // bytes a stream

kernel::FileBytes read_image(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(fmt::format("cannot read {}", path.string()));
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto bytes = std::make_shared<std::vector<std::byte>>(text.size());
  std::ranges::transform(text, bytes->begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

std::uint32_t bp_type_of(WatchType type) {
  switch (type) {
    case WatchType::R:
      return kernel::kHwBreakpointR;
    case WatchType::W:
      return kernel::kHwBreakpointW;
    case WatchType::RW:
      return kernel::kHwBreakpointR | kernel::kHwBreakpointW;
    case WatchType::X:
      return kernel::kHwBreakpointX;
  }
  return kernel::kHwBreakpointEmpty;
}

class Run {
 public:
  Run(const Scenario& scenario, Isa isa, const RunOptions& options)
      : scenario_(scenario),
        isa_(isa),
        elf_(build_guest(scenario.program, isa, options.build)),
        symbol_table_(std::make_shared<SymbolTable>(SymbolTable::load(elf_))),
        symbols_(*symbol_table_),
        machine_(machine_spec(scenario.machine, isa, options.gear)),
        kernel_(machine_, kernel_spec(scenario)) {
    if (options.trace) kernel_.set_trace(options.trace);
  }

  Outcome run() {
    kernel::Task& task = start();
    outcome_.events.resize(scenario_.events.size());
    for (std::size_t i = 0; i < scenario_.events.size(); ++i)
      open(scenario_.events[i], outcome_.events[i], task);
    outcome_.exit = kernel_.run();
    if (!kernel_.failure().empty()) throw std::runtime_error(kernel_.failure());
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (events_[i] == nullptr) continue;
      outcome_.events[i].count = kernel_.perf().read(*events_[i]).count;
      outcome_.events[i].stray_hits = events_[i]->stray_hits;
    }
    outcome_.cycles_used_up = kernel_.cycles_used_up();
    outcome_.cycles = machine_.cpu(0).clock();
    outcome_.memory_checksum = task.mm->checksum();
    outcome_.symbols = symbol_table_;
    return std::move(outcome_);
  }

 private:
  static kernel::KernelSpec kernel_spec(const Scenario& scenario) {
    kernel::KernelSpec spec;
    spec.slots = scenario.machine.slots;
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

  // The source's name without its ending; a program that stands in the scenario has none.
  std::string program_name() const {
    const auto* const path = std::get_if<std::filesystem::path>(&scenario_.program.source);
    return path == nullptr ? "program" : path->stem().string();
  }

  void open(const EventSpec& spec, EventResult& result, kernel::Task& task) {
    result.name = spec.name;
    const auto address = symbols_.resolve(spec.watch.value);
    if (!address) {
      throw InputError(spec.watch.at,
                       fmt::format("the program has no symbol '{}'; if it is a local variable or was "
                                   "optimised away, make it static volatile or global",
                                   spec.watch.value.symbol));
    }
    kernel::PerfEventAttr attr = kernel::hw_breakpoint_init();
    attr.bp_addr = isa::GuestVa(*address);
    attr.bp_len = spec.length;
    attr.bp_type = bp_type_of(spec.type);
    attr.disabled = !spec.enabled;
    const auto triggered = [this, &result, &task](kernel::PerfEvent& event,
                                                  const kernel::BreakpointHit& hit) {
      if (result.hits.size() < kMostHits) result.hits.push_back(describe(event, hit, task));
    };
    auto& slot = events_.emplace_back();
    if (spec.cpu) {
      auto opened = kernel_.hw_breakpoints().register_wide_hw_breakpoint(attr, triggered, {spec.cpu->value});
      if (opened) {
        slot = std::move(opened->front());
      } else {
        result.error = opened.error().number;
      }
    } else {
      auto opened = kernel_.hw_breakpoints().register_user_hw_breakpoint(attr, triggered, task);
      if (opened) {
        slot = std::move(*opened);
      } else {
        result.error = opened.error().number;
      }
    }
  }

  Hit describe(const kernel::PerfEvent& event, const kernel::BreakpointHit& raw,
               const kernel::Task& main) const {
    Hit hit;
    hit.cycle = raw.cpu.clock();
    hit.cpu = raw.cpu.index();
    if (raw.task != nullptr) {
      hit.task = raw.task->tid();
      hit.comm = raw.task->comm;
      hit.main = raw.task == &main;
    }
    hit.access = raw.access;
    hit.instruction = raw.instruction.value;
    hit.pc = raw.ip.value;
    hit.old_value = watched_value(event, raw.before);
    hit.new_value = watched_value(event, raw.after);
    hit.at = symbols_.describe(raw.access.address.value);
    hit.by = symbols_.describe(hit.instruction);
    hit.pc_name = symbols_.describe(hit.pc);
    if (const auto symbol = symbols_.at(hit.instruction)) hit.function = symbol->name;
    hit.line = symbols_.line(hit.instruction).value_or("");
    return hit;
  }

  // The bytes that were asked for, out of those that the register watches.
  std::optional<std::uint64_t> watched_value(const kernel::PerfEvent& event,
                                             const machine::WatchedBytes& bytes) const {
    if (bytes.size == 0 || event.hw.address < bytes.address) return std::nullopt;
    const std::uint64_t skip = event.hw.address - bytes.address;
    if (skip + event.hw.len > bytes.size) return std::nullopt;
    return isa::load_word(std::span(bytes.bytes).subspan(skip, event.hw.len), isa::byte_order(isa_));
  }

  const Scenario& scenario_;
  Isa isa_;
  std::filesystem::path elf_;
  std::shared_ptr<const SymbolTable> symbol_table_;
  const SymbolTable& symbols_;
  Outcome outcome_;
  machine::Machine machine_;
  kernel::Kernel kernel_;
  std::vector<kernel::PerfEventRef> events_;  // after the kernel, so that they are released before it goes
};

}  // namespace

Outcome run(const Scenario& scenario, Isa isa, const RunOptions& options) {
  return scenario.bare ? run_bare(scenario, isa, options) : Run(scenario, isa, options).run();
}

}  // namespace trapline::scenario
