// An instruction that is carried out outside the engine, with everything that the processor does around it:
// its accesses go through the page table and the debug unit, and once it is complete, the debug exceptions
// that it caused are there. x86 only: on PPC64 no instruction that accesses memory is carried out so.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "emu/machine/cpu.hpp"

namespace trapline::machine {

class EmulatedInstruction {
 public:
  // The one at the PC.
  explicit EmulatedInstruction(Cpu& cpu);

  // Its bytes, as far as they are mapped; at most those of the longest instruction.
  std::span<const std::byte> code() const { return code_; }
  GuestVa address() const { return address_; }

  // As many bytes as the span holds. What is returned is the fault, with nothing read or written.
  std::optional<PageFault> read(GuestVa address, std::span<std::byte> bytes);
  std::optional<PageFault> write(GuestVa address, std::span<const std::byte> bytes);
  // Little-endian words of `size` bytes, one access each, from `address` upwards: what an instruction pops.
  std::optional<PageFault> read_words(GuestVa address, std::size_t size, std::span<std::uint64_t> words);
  // An access to the I/O port, of 1, 2 or 4 bytes.
  void touch_port(std::uint16_t port, std::uint32_t size);

  // It is complete (a REP: its iteration), and the PC moves on to `next`; with `hold`, the debug exceptions
  // wait (Cpu::hold_debug_exceptions()). Returns the debug exception that is due. `step`: whether RFLAGS.TF
  // was set when it began, unless the instruction has other rules.
  std::optional<DebugException> complete(GuestVa next, bool step, bool hold = false);

 private:
  std::optional<PageFault> transfer(isa::Access access, std::span<std::byte> out,
                                    std::span<const std::byte> in);

  Cpu& cpu_;
  GuestVa address_;
  std::vector<std::byte> code_;
  std::array<WatchedBytes, kMostSlots> before_;
  std::vector<isa::Access> accesses_;
};

}  // namespace trapline::machine
