// The stack that a program begins with: its strings, and above its first frame the tables that tell of them
// (fs/exec.c, fs/binfmt_elf.c: create_elf_tables()).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emu/kernel/mm/elf.hpp"
#include "emu/kernel/mm/mm.hpp"

namespace trapline::kernel {

struct StackContent {
  std::vector<std::string> arguments;  // argv[0] onwards
  std::vector<std::string> environment;
  std::string file_name;  // AT_EXECFN
  std::string platform;
  std::uint64_t hwcap = 0;
  std::uint64_t hwcap2 = 0;
  std::uint64_t min_signal_stack = 0;
};

class ProgramStack {
 public:
  // Maps the stack and writes the strings. Throws ElfError(E2BIG) where they do not fit.
  ProgramStack(Mm& mm, StackContent content, bool executable);

  // Writes the tables, when the program is where it will be; returns the stack pointer. Throws ElfError.
  GuestVa create_elf_tables(const LoadedProgram& program);

 private:
  void map(bool executable);
  void push_strings();
  std::uint64_t push(std::string_view bytes, bool remote = true);
  std::vector<std::uint64_t> push_all(const std::vector<std::string>& texts);

  Mm& mm_;
  StackContent content_;
  GuestVa lowest_;  // where the strings must end
  GuestVa at_;
  std::uint64_t file_name_ = 0;  // where they are
  std::vector<std::uint64_t> arguments_;
  std::vector<std::uint64_t> environment_;
};

}  // namespace trapline::kernel
