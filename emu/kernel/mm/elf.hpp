// The ELF loader (fs/binfmt_elf.c): programs of either instruction set, and the interpreters that they name.
#pragma once

#include <cstdint>

#include "emu/kernel/mm/elf_file.hpp"
#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel {

struct LoadedProgram {
  GuestVa start;               // where it begins: in the interpreter, if there is one
  bool descriptor = false;     // that is a function descriptor (PPC64 ELFv1), and
  std::uint64_t bias = 0;      // what the addresses in it lack
  GuestVa entry;               // of the program itself (AT_ENTRY)
  GuestVa interpreter_base{};  // AT_BASE; 0: none
  GuestVa headers;             // where the program headers lie in memory (AT_PHDR)
  std::uint64_t header_count = 0;
};

// Maps the segments of both and the heap's start, where Linux 6.1 does without randomisation. `interpreter`
// may be null. Throws ElfError; Linux, which has let go of the old program by then, kills the process.
LoadedProgram load_elf(Mm& mm, const ElfFile& program, const ElfFile* interpreter);

}  // namespace trapline::kernel
