// Runs a scenario on one instruction set, and tells what happened.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/machine/bare/bare_machine.hpp"
#include "emu/scenario/document.hpp"
#include "emu/scenario/guest_build.hpp"
#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/symbols.hpp"

namespace trapline::scenario {

// What a bare machine shows instead of events and output.
struct BareOutcome {
  isa::Isa isa = isa::Isa::X86_64;
  machine::BareEnd end = machine::BareEnd::Halted;
  std::string message;                              // of BareEnd::Unsupported
  std::vector<machine::ExceptionTaken> exceptions;  // the first machine::kMostExceptions
  std::uint64_t exceptions_taken = 0;
  std::vector<machine::NamedValue> registers;  // at the end, all
  // What lies at the end where BareExpectation::memory asks, in its order; nothing where that is no place in
  // the guest's memory.
  std::vector<std::optional<std::uint64_t>> memory;
};

struct Outcome {
  const Kind* kind = nullptr;  // of the scenario
  kernel::ExitStatus exit;
  bool cycles_used_up = false;
  std::string output;
  std::string error_output;
  std::string console;
  std::vector<EventResult> events;  // in the file's order
  std::vector<ActionResult> actions;
  std::vector<OwnEvent> own;     // events of the program's own, as they were closed; in the order of opening
  bool own_left_out = false;     // there were more than are kept
  std::vector<TaskWhere> tasks;  // where they were, if the program was killed or did not end
  int main_task = 0;             // thread id of the program's first
  std::size_t tasks_made = 0;
  std::uint64_t cycles = 0;  // on the clock of CPU 0 at the end
  std::uint64_t memory_checksum = 0;
  std::shared_ptr<const SymbolTable> symbols;  // of the program that ran
  TraceMatch trace;
  std::optional<BareOutcome> bare;  // it ran on a bare machine, and has none of the above but the last four
};

struct RunOptions {
  BuildOptions build;
  machine::Gear gear = machine::Gear::WatchedPages;
  machine::TraceSink trace;                      // may be empty
  std::optional<std::uint64_t> schedule_seed{};  // in place of the scenario's own
};

// Throws InputError for what the file or its program has wrong, std::runtime_error where the engine gives up.
Outcome run(const Scenario& scenario, isa::Isa isa, const RunOptions& options);

}  // namespace trapline::scenario
