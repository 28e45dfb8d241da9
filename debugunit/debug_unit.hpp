// A CPU's debug unit: pure logic that answers, for one access, whether an armed breakpoint matches it and
// when the trap comes. It knows no engine and no kernel; whoever executes guest code asks it, and it never
// reaches back.
#pragma once

#include <array>
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

// What of the processor's state a comparator looks at besides the access. The defaults are those of a user
// program under a 64-bit Linux.
struct Context {
  Privilege privilege = Privilege::User;
  bool translation = true;       // PPC64, MSR[DR]: data addresses are translated
  bool debug_extensions = true;  // x86, CR4.DE: I/O breakpoints exist

  constexpr bool operator==(const Context&) const = default;
};

// What a debug exception can be about besides a match.
enum class Status : std::uint8_t {
  SingleStep,     // an instruction was completed under RFLAGS.TF, MSR[SE] or MSR[BE]
  GeneralDetect,  // x86, DR7.GD: a debug register was about to be accessed
};

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
enum class Register : std::uint8_t {
  Dr0,
  Dr1,
  Dr2,
  Dr3,
  Dr6,
  Dr7,
  Dabr,
  Dabrx,
  Dawr0,
  Dawrx0,
  Dawr1,
  Dawrx1
};

std::string_view name(Register reg);  // "DR0" … "DAWRX1"

class DebugUnit {
 public:
  virtual ~DebugUnit() = default;

  // How many breakpoints can be armed at once.
  virtual unsigned slots() const = 0;

  // The match of one access, or nothing. Pure: asking changes nothing.
  virtual std::optional<Match> match(const isa::Access& access, const Context& context) const = 0;

  // Every span of memory that some armed breakpoint could match in some context, in slot order. Empty when
  // nothing is armed.
  virtual std::vector<Watched> watched() const = 0;

  // Raw register access, as a privileged move would do it; reserved bits read as the manual fixes them. A
  // register that this unit does not have reads as 0 and ignores writes.
  virtual std::uint64_t read(Register reg) const = 0;
  virtual void write(Register reg, std::uint64_t value) = 0;

  // The processor takes a debug exception for `match`, which may be empty: what the unit itself records of it
  // (x86: DR6.B0–B3).
  virtual void record(const Match& match) = 0;
  // And for another reason, after record(match) of the same exception (x86: BS, BD).
  virtual void record(Status status) = 0;
  // The processor enters the handler of a debug exception (x86: clears DR7.GD, so that the handler can work).
  virtual void enter_handler() = 0;

 protected:
  DebugUnit() = default;
  DebugUnit(const DebugUnit&) = default;
  DebugUnit& operator=(const DebugUnit&) = default;
};

// The units there are; which processors have which: debugunit/x86, debugunit/ppc64.
enum class Model : std::uint8_t {
  DebugRegisters,  // x86: DR0–DR7
  Dabr,            // POWER4 to POWER7: DABR with DABRX
  Dawr,            // POWER8, POWER9: DAWR0 with DAWRX0
  Dawr2,           // POWER10: DAWR0 and DAWR1
};

inline constexpr std::array kAllModels{Model::DebugRegisters, Model::Dabr, Model::Dawr, Model::Dawr2};

// The name used in scenario files and options: "dr", "dabr", "dawr", "dawr2".
std::string_view name(Model model);
std::optional<Model> model_from_name(std::string_view name);

// The model that a CPU has unless told otherwise: DR0–DR7, or DABR.
Model default_model(isa::Isa isa);
isa::Isa isa_of(Model model);

// What some x86 processors have and others have not.
struct Features {
  bool rtm = false;       // transactional memory: DR6.RTM and DR7.RTM
  bool bus_lock = false;  // bus-lock detection: DR6.BLD

  constexpr bool operator==(const Features&) const = default;
};

std::unique_ptr<DebugUnit> make_debug_unit(Model model, Features features = {});

}  // namespace trapline::debugunit
