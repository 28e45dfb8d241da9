// A machine with nothing on it but its program, which runs privileged: no kernel model stands between the
// program and the hardware. The program accesses the debug registers itself and takes exceptions through its
// own handlers. For rules that are the hardware's.
//
// What there is of the privileged architecture, and what is not: docs/scenarios.md, "Bare machines".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/machine/machine.hpp"
#include "emu/machine/run.hpp"

namespace trapline::machine {

// Part of the program. Virtual (effective) and physical (real) addresses are the same.
struct BareSegment {
  GuestVa address;                   // any alignment; pages that two segments share get the union of both
  std::span<const std::byte> bytes;  // at its start
  std::uint64_t size = 0;            // of it in memory, in bytes; the rest is zero
  Permissions permissions;           // x86: with CR0.WP, so also for CPL 0; PPC64: while MSR[DR] or MSR[IR]
};

// A value by the manual's name for it, in small letters.
struct NamedValue {
  std::string_view name;
  std::uint64_t value = 0;
};

// An exception or interrupt as the processor delivered it to the program's handler.
struct ExceptionTaken {
  std::uint64_t cycle = 0;
  std::string_view name;            // x86 "#DB"; PPC64 "data-storage" (bare_exception_names())
  std::uint64_t vector = 0;         // x86: 0 to 255; PPC64: the effective address, 0x300
  std::vector<NamedValue> state{};  // what the architecture says of it just after delivery, before the
                                    // handler's first instruction. x86: rip and rflags as pushed, error where
                                    // the vector has a code, cr2 for #PF, dr6 and dr7 for #DB. PPC64: srr0,
                                    // srr1 (or hsrr0, hsrr1), dar and dsisr where they are set.
};

enum class BareEnd : std::uint8_t {
  Halted,    // x86: HLT; PPC64: attn
  Shutdown,  // x86: a triple fault; PPC64: checkstop
  CyclesUsedUp,
  Unsupported,  // the program did what the bare machine does not model; `message` says what, and where
};

struct BareResult {
  BareEnd end = BareEnd::Halted;
  std::string message;                     // of Unsupported and Shutdown
  GuestVa stopped_at;                      // the PC then
  std::vector<ExceptionTaken> exceptions;  // the first kMostExceptions, in order
  std::uint64_t exceptions_taken = 0;      // all
  std::uint64_t cycles = 0;
  std::uint64_t memory_checksum = 0;
};
inline constexpr std::size_t kMostExceptions = 10'000;

// The names that ExceptionTaken::name and ExceptionTaken::state can have, and the registers that
// BareMachine::read() knows; for checking a scenario before it runs.
std::span<const std::string_view> bare_exception_names(isa::Isa isa);
std::span<const std::string_view> bare_state_names(isa::Isa isa);
std::span<const std::string_view> bare_register_names(isa::Isa isa);

class BareMachine {
 public:
  // The machine must be new. Starts at `entry` (PPC64: the code itself, not a descriptor), on CPU 0, with all
  // general registers zero but the stack pointer (rsp; r1), which is at the end of a stack of 64 KiB just
  // below the end of memory. Throws std::invalid_argument where a segment does not lie in memory below the
  // stack.
  //
  // x86: CPL 0, 64-bit mode, paging and CR0.WP on, an empty IDT, interrupts off, a flat GDT with the
  // selectors 0x08 (code, CPL 0), 0x10 (data, CPL 0), 0x2b (data, CPL 3) and 0x33 (code, CPL 3), and CR4.DE
  // clear. PPC64: MSR = SF, HV, ME: hypervisor state, real mode.
  BareMachine(Machine& machine, std::span<const BareSegment> segments, GuestVa entry);
  ~BareMachine();
  BareMachine(const BareMachine&) = delete;
  BareMachine& operator=(const BareMachine&) = delete;

  // Until the program ends; at the latest when the CPU's clock is at max_cycles.
  BareResult run(std::uint64_t max_cycles);
  // As far as `at` says, and on from there the next time. An instruction that faults ends where its handler
  // begins.
  Left advance(std::uint64_t max_cycles, const HaltAt& at);
  // What has happened so far; the end, once advance() says Left::Ended.
  BareResult result() const;

  // A register by its name in bare_register_names(), as it is now.
  std::optional<std::uint64_t> read(std::string_view name);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trapline::machine
