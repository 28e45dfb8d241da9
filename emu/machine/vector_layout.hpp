// Where the PPC64 vector registers lie in a CPU state that Unicorn saves. Its interface has the FPRs, but
// neither the VRs nor the other halves of the VSRs, VSCR and VRSAVE; the saved state holds them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "emu/machine/fp_state.hpp"

namespace trapline::machine {

class VectorLayout {
 public:
  // Found out with a processor of its own, once for the process: a program loads patterns into the registers,
  // and they are looked for. Throws std::runtime_error where that fails.
  static const VectorLayout& get();

  // All but FPSCR, which the interface has. `state` is a uc_context.
  void read(std::span<const std::byte> state, VsxState& registers) const;
  void write(std::span<std::byte> state, const VsxState& registers) const;

 private:
  VectorLayout();

  // A byte that differs with a bit of VSCR; several may, since the engine keeps what follows from it beside.
  struct Byte {
    std::size_t at;
    std::byte clear;
    std::byte set;
  };

  std::size_t size_ = 0;  // of the state
  std::size_t vsr_ = 0;   // the first of 64, each a 128-bit number of the host
  std::vector<Byte> nj_;  // VSCR[NJ]
  std::size_t sat_ = 0;   // VSCR[SAT]: set where any of 16 bytes is not zero
  std::size_t vrsave_ = 0;
};

}  // namespace trapline::machine
