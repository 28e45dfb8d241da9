#include "isa/x86/prefixes.hpp"

#include <algorithm>
#include <array>

namespace trapline::isa::x86 {
namespace {

constexpr std::uint8_t kRepne = 0xf2;
constexpr std::uint8_t kRep = 0xf3;
constexpr std::uint8_t kLock = 0xf0;
constexpr std::uint8_t kFs = 0x64;
constexpr std::uint8_t kGs = 0x65;
constexpr std::uint8_t kOperandSize = 0x66;
constexpr std::uint8_t kAddressSize = 0x67;

// LOCK, the segment overrides, operand size and address size.
constexpr std::array<std::uint8_t, 9> kOtherPrefixes{kLock, 0x26, 0x2e,         0x36,        0x3e,
                                                     kFs,   kGs,  kOperandSize, kAddressSize};

constexpr bool is_rex(std::uint8_t byte) { return (byte & 0xf0) == 0x40; }

}  // namespace

Prefixes scan_prefixes(std::span<const std::byte> bytes) {
  Prefixes result;
  for (const std::byte raw : bytes) {
    const auto byte = std::to_integer<std::uint8_t>(raw);
    if (byte == kRepne || byte == kRep) {
      result.repeat = byte;
      result.rex = 0;
    } else if (is_rex(byte)) {
      result.rex = byte;
    } else if (std::ranges::find(kOtherPrefixes, byte) != kOtherPrefixes.end()) {
      result.address_size |= byte == kAddressSize;
      result.lock |= byte == kLock;
      result.operand_size |= byte == kOperandSize;
      if (byte == kFs || byte == kGs) result.segment = byte;
      result.rex = 0;  // a REX prefix counts only directly before the opcode
    } else {
      break;
    }
    ++result.length;
  }
  return result;
}

}  // namespace trapline::isa::x86
