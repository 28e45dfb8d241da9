// The hit that a debug exception makes for one breakpoint register.
#pragma once

#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

// To be called when the instruction has executed (or, for an execution, is about to): the watched bytes are
// read now.
BreakpointHit hit_of(machine::Cpu& cpu, Task& task, const machine::DebugException& exception, unsigned slot);

}  // namespace trapline::kernel
