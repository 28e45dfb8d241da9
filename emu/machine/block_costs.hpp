// The cycles of a run of guest code, found by decoding it once. The engine asks at every block it enters, so
// a hit must cost next to nothing: a direct-mapped table by virtual address, backed by one by physical
// address that outlives a context switch.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "emu/machine/address_space.hpp"
#include "emu/machine/intercepts.hpp"
#include "isa/cost.hpp"
#include "isa/decode.hpp"

namespace trapline::machine {

class BlockCosts {
 public:
  static constexpr std::size_t kLongestInstruction = 15;  // bytes

  BlockCosts(isa::Isa isa, const isa::CostTable& table, PhysicalMemory& memory, bool bare, bool hooked);

  // The cost of entering the block [address, address + size): the sum over its instructions. `space` is where
  // the engine translates; instructions that cannot be read or decoded cost as InstructionClass::System. A
  // block with an instruction that must be intercepted (intercepts.hpp), and that the engine was not yet told
  // of, costs this; take_intercepts() tells which.
  static constexpr std::uint64_t kRefused = 1ull << 62;
  std::uint64_t of(const AddressSpace& space, std::uint64_t address, std::uint32_t size) {
    undecodable_.reset();
    const Line* const line = known(address, size);
    return line != nullptr ? line->cycles : look_up(space, address, size);
  }
  struct Line {
    std::uint64_t address = 1;  // no block of size 0 exists, so the empty line never matches
    std::uint32_t size = 0;
    std::uint32_t generation = 0;  // of what the addresses stand for; lines of an older one are forgotten
    std::uint64_t cycles = 0;
  };
  // The line of a block that was looked up before, or null.
  const Line* known(std::uint64_t address, std::uint32_t size) const {
    const Line& line = lines_[line_of(address, size)];
    return line.address == address && line.size == size && line.generation == generation_ ? &line : nullptr;
  }

  // The instructions for which blocks were refused since the last call. From now on they are known.
  std::vector<GuestVa> take_intercepts() { return std::exchange(new_intercepts_, {}); }

  // The first instruction of the block that of() was last asked about that is none to the decoder. What the
  // block has behind it is not in its cost. (The engine may know it.)
  std::optional<GuestVa> undecodable() const { return undecodable_; }

  // What the instruction at `address` is.
  isa::Instruction instruction(const AddressSpace& space, GuestVa address) const;
  // The bytes of code there, as far as they are mapped; at most those of the longest instruction.
  class Code {
   public:
    // NOLINTNEXTLINE(google-explicit-constructor): it is nothing else
    operator std::span<const std::byte>() const { return std::span(bytes_).first(size_); }

   private:
    friend class BlockCosts;
    std::array<std::byte, kLongestInstruction> bytes_{};
    std::size_t size_ = 0;
  };
  Code code(const AddressSpace& space, GuestVa address) const {
    Code code;
    code.size_ = fetch(space, address, std::span(code.bytes_).first(longest_));
    return code;
  }
  Intercept intercept(const AddressSpace& space, GuestVa address) const;
  std::uint64_t of(const isa::Instruction& instruction) const { return table_.of(instruction); }

  // Another address space, or other code under the same addresses.
  void forget_virtual();
  // Other code in the granule.
  void forget(GuestPa granule);

 private:
  // The same code is entered as blocks of several sizes: whole, and cut short by an exception or a step.
  static std::uint32_t key_in_granule(GuestPa address, std::uint32_t size) {
    return static_cast<std::uint32_t>(address.offset_in(kGranule)) << 13 | size;
  }
  static std::size_t line_of(std::uint64_t address, std::uint32_t size) {
    return (address ^ (address >> 12) ^ (std::uint64_t{size} << 6)) % kLines;
  }
  static constexpr std::size_t kLines = 4096;

  std::uint64_t look_up(const AddressSpace& space, std::uint64_t address, std::uint32_t size);
  // Copies code from `address` and returns how many bytes of it; fewer than fit where a page is missing.
  std::size_t fetch(const AddressSpace& space, GuestVa address, std::span<std::byte> to) const;

  struct Decoded {
    isa::Instruction instruction;
    Intercept intercept = Intercept::None;
  };
  // Of the instruction that `code` starts with. x86: its size and class depend on its bytes alone, so what
  // was found for them is kept. The same code comes here again and again: in blocks that begin at other
  // places of it, and when it was written.
  Decoded decode(std::span<const std::byte> code, GuestVa address) const;
  struct Remembered {
    std::uint64_t bytes = 0;  // from the instruction's first on
    Decoded decoded;          // of size 0: nothing
  };
  static constexpr std::size_t kRemembered = 4096;

  isa::Isa isa_;
  isa::CostTable table_;
  isa::Decoder decoder_;
  PhysicalMemory& memory_;
  std::size_t longest_;  // bytes of the longest instruction
  bool bare_;            // MachineSpec::bare
  bool hooked_;          // intercept_of()
  std::uint32_t generation_ = 1;
  std::array<Line, kLines> lines_{};
  mutable std::vector<Remembered> remembered_;
  std::unordered_map<std::uint64_t, std::unordered_map<std::uint32_t, std::uint64_t>> by_granule_;
  std::unordered_set<std::uint64_t> intercepts_;  // virtual addresses; never iterated
  std::vector<GuestVa> new_intercepts_;
  std::optional<GuestVa> undecodable_;
};

}  // namespace trapline::machine
