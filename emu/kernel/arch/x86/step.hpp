// Steps that a tracer asked for, and whose the trap flag is (arch/x86/kernel/step.c).
#pragma once

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel::x86_arch {

// `block`: to the next branch that is taken.
void user_enable_single_step(machine::Cpu& cpu, Mm& mm, ThreadArch& thread, bool block);
void user_disable_single_step(machine::Cpu& cpu, ThreadArch& thread);

}  // namespace trapline::kernel::x86_arch
