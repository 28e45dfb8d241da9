// What the bits of a register mean, as data: tables in isa/ and debugunit/, read by reports and by `trapline
// decode`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "isa/isa.hpp"

namespace trapline::isa {

struct BitField {
  std::string_view name;  // the manual's: "R/W0"
  unsigned low = 0;       // its lowest bit, by its weight, whatever the manual's numbering
  unsigned width = 1;
  std::string_view about;                      // what it says
  std::span<const std::string_view> values{};  // what each value of it means, from 0; empty: it is a number

  constexpr std::uint64_t mask() const { return (~std::uint64_t{0} >> (64 - width)) << low; }
  constexpr std::uint64_t of(std::uint64_t value) const { return (value & mask()) >> low; }
};

struct RegisterLayout {
  std::string_view name;  // as scenario files have it: "dr7"
  Isa isa = Isa::X86_64;
  std::string_view about;            // "debug control register"
  std::string_view source;           // the manual's section
  std::span<const BitField> fields;  // from the lowest on; what lies between them is reserved
  std::uint64_t reserved_ones = 0;   // reserved bits that read 1; the others read 0
};

// One line of a decoded value.
struct DecodedField {
  std::string bits;   // by the manual's numbering: "16-17", and on PPC64 from the left, "48:53"
  std::string name;   // "" : reserved
  std::string value;  // "01b", "0x404010"
  std::string meaning;
};

// All fields, and the reserved bits between them, in the manual's order: of x86-64 from the lowest bit on, of
// PPC64 from the highest.
std::vector<DecodedField> decode(const RegisterLayout& layout, std::uint64_t value);

// The fields in which the two differ within `mask`, in words: "BS is 1 (single step), expected 0 (no single
// step)".
std::string difference(const RegisterLayout& layout, std::uint64_t actual, std::uint64_t expected,
                       std::uint64_t mask);

// Those of isa/: RFLAGS, CR0, CR4 and IA32_DEBUGCTL; MSR and DSISR.
std::span<const RegisterLayout> system_register_layouts();

}  // namespace trapline::isa
