// x86-64: the shared object that the kernel maps into every program (arch/x86/entry/vdso). Its functions make
// the system calls that they stand for, as Linux's do where the clock cannot be read in user mode: the time
// stamp counters of this machine's CPUs run apart by as much as their clocks do, and a time that was read
// must never be later than one that is read after it.
#pragma once

#include <cstddef>
#include <vector>

#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel::x86_arch {

// The object's file, which works wherever it is mapped.
std::vector<std::byte> vdso_image();

// Maps it (Mm::vdso), and below it the four pages of [vvar], in which Linux keeps what its functions read.
void map_vdso(Mm& mm);

}  // namespace trapline::kernel::x86_arch
