// The requests of ptrace(2) about debug registers that PPC64 has for itself
// (Documentation/powerpc/ptrace.rst).
#pragma once

#include "debugunit/debug_unit.hpp"
#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class HwBreakpoints;
struct Syscall;
class Task;

namespace ppc64_arch {

// The registers that there are, and who keeps what is in them.
struct DebugRegisters {
  HwBreakpoints& hw_breakpoints;
  debugunit::Model model;
  unsigned slots;
};

// PTRACE_GET_DEBUGREG and _SET_DEBUGREG, which know one DABR, and PPC_PTRACE_GETHWDBGINFO, _SETHWDEBUG and
// _DELHWDEBUG, which know all registers that there are. EIO: another request. What is set is one-shot, and
// triggers before the access.
SyscallResult ptrace_request(Syscall& call, Task& target, const DebugRegisters& registers);

}  // namespace ppc64_arch

}  // namespace trapline::kernel
