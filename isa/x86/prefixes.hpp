// The prefixes of an x86-64 instruction, and where its opcode starts (SDM vol. 2, 2.1.1 and 2.2.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace trapline::isa::x86 {

struct Prefixes {
  std::uint8_t repeat = 0;    // the last 0xf2 or 0xf3; 0 without one
  std::uint8_t rex = 0;       // 0 without one
  std::uint8_t segment = 0;   // the last 0x64 (FS) or 0x65 (GS); 0 without one
  bool lock = false;          // 0xf0
  bool operand_size = false;  // 0x66
  bool address_size = false;  // 0x67: 32-bit addresses and counts
  std::size_t length = 0;     // of all prefixes, in bytes: the opcode's index

  constexpr bool rex_w() const { return (rex & 0x08) != 0; }
  constexpr bool rex_r() const { return (rex & 0x04) != 0; }
  constexpr bool rex_x() const { return (rex & 0x02) != 0; }
  constexpr bool rex_b() const { return (rex & 0x01) != 0; }
};

Prefixes scan_prefixes(std::span<const std::byte> bytes);

}  // namespace trapline::isa::x86
