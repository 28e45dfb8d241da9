// What an instruction set keeps for each thread beside its registers (struct thread_struct, and the parts of
// struct pt_regs that no register holds).
#pragma once

#include <array>
#include <cstdint>

#include "emu/machine/stop.hpp"
#include "isa/access.hpp"

namespace trapline::kernel {

// PPC64: a breakpoint whose access is being stepped over, and what the hit was before the access.
struct SteppedOver {
  std::uint64_t event = 0;  // PerfEvent::id; 0: none
  isa::GuestVa instruction{};
  isa::Access access{};
  machine::WatchedBytes before{};
  bool told = false;  // BreakpointPolicy::before_execution: its callback has been called
};

struct ThreadArch {
  bool user_single_step = false;  // TIF_SINGLESTEP: the thread's tracer asked for a step
  bool forced_tf = false;         // x86 TIF_FORCED_TF: and the trap flag is set for that alone

  // x86 orig_rax: the number of the system call that the thread is in, or -1. PPC64 orig_gpr3: the call's
  // first argument.
  std::uint64_t orig = ~std::uint64_t{0};
  bool compat_call = false;  // x86: that call came by INT 0x80 (TS_COMPAT)
  // PPC64 pt_regs::trap: 0xc00 in a system call, 0x300 after a data storage interrupt and so on; 0 once a
  // signal or a tracer changed where the thread goes on.
  std::uint64_t trap = 0;

  std::array<SteppedOver, 2> last_hit{};  // PPC64, by register (thread_struct::last_hit_ubp)

  // x86: of the last exception that became a signal, as a handler's ucontext shows it
  // (thread_struct::trap_nr, error_code, cr2). PPC64: dar and dsisr in the last two.
  std::uint64_t trap_number = 0;
  std::uint64_t error_code = 0;
  std::uint64_t fault_address = 0;
};

}  // namespace trapline::kernel
