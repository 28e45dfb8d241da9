// Walks a guest's stack by the call frame information of its program (.eh_frame), which compilers write
// whatever else is optimised away. An observer of the machine may do so; Linux's own call chains follow frame
// pointers (perf_callchain_user).
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

class Unwinder {
 public:
  using Load = GuestLoad;

  // A program without such information has no callers.
  explicit Unwinder(const std::filesystem::path& program);
  Unwinder(std::vector<char> bytes, const std::string& name);
  ~Unwinder();
  Unwinder(const Unwinder&) = delete;
  Unwinder& operator=(const Unwinder&) = delete;

  // The program was loaded so many bytes above where its file has it.
  void relocate(std::uint64_t bias) { bias_ = bias; }

  // A function that has begun and not returned.
  struct Frame {
    std::uint64_t pc = 0;   // where it is, or goes on
    std::uint64_t cfa = 0;  // the canonical frame address: what the stack pointer is when it has returned
    std::uint64_t return_address = 0;  // 0: nobody's
  };
  // From the innermost outwards, each with the registers as they are in it, until `visit` says false.
  using Visit = std::function<bool(const Frame& frame, const DwarfRegisters& registers)>;
  void walk(machine::Cpu& cpu, const Load& load, const Visit& visit);

  // From the innermost; at most so many, and none beyond the one that begins at `up_to`.
  std::vector<Frame> frames(machine::Cpu& cpu, const Load& load, std::size_t most,
                            std::uint64_t up_to = ~std::uint64_t{0});

  // Where the functions that called the one at the CPU's PC go on, from the innermost; at most so many.
  std::vector<std::uint64_t> callers(machine::Cpu& cpu, const Load& load, std::size_t most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::uint64_t bias_ = 0;
};

}  // namespace trapline::scenario
