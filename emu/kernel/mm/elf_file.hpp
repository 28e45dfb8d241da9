// An ELF program as the kernel reads it: its header and its program headers, and nothing else of the file.
#pragma once

#include <elf.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "emu/kernel/mm/file_bytes.hpp"
#include "isa/isa.hpp"

namespace trapline::kernel {

// The file cannot run here; what() says why and what to do, without the file's name, and `number` is what
// execve(2) says of it.
class ElfError : public std::runtime_error {
 public:
  ElfError(int error, const std::string& why) : std::runtime_error(why), number(error) {}

  int number;
};

struct ElfFile {
  FileBytes content;
  std::string name;  // the path that mappings of it show
  isa::Isa isa{};
  Elf64_Ehdr header{};  // these in the host's byte order
  std::vector<Elf64_Phdr> segments{};

  bool position_independent() const { return header.e_type == ET_DYN; }
};

// Throws ElfError(ENOEXEC).
ElfFile read_elf(FileBytes content, std::string name);
// The same of any type: of which an interpreter is, Linux asks when it is too late for an error.
ElfFile read_interpreter(FileBytes content, std::string name);

// The program interpreter that it names (PT_INTERP). Throws ElfError.
std::optional<std::string> interpreter_of(const ElfFile& program);

// Whether its stack is to be executable (PT_GNU_STACK).
bool wants_executable_stack(const ElfFile& program);

// Refuses what Linux would start all the same, only to see it die of a signal that explains nothing. Throws
// ElfError.
void check_soundness(const ElfFile& program);

}  // namespace trapline::kernel
