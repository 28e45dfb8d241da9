// The debug registers that a tracer sees in struct user (arch/x86/kernel/ptrace.c): breakpoints of the kernel
// behind the face of DR0 to DR7.
#pragma once

#include <cstdint>

#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/result.hpp"

namespace trapline::kernel {

class Task;

namespace x86_arch {

// `offset`: in struct user, from offsetof(struct user, u_debugreg) on. DR4 and DR5 read as 0, and cannot be
// written (EIO).
Result<std::uint64_t> ptrace_get_debugreg(const Task& task, std::uint64_t offset);
// DR7 is taken whole or not at all: what it asks for has to be possible (EINVAL) and to fit (ENOSPC).
Status ptrace_set_debugreg(HwBreakpoints& breakpoints, Task& task, std::uint64_t offset, std::uint64_t value);

}  // namespace x86_arch

}  // namespace trapline::kernel
