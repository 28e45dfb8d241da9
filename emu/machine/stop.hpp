// Why a run of guest code ended: a value, never a callback. Whoever runs a CPU looks at the alternative and
// acts.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <variant>

#include "debugunit/debug_unit.hpp"
#include "isa/access.hpp"

namespace trapline::machine {

// The bytes under a watched span just before the instruction that matched it (at most the first eight of the
// span).
struct WatchedBytes {
  isa::GuestVa address;
  std::uint8_t size = 0;  // 0: the slot did not match, or its page is not there
  std::array<std::byte, 8> bytes{};
};
inline constexpr unsigned kMostSlots = 4;

// The debug unit matched, or a single step is complete, or both (x86 reports both in one #DB). With
// Timing::Before the PC is at `instruction`, which has not executed; with Timing::After it is past it (or at
// it, between two iterations of a REP).
struct DebugException {
  debugunit::Match match;  // slots may be 0: then only the step
  bool single_step = false;
  isa::GuestVa instruction;  // whose access matched, or that was stepped
  std::span<const isa::Access>
      accesses;  // of that instruction to observed pages, in order; valid until the next run
  std::array<WatchedBytes, kMostSlots> before{};
};

struct SystemCall {};  // the PC is past the instruction

// An access that the page table does not allow. The PC is at the instruction, which has not executed.
struct PageFault {
  isa::GuestVa address;  // somewhere in the granule; Cpu::locate_fault() tells where
  isa::AccessKind kind = isa::AccessKind::Read;
};

// The exceptions a CPU raises by itself, named after what Linux makes of them. The PC is at the instruction,
// but for INT 4 past it.
enum class FaultKind : std::uint8_t {
  IllegalInstruction,     // #UD; emulation assistance
  PrivilegedInstruction,  // #GP; program interrupt with the privileged bit
  DivideError,            // #DE
  FloatingPoint,          // #MF, #XM
  Alignment,              // #AC; alignment interrupt
};
struct Fault {
  FaultKind kind = FaultKind::IllegalInstruction;
  unsigned vector = 0;  // x86: its vector; PPC64: its effective address, 0x700
};

// int3, with the PC past it; PPC64 trap, with the PC at it. Each as its architecture reports it.
struct SoftwareBreakpoint {};

// A system call through the 32-bit gate, int 0x80; the PC is past it.
struct SystemCall32 {};

struct BudgetUsed {};  // the clock reached the limit of the run; the PC is at the next instruction

// The engine gave up in a way that no guest should cause; `what` is its word for it.
struct EngineFailure {
  const char* what = "";
};

using Stop = std::variant<DebugException, SystemCall, SystemCall32, PageFault, Fault, SoftwareBreakpoint,
                          BudgetUsed, EngineFailure>;

}  // namespace trapline::machine
