// PPC64: what perf samples of a thread's registers, and the call chain by the stack's back chain
// (arch/powerpc/perf/perf_regs.c and callchain_64.c).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/perf/callchain.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel::ppc64_arch {

// The bits of PERF_REG_POWERPC_* (asm/perf_regs.h) that can be asked for: all but the extended ones, which
// are those of a processor's PMU.
inline constexpr std::uint64_t kPerfRegs = (std::uint64_t{1} << 45) - 1;

// Those of `mask`, from the lowest bit on; how many they are.
std::size_t perf_regs(machine::Cpu& cpu, const ThreadArch& thread, std::uint64_t mask,
                      std::span<std::uint64_t> out);

// The callers of the function that the thread is in.
void perf_callchain_user(machine::Cpu& cpu, const Mm& mm, PerfCallchain& chain);

}  // namespace trapline::kernel::ppc64_arch
