// The fields of a PPC64 instruction word (Power ISA v2.07, Book I, 1.6), from the word in host order.
#pragma once

#include <cstdint>

namespace trapline::isa::ppc64 {

constexpr std::uint32_t primary_opcode(std::uint32_t word) { return word >> 26; }
constexpr std::uint32_t extended_opcode(std::uint32_t word) { return word >> 1 & 0x3ff; }  // of the X form
constexpr unsigned rs(std::uint32_t word) { return word >> 21 & 0x1f; }                    // also RT
constexpr unsigned ra(std::uint32_t word) { return word >> 16 & 0x1f; }
// The special register of mtspr and mfspr: the halves of its number are swapped in the word.
constexpr unsigned spr(std::uint32_t word) { return (word >> 16 & 0x1f) | (word >> 11 & 0x1f) << 5; }
constexpr unsigned rb(std::uint32_t word) { return word >> 11 & 0x1f; }

}  // namespace trapline::isa::ppc64
