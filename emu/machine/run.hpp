// A run of the machine: its CPUs take turns, each with something that it executes, and the run can be left at
// a boundary between two instructions, looked at, and gone on with as if nobody had looked.
#pragma once

#include <cstdint>
#include <optional>

#include "emu/machine/cpu.hpp"
#include "emu/machine/stop.hpp"

namespace trapline::machine {

class Machine;

// Where a run is left.
struct HaltAt {
  // When the clock of some CPU is there or past it. Nothing happens while all sleep: the first to wake is
  // past it.
  std::optional<std::uint64_t> cycle{};
  // After one instruction of that CPU, with what is done for it (a system call, a signal's frame, an
  // interrupt on its way to the handler); a page fault that is resolved is not its end. A CPU that gets no
  // work has none: give a cycle, too.
  std::optional<unsigned> instruction_of{};
};
// Why it was left.
enum class Left : std::uint8_t {
  Ended,  // the run is over
  Cycle,
  Instruction,
  Request,  // Machine::request_halt()
};

// What a CPU runs, and who gets the CPU's stops: a task in user mode; the program of a bare machine. Its
// registers and address space are the CPU's while it has its turn.
class Execution {
 public:
  // Whether it has its CPU, and nothing to do before its next instruction.
  virtual bool goes_on() const = 0;
  // Before the CPU runs on; not where it was left in the midst.
  virtual void enters() {}
  // Takes why the CPU stopped. False: the instruction at the PC has not completed, and begins anew.
  virtual bool stopped(const Stop& stop) = 0;

 protected:
  ~Execution() = default;
};

// A CPU's stretch of time.
struct Turn {
  Cpu* cpu;
  std::uint64_t limit;  // until when, by the CPU's clock
  Execution* execution;
};

// Who gives the CPUs their turns: a scheduler, or, where there is but one program, its machine.
class Turns {
 public:
  virtual bool over() const = 0;
  // Does what comes next, up to where a CPU has something to execute. Nothing: it has none yet.
  virtual std::optional<Turn> next() = 0;
  virtual void end(const Turn& turn) = 0;
  // Whether all is done that an instruction of the CPU has led to.
  virtual bool settled(unsigned cpu) const = 0;

 protected:
  ~Turns() = default;
};

class Run {
 public:
  Run(Machine& machine, Turns& turns) : machine_(machine), turns_(turns) {}

  // As far as `at` says. Throws std::out_of_range where it names a CPU that is not there.
  Left advance(const HaltAt& at);

 private:
  std::optional<Left> halts_between_turns(const HaltAt& at);
  // Why it was left in the midst of the turn; nothing: the turn is over.
  std::optional<Left> run(const Turn& turn, const HaltAt& at);

  Machine& machine_;
  Turns& turns_;
  std::optional<Turn> turn_;         // under way
  bool midst_ = false;               // of a run of its CPU, which did not stop by itself
  std::optional<unsigned> stepped_;  // the CPU whose one instruction is complete
};

}  // namespace trapline::machine
