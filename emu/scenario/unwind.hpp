// Walks a guest's stack by the call frame information of its program (.eh_frame), which compilers write
// whatever else is optimised away. An observer of the machine may do so; Linux's own call chains follow frame
// pointers (perf_callchain_user).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "emu/machine/cpu.hpp"

namespace trapline::scenario {

class Unwinder {
 public:
  // Eight bytes of the guest's memory as a number; nothing where they are not there.
  using Load = std::function<std::optional<std::uint64_t>(isa::GuestVa)>;

  // A program without such information has no callers.
  explicit Unwinder(const std::filesystem::path& program);
  ~Unwinder();
  Unwinder(const Unwinder&) = delete;
  Unwinder& operator=(const Unwinder&) = delete;

  // The program was loaded so many bytes above where its file has it.
  void relocate(std::uint64_t bias) { bias_ = bias; }

  // Where the functions that called the one at the CPU's PC go on, from the innermost; at most so many.
  std::vector<std::uint64_t> callers(machine::Cpu& cpu, const Load& load, std::size_t most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::uint64_t bias_ = 0;
};

}  // namespace trapline::scenario
