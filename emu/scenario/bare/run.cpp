#include "emu/scenario/bare/run.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "emu/scenario/bare/image.hpp"
#include "emu/scenario/machine_spec.hpp"
#include "isa/byte_order.hpp"

namespace trapline::scenario {

namespace {

machine::MachineSpec bare_spec(const Scenario& scenario, isa::Isa isa, machine::Gear gear) {
  machine::MachineSpec spec = machine_spec(scenario.machine, isa, gear);
  spec.bare = true;
  return spec;
}

void trace(const machine::TraceSink& sink, std::uint64_t order, const machine::ExceptionTaken& taken) {
  machine::TraceEvent event;
  event.order = order;
  event.cycle = taken.cycle;
  event.layer = machine::Layer::Exception;
  event.what = taken.name;
  event.fields.emplace_back("vector", machine::Hex{taken.vector});
  for (const machine::NamedValue& part : taken.state) {
    event.fields.emplace_back(std::string(part.name), machine::Hex{part.value});
  }
  sink(event);
}

std::optional<std::uint64_t> read(machine::Machine& machine, const MemoryExpectation& wanted,
                                  const SymbolTable& symbols) {
  const auto address = symbols.resolve(wanted.address.value);
  const std::uint64_t size = machine.memory().size();
  if (!address || *address > size || wanted.size > size - *address) return std::nullopt;
  return isa::load_word(machine.memory().bytes(isa::GuestPa(*address), wanted.size),
                        isa::byte_order(machine.isa()));
}

}  // namespace

Outcome run_bare(const Scenario& scenario, isa::Isa isa, const RunOptions& options) {
  const std::filesystem::path elf = build_guest(scenario.program, isa, options.build);
  const BareImage image(elf);
  machine::Machine machine(bare_spec(scenario, isa, options.gear));
  const auto bare = [&] {
    try {
      return std::make_unique<machine::BareMachine>(machine, image.segments(), image.entry());
    } catch (const std::invalid_argument& error) {
      throw InputError(scenario.program.at, fmt::format("the program cannot be loaded: {}", error.what()));
    }
  }();
  machine::BareResult result = bare->run(scenario.machine.max_cycles);

  Outcome outcome;
  outcome.cycles = result.cycles;
  outcome.memory_checksum = result.memory_checksum;
  outcome.symbols = std::make_shared<SymbolTable>(SymbolTable::load(elf));
  BareOutcome& shown = outcome.bare.emplace();
  shown.isa = isa;
  shown.end = result.end;
  if (!result.message.empty())
    shown.message = fmt::format("{}: {}", outcome.symbols->describe(result.stopped_at.value), result.message);
  shown.exceptions = std::move(result.exceptions);
  shown.exceptions_taken = result.exceptions_taken;
  for (const std::string_view name : machine::bare_register_names(isa)) {
    if (const auto value = bare->read(name)) shown.registers.push_back({name, *value});
  }
  for (const MemoryExpectation& wanted : scenario.bare->memory) {
    shown.memory.push_back(read(machine, wanted, *outcome.symbols));
  }
  TraceMatcher matcher(scenario.trace, *outcome.symbols);
  if (const auto sink = matcher.sink(options.trace)) {
    std::uint64_t order = 0;
    for (const machine::ExceptionTaken& taken : shown.exceptions) trace(sink, ++order, taken);
  }
  outcome.trace = matcher.match();
  return outcome;
}

}  // namespace trapline::scenario
