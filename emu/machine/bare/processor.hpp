// The privileged side of a processor: what the engine, which is always in user mode, refuses is carried out
// here, and exceptions go to the program's own handlers. For a CPU of the machine's, with the memory that the
// program has.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "emu/machine/bare/bare_machine.hpp"
#include "emu/machine/bare/program_memory.hpp"

namespace trapline::machine {

// Who is told what becomes of the program.
class ProgramEvents {
 public:
  virtual void took(ExceptionTaken exception) = 0;
  virtual void ended(BareEnd how, std::string message) = 0;

 protected:
  ~ProgramEvents() = default;
};

class Processor {
 public:
  virtual ~Processor() = default;
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  // Acts on why its CPU stopped.
  virtual void stopped(const Stop& stop) = 0;
  // BareMachine::read().
  virtual std::optional<std::uint64_t> read(std::string_view name) = 0;

 protected:
  Processor(Machine& machine, Cpu& cpu, const ProgramMemory& memory, ProgramEvents& events)
      : machine_(machine), cpu_(cpu), memory_(memory), events_(events) {}

  void took(ExceptionTaken exception);
  // At least one cycle: a handler that cannot be fetched would otherwise be delivered to for ever.
  void charge_delivery();
  void end(BareEnd how, std::string message = {}) { events_.ended(how, std::move(message)); }
  // What only a fuller model would do.
  void unsupported(std::string_view what);

  const ProgramMemory& memory() const { return memory_; }
  const AddressSpace& pages() const { return memory_.pages(); }
  Machine& machine() const { return machine_; }
  Cpu& cpu() const { return cpu_; }

 private:
  Machine& machine_;
  Cpu& cpu_;
  const ProgramMemory& memory_;
  ProgramEvents& events_;
};

// The CPU begins at `entry`, as BareMachine says.
std::unique_ptr<Processor> make_processor(Machine& machine, Cpu& cpu, const ProgramMemory& memory,
                                          ProgramEvents& events, GuestVa entry);

}  // namespace trapline::machine
