// The names and callers of the program that a guest begins with, and of what it loads.
#pragma once

#include <vector>

#include "emu/scenario/call_chains.hpp"
#include "emu/scenario/loaded_code.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/unwind.hpp"

namespace trapline::tools {

class ProgramNames {
 public:
  // Throws std::runtime_error where its file cannot be read.
  explicit ProgramNames(const scenario::LoadedProgram& program);
  ProgramNames(const ProgramNames&) = delete;
  ProgramNames& operator=(const ProgramNames&) = delete;

  const scenario::SymbolTable& symbols() const { return symbols_; }
  scenario::CallChains& callers() { return callers_; }

 private:
  ProgramNames(const scenario::LoadedProgram& program, const std::vector<char>& bytes);

  scenario::SymbolTable symbols_;
  scenario::UnwindTables tables_;
  scenario::LoadedCode code_;
  scenario::CallChains callers_{code_};
};

}  // namespace trapline::tools
