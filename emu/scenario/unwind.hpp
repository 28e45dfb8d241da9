// Walks a guest's stack by the call frame information of its code (.eh_frame), which compilers write whatever
// else is optimised away. An observer of the machine may do so; Linux's own call chains follow frame pointers
// (perf_callchain_user).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "emu/machine/cpu.hpp"
#include "emu/scenario/dwarf_expression.hpp"

namespace trapline::scenario {

// A file's call frame information.
class UnwindTables {
 public:
  // A file without such information has no callers.
  explicit UnwindTables(const std::filesystem::path& file);
  UnwindTables(std::vector<char> bytes, const std::string& name);
  ~UnwindTables();
  UnwindTables(const UnwindTables&) = delete;
  UnwindTables& operator=(const UnwindTables&) = delete;

  // Of the code at an address of the file's; null: there is none.
  Dwarf_Frame* at(std::uint64_t address);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A function that has begun and not returned.
struct Frame {
  std::uint64_t pc = 0;   // where it is, or goes on
  std::uint64_t cfa = 0;  // the canonical frame address: what the stack pointer is when it has returned
  std::uint64_t return_address = 0;  // 0: nobody's
};

// What UnwindTables::at() has for an address of the guest's.
using FindFrame = std::function<Dwarf_Frame*(std::uint64_t pc)>;

// From the innermost outwards, each with the registers as they are in it, until `visit` says false.
using VisitFrame = std::function<bool(const Frame& frame, const DwarfRegisters& registers)>;
void walk_stack(machine::Cpu& cpu, const GuestLoad& load, const FindFrame& find, const VisitFrame& visit);

}  // namespace trapline::scenario
