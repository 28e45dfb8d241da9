#include "emu/machine/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <variant>

#include "emu/machine/machine.hpp"

namespace trapline::machine {

Left Run::advance(const HaltAt& at) {
  if (at.instruction_of && *at.instruction_of >= machine_.cpus())
    throw std::out_of_range(fmt::format("there is no CPU {}", *at.instruction_of));
  for (;;) {
    if (!turn_) {
      if (turns_.over()) return Left::Ended;
      // Before anybody is asked for the next turn, who may draw lots for it.
      if (const auto left = halts_between_turns(at)) return *left;
      turn_ = turns_.next();
      if (!turn_) continue;
    }
    if (const auto left = run(*turn_, at)) return *left;
    turns_.end(*turn_);
    turn_.reset();
  }
}

std::optional<Left> Run::halts_between_turns(const HaltAt& at) {
  if (machine_.take_halt_request()) return Left::Request;
  if (stepped_ && turns_.settled(*stepped_)) {
    stepped_.reset();
    return Left::Instruction;
  }
  if (!at.cycle) return std::nullopt;
  for (unsigned cpu = 0; cpu < machine_.cpus(); ++cpu) {
    if (machine_.cpu(cpu).clock() >= *at.cycle) return Left::Cycle;
  }
  return std::nullopt;
}

std::optional<Left> Run::run(const Turn& turn, const HaltAt& at) {
  Cpu& cpu = *turn.cpu;
  const bool one = at.instruction_of == cpu.index();
  while (cpu.clock() < turn.limit && turn.execution->goes_on()) {
    if (machine_.take_halt_request()) return Left::Request;
    if (stepped_ == cpu.index()) {
      stepped_.reset();
      return Left::Instruction;
    }
    if (at.cycle && cpu.clock() >= *at.cycle) return Left::Cycle;
    const std::uint64_t before = cpu.clock();
    const std::uint64_t halt = std::min(at.cycle.value_or(turn.limit), one ? before + 1 : turn.limit);
    if (!midst_) turn.execution->enters();
    const Stop stop = cpu.run(std::min(turn.limit, halt));
    const bool budget = std::holds_alternative<BudgetUsed>(stop);
    midst_ = budget && cpu.clock() < turn.limit;
    const bool complete = midst_ || turn.execution->stopped(stop);
    if (one && complete && (!budget || cpu.clock() != before)) stepped_ = cpu.index();
  }
  return std::nullopt;
}

}  // namespace trapline::machine
