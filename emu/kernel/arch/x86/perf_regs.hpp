// x86-64: what perf samples of a thread's registers, and the call chain by frame pointers
// (arch/x86/kernel/perf_regs.c, arch/x86/events/core.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/perf/callchain.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel::x86_arch {

// The bits of PERF_REG_X86_* (asm/perf_regs.h) that can be asked for. Not DS, ES, FS and GS, nor the XMM
// registers, which only a PMU of the processor's gives.
inline constexpr std::uint64_t kPerfRegs = 0x00ff0fff;

// Those of `mask`, from the lowest bit on; how many they are.
std::size_t perf_regs(machine::Cpu& cpu, std::uint64_t mask, std::span<std::uint64_t> out);

// The callers of the function that the thread is in.
void perf_callchain_user(machine::Cpu& cpu, const Mm& mm, PerfCallchain& chain);

}  // namespace trapline::kernel::x86_arch
