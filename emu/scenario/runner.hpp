// Runs a scenario on one instruction set: builds the guest, makes the machine and its kernel, opens the
// events, runs, and tells what happened.
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
#include "emu/scenario/symbols.hpp"

namespace trapline::scenario {

// One hit, with its addresses and also their names.
struct Hit {
  std::uint64_t cycle = 0;  // of its CPU's clock, when the event counted
  unsigned cpu = 0;
  int task = 0;       // thread id
  bool main = false;  // the task is the program's first
  std::string comm;
  isa::Access access;                      // for an execution, the fetch
  std::uint64_t instruction = 0;           // whose access it was
  std::uint64_t pc = 0;                    // at the callback: past the instruction, except for an execution
  std::optional<std::uint64_t> old_value;  // of the watched bytes, for data
  std::optional<std::uint64_t> new_value;
  // Names for people.
  std::string at;
  std::string by;        // of `instruction`
  std::string function;  // that `instruction` is in; "" where no symbol is near
  std::string line;      // "counter.c:12", or ""
  std::string pc_name;
};

struct EventResult {
  std::string name;
  std::optional<int> error;  // errno: it could not be opened
  std::uint64_t count = 0;
  std::uint64_t stray_hits = 0;
  std::vector<Hit> hits;  // the first kMostHits of them
};
inline constexpr std::size_t kMostHits = 10'000;

// What a bare machine shows instead of events and output.
struct BareOutcome {
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
  kernel::ExitStatus exit;
  bool cycles_used_up = false;
  std::string output;
  std::string error_output;
  std::vector<EventResult> events;  // in the file's order
  std::uint64_t cycles = 0;         // on the clock of CPU 0 at the end
  std::uint64_t memory_checksum = 0;
  std::shared_ptr<const SymbolTable> symbols;  // of the program that ran
  std::optional<BareOutcome> bare;  // it ran on a bare machine, and has none of the above but the last three
};

struct RunOptions {
  BuildOptions build;
  machine::Gear gear = machine::Gear::WatchedPages;
  kernel::TraceSink trace;  // may be empty
};

// Throws InputError for what the file or its program has wrong, std::runtime_error where the engine gives up.
Outcome run(const Scenario& scenario, isa::Isa isa, const RunOptions& options);

}  // namespace trapline::scenario
