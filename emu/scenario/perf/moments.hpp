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
  // What changes nothing for the guest can come in the midst of an instruction's observers; what does comes
  // after it.
  enum class When : std::uint8_t { AtOnce, Between };

  Moments(const SymbolTable& symbols, CallChains& callers, kernel::Kernel& kernel)
      : symbols_(symbols), callers_(callers), kernel_(kernel), points_(kernel) {}
  Moments(const Moments&) = delete;
  Moments& operator=(const Moments&) = delete;

  // Throws PlaceError for a function that the program does not have.
  void plan(const Moment& moment, When when, Come come);
  // After all plans. `main` runs the program, of which nothing has run yet.
  void start(const kernel::Task& main);

  // A perf event has overflowed, for that time; what was planned comes when it has done all that it sets
  // off, before the CPU goes on.
  void overflowed(std::size_t event, std::uint64_t number, const kernel::PerfOccurrence& at);
  // An observer's event.
  void observed(std::size_t event, std::uint64_t number, machine::Cpu& cpu);

 private:
  struct Plan {
    std::optional<std::uint64_t> number;
    When when = When::AtOnce;
    Come come;
  };
  using Plans = std::vector<Plan>;
  // A call whose function has yet to set up its frame.
  struct Entered {
    int task = 0;
    std::uint64_t frame = 0;  // 0: not known
    std::uint64_t number = 0;
  };
  struct Function {
    std::vector<SymbolTable::Code> code;
    Plans begins;
    Plans returns;
    std::uint64_t calls = 0;
    std::vector<Entered> entered;
  };
  static void come(const Plans& plans, std::uint64_t number, kernel::Task* task);
  void enters(Function& function, const SymbolTable::Code& code, machine::Cpu& cpu, kernel::Task& task);
  void begins(Function& function, machine::Cpu& cpu, kernel::Task& task);
  void between(const Plan& plan, machine::Cpu& cpu, kernel::Task* task);

  const SymbolTable& symbols_;
  CallChains& callers_;
  kernel::Kernel& kernel_;
  std::vector<std::pair<std::uint64_t, Come>> cycles_;
  std::map<std::size_t, Plans> hits_;          // by event
  std::map<std::string, Function> functions_;  // by name
  ProgramPoints points_;
};

}  // namespace trapline::scenario
