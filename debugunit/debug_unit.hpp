// A CPU's debug unit: pure logic that answers, for one access, whether an armed breakpoint matches it and
// when the trap comes. It knows no engine and no kernel; whoever executes guest code asks it, and it never
// reaches back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "isa/access.hpp"
#include "isa/isa.hpp"

namespace trapline::debugunit {

// When the exception is taken, relative to the instruction that matched.
enum class Timing : std::uint8_t {
  Before,  // a fault: the instruction has not executed (x86 instruction breakpoints, every PPC64 match)
  After,   // a trap: the instruction, or the REP iteration, is complete (x86 data breakpoints)
};

struct Match {
  std::uint32_t slots = 0;  // bit n: breakpoint register n matched
  Timing timing = Timing::Before;

  constexpr bool operator==(const Match&) const = default;
};

// Which level of privilege makes the access; units with privilege filters ask (DABRX, DAWRX).
enum class Privilege : std::uint8_t { User, Kernel, Hypervisor };

// A span of guest bytes that an armed breakpoint could match: what the executing side must not let pass
// unseen.
struct Watched {
  unsigned slot = 0;  // which breakpoint register
  isa::GuestVa first;
  std::uint32_t size = 0;  // bytes; for an instruction breakpoint 1
  bool execute = false;

  constexpr bool operator==(const Watched&) const = default;
};

// The registers by their manuals' names. One enumeration serves all units; each answers for its own.
enum class Register : std::uint8_t { Dr0, Dr1, Dr2, Dr3, Dr6, Dr7, Dabr, Dabrx };

std::string_view name(Register reg);  // "DR0" … "DABRX"

class DebugUnit {
 public:
  virtual ~DebugUnit() = default;

  // How many breakpoints can be armed at once.
  virtual unsigned slots() const = 0;

  // The match of one access, or nothing. Pure: asking changes nothing.
  virtual std::optional<Match> match(const isa::Access& access, Privilege privilege) const = 0;

  // Every span that some armed breakpoint could match, in slot order. Empty when nothing is armed.
  virtual std::vector<Watched> watched() const = 0;

  // Raw register access, as a privileged move would do it; reserved bits read as the manual fixes them. A
  // register that this unit does not have reads as 0 and ignores writes.
  virtual std::uint64_t read(Register reg) const = 0;
  virtual void write(Register reg, std::uint64_t value) = 0;

  // The processor takes the exception for `match`: what the unit itself records of it (x86: DR6.B0–B3,
  // sticky).
  virtual void record(const Match& match) = 0;
  // The processor takes a single-step exception (x86: DR6.BS).
  virtual void record_single_step() = 0;

 protected:
  DebugUnit() = default;
  DebugUnit(const DebugUnit&) = default;
  DebugUnit& operator=(const DebugUnit&) = default;
};

// The unit that a CPU of this instruction set has: DR0–DR7, or DABR with DABRX.
std::unique_ptr<DebugUnit> make_debug_unit(isa::Isa isa);

}  // namespace trapline::debugunit
