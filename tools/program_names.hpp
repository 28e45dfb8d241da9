// The names and callers of the program that a guest begins with, as its file has them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::tools {

// What a task has begun with: of a script the interpreter.
struct ProgramFile {
  // `given` is null where the program lies in the root folder.
  ProgramFile(const kernel::Task& task, kernel::FileBytes given)
      : name(task.executable), load_bias(task.mm->places.load_bias), image(std::move(given)) {}

  std::string name;  // as the guest's kernel knows it
  std::uint64_t load_bias = 0;
  kernel::FileBytes image;
};

class ProgramNames {
 public:
  // `task` opens the file, where that lies in the root folder. Throws std::runtime_error where it cannot be
  // read.
  ProgramNames(const ProgramFile& program, kernel::Kernel& kernel, kernel::Task& task);
  ProgramNames(const ProgramNames&) = delete;
  ProgramNames& operator=(const ProgramNames&) = delete;

  const scenario::SymbolTable& symbols() const { return symbols_; }
  scenario::CallChains& callers() { return callers_; }

 private:
  ProgramNames(const ProgramFile& program, const std::vector<char>& bytes);

  scenario::SymbolTable symbols_;
  scenario::Unwinder unwinder_;
  scenario::CallChains callers_{symbols_, unwinder_};
};

}  // namespace trapline::tools
