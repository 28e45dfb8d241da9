// Tells when a run comes to the moments that a scenario names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/perf/spec.hpp"
#include "emu/scenario/program_points.hpp"
#include "emu/scenario/symbols.hpp"

namespace trapline::scenario {

class Moments {
 public:
  // `task`: who has come there; null: nobody, it is a time.
  using Come = std::function<void(kernel::Task* task)>;

  Moments(const SymbolTable& symbols, CallChains& callers, kernel::Kernel& kernel)
      : symbols_(symbols), callers_(callers), kernel_(kernel), points_(kernel) {}
  Moments(const Moments&) = delete;
  Moments& operator=(const Moments&) = delete;

  // Throws PlaceError for a function that the program does not have.
  void plan(const Moment& moment, Come come);
  // After all plans. `main` runs the program, of which nothing has run yet.
  void start(const kernel::Task& main);

  // A perf event has overflowed, for that time; what was planned comes when it has done all that it sets
  // off, before the CPU goes on.
  void overflowed(std::size_t event, std::uint64_t number, const kernel::PerfOccurrence& at);
  // An observer's event. What was planned comes at once.
  void observed(std::size_t event, std::uint64_t number, kernel::Task* task);

 private:
  struct Plan {
    std::optional<std::uint64_t> number;
    Come come;
  };
  using Plans = std::vector<Plan>;
  struct Function {
    std::vector<std::uint64_t> bodies;
    Plans begins;
    Plans returns;
    std::uint64_t calls = 0;
  };
  static void come(const Plans& plans, std::uint64_t number, kernel::Task* task);
  void begun(Function& function, machine::Cpu& cpu, kernel::Task& task);

  const SymbolTable& symbols_;
  CallChains& callers_;
  kernel::Kernel& kernel_;
  std::vector<std::pair<std::uint64_t, Come>> cycles_;
  std::map<std::size_t, Plans> hits_;          // by event
  std::map<std::string, Function> functions_;  // by name
  ProgramPoints points_;
};

}  // namespace trapline::scenario
