// PPC64: the shared object that the kernel maps into every program (arch/powerpc/kernel/vdso). Signal
// handlers are called from it and return to it, and it tells unwinders what the signal's frame holds. That is
// all: for the time and the like its functions are not there, and the C library makes system calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel::ppc64_arch {

// Where in the object handlers are called from: __kernel_start_sigtramp_rt64. They return to the next
// instruction, __kernel_sigtramp_rt64.
inline constexpr std::uint64_t kStartSigtramp = 0x100;

// The object's file, of less than a page, which works wherever it is mapped.
std::vector<std::byte> vdso_image();

// Maps it (Mm::vdso). Where there is no place for it, signal frames hold the code, as on Linux; stacks are
// not executable as a rule, so that a handler cannot run then.
void map_vdso(Mm& mm);

}  // namespace trapline::kernel::ppc64_arch
