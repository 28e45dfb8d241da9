// The ELF loader (fs/binfmt_elf.c) for static programs of either instruction set.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel {

// The file cannot run here; what() says why and what to do, without the file's name.
class ElfError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The instruction set of an ELF image. Throws ElfError where it is no ELF executable, or of another
// instruction set.
isa::Isa elf_isa(const FileContent& image);

struct LoadedProgram {
  GuestVa entry;            // e_entry: on PPC64 ELFv1 the address of a function descriptor
  bool descriptor = false;  // that is the case
  GuestVa headers;          // where the program headers lie in memory (AT_PHDR)
  std::uint64_t header_count = 0;
  bool executable_stack = false;
};

// Maps the image's segments and the heap's start into `mm`. Throws ElfError.
LoadedProgram load_elf(Mm& mm, const FileBytes& image, const std::string& name);

struct StackContent {
  std::vector<std::string> arguments;  // argv[0] onwards
  std::vector<std::string> environment;
  std::string platform;
  std::uint64_t hwcap = 0;
  std::uint64_t hwcap2 = 0;
  std::uint64_t min_signal_stack = 0;
  std::string file_name{};  // AT_EXECFN; argv[0] where it is empty
};

// Maps the stack and writes the arguments, the environment and the auxiliary vector onto it; returns the
// stack pointer. Throws ElfError where they do not fit.
GuestVa set_up_stack(Mm& mm, const LoadedProgram& program, const StackContent& content);

}  // namespace trapline::kernel
