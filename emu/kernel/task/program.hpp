// A program as execve(2) takes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/mm/elf_file.hpp"

namespace trapline::kernel {

struct Program {
  ElfFile elf;  // its name is the path as the kernel knows the file
  std::optional<ElfFile> interpreter{};
  std::string file_name{};  // as the program that asked named it (AT_EXECFN)
  std::vector<std::string> arguments{};
  std::vector<std::string> environment{};
  bool by_descriptor = false;  // and not by a name

  std::string comm() const;  // what the task is called then
};

}  // namespace trapline::kernel
