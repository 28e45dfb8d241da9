// A program as execve(2) takes it.
#pragma once

#include <string>
#include <vector>

#include "emu/kernel/mm/vma.hpp"

namespace trapline::kernel {

struct Program {
  FileBytes image;
  std::string path;       // as the kernel knows the file
  std::string file_name;  // as the program that asked named it (AT_EXECFN)
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  bool by_descriptor = false;  // and not by a name
};

}  // namespace trapline::kernel
