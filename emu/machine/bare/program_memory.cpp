#include "emu/machine/bare/program_memory.hpp"

#include <fmt/format.h>

#include <map>
#include <stdexcept>

#include "emu/machine/machine.hpp"
#include "isa/byte_order.hpp"

namespace trapline::machine {

ProgramMemory::ProgramMemory(Machine& machine, std::span<const BareSegment> segments)
    : memory_(machine.memory()), pages_(kGranule), stack_end_(machine.memory().size()) {
  const GuestVa stack = stack_end_ - kStackSize;
  std::map<GuestVa, Permissions> wanted;
  for (const BareSegment& segment : segments) {
    const GuestVa end = segment.address + segment.size;
    if (end < segment.address || end > stack || segment.bytes.size() > segment.size) {
      throw std::invalid_argument(
          fmt::format("its part at {:#x} does not lie in the machine's {} MiB below the stack",
                      segment.address.value, machine.memory().size() >> 20));
    }
    for (GuestVa at = segment.address.align_down(kGranule); at < end; at = at + kGranule) {
      Permissions& all = wanted[at];
      all.read |= segment.permissions.read;
      all.write |= segment.permissions.write;
      all.execute |= segment.permissions.execute;
    }
    if (!segment.bytes.empty()) machine.write(GuestPa(segment.address.value), segment.bytes);
  }
  for (GuestVa at = stack; at < stack_end_; at = at + kGranule)
    wanted[at] = {.read = true, .write = true, .execute = false};
  for (const auto& [page, permissions] : wanted) {
    pages_.map(page, GuestPa(page.value), permissions);
    mapped_.push_back(page);
  }
}

// FNV-1a, over the program's pages in order. Most of their bytes are zero, which only multiply: eight at
// once.
std::uint64_t ProgramMemory::checksum() const {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  constexpr std::uint64_t kPrime2 = kPrime * kPrime;
  constexpr std::uint64_t kPrime8 = kPrime2 * kPrime2 * kPrime2 * kPrime2;
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const GuestVa page : mapped_) {
    const auto bytes = memory_.bytes(GuestPa(page.value), kGranule);
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      const auto word = bytes.subspan(at, 8);
      if (isa::load_word(word, std::endian::little) == 0) {
        sum *= kPrime8;
        continue;
      }
      for (const std::byte byte : word) sum = (sum ^ std::to_integer<std::uint64_t>(byte)) * kPrime;
    }
  }
  return sum;
}

}  // namespace trapline::machine
