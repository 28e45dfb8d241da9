// x86-64: the vsyscall page, which old programs call at fixed addresses for the time and the CPU
// (arch/x86/entry/vsyscall, "vsyscall=xonly"): nothing is mapped there, and a fetch that fails makes the
// call.
#pragma once

#include "emu/kernel/arch/arch.hpp"

namespace trapline::kernel {

class Task;

namespace x86_arch {

inline constexpr isa::GuestVa kVsyscallPage{0xffffffffff600000};

// False: there is no function at that address, or no caller to return to.
bool emulate_vsyscall(machine::Cpu& cpu, Task& task, isa::GuestVa address, const Arch::MakeCall& call);

}  // namespace x86_arch
}  // namespace trapline::kernel
