#include "isa/ppc64/classify.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "isa/ppc64/fields.hpp"

namespace trapline::isa::ppc64 {
namespace {

// Where a form keeps its extended opcode (Power ISA v2.07, Book I 1.6).
struct Form {
  unsigned shift;
  std::uint32_t mask;

  constexpr std::uint32_t of(std::uint32_t word) const { return (word >> shift) & mask; }
};

namespace form {
constexpr Form D{0, 0};        // none: the primary opcode says all
constexpr Form DS{0, 0x3};     // bits 30-31
constexpr Form X{1, 0x3ff};    // bits 21-30
constexpr Form XO{1, 0x1ff};   // bits 22-30, below OE
constexpr Form XS{2, 0x1ff};   // bits 21-29
constexpr Form A{1, 0x1f};     // bits 26-30
constexpr Form MD{2, 0x7};     // bits 27-29
constexpr Form MDS{1, 0xf};    // bits 27-30
constexpr Form XX2{2, 0x1ff};  // bits 21-29
constexpr Form XX3{3, 0xff};   // bits 21-28
}  // namespace form

enum class Effect : std::uint8_t {
  Plain,
  EndsBlock,
  Branch,  // ends the block, and is a call where LK is set
  Trap,    // ends the block where TO names every condition
  Spr,     // privileged where the number of the special purpose register says so
  Cache,
  // Carried out as several loads or stores:
  Words,       // one for each register up to r31
  Bytes,       // one for each word of the string, whose length is in the instruction
  BytesByXer,  // the same, with the length in XER
  Pair,        // two registers
  Block,       // a cache block, 128 bytes by quadwords
  Element,     // one element of a vector, which is brought into its place first
};

struct Opcode {
  std::uint32_t primary;
  Form form;
  std::uint32_t extended;
  InstructionClass cls;
  Effect effect;
};

constexpr auto kOpcodes = std::to_array<Opcode>({
#define PPC64_OPCODE(mnemonic, primary, form_name, extended, cls, effect) \
  {primary, form::form_name, extended, InstructionClass::cls, Effect::effect},
#include "isa/ppc64/opcodes.inc"
#undef PPC64_OPCODE
});

static_assert(std::ranges::is_sorted(kOpcodes, {}, &Opcode::primary));

constexpr bool lk(std::uint32_t word) { return (word & 1) != 0; }
constexpr std::uint32_t to(std::uint32_t word) { return (word >> 21) & 0x1f; }
constexpr std::uint32_t kToAlways = 31;

constexpr std::uint8_t times(Effect effect, std::uint32_t word) {
  switch (effect) {
    case Effect::Words:
      return static_cast<std::uint8_t>(32 - rs(word));
    case Effect::Bytes: {
      const unsigned bytes = rb(word) == 0 ? 32 : rb(word);
      return static_cast<std::uint8_t>((bytes + 3) / 4);
    }
    case Effect::BytesByXer:
    case Effect::Block:
      return 8;
    case Effect::Pair:
      return 2;
    case Effect::Element:
      return 3;
    default:
      return 1;
  }
}

// Bit spr0 of the register's number tells a privileged one (Book III-S, Move To/From Special Purpose
// Register). The halves of the number are swapped in the word, so that spr0 is bit 11 of the word.
constexpr bool spr_is_privileged(std::uint32_t word) { return ((word >> 20) & 1) != 0; }

}  // namespace

std::optional<Instruction> classify(std::uint32_t word) {
  const std::uint32_t primary = primary_opcode(word);
  const auto first = std::ranges::lower_bound(kOpcodes, primary, {}, &Opcode::primary);
  const auto last = std::ranges::upper_bound(kOpcodes, primary, {}, &Opcode::primary);
  const auto opcode =
      std::find_if(first, last, [word](const Opcode& row) { return row.form.of(word) == row.extended; });
  if (opcode == last) return std::nullopt;

  Instruction result{.size = 4, .cls = opcode->cls, .times = times(opcode->effect, word)};
  switch (opcode->effect) {
    default:
      break;
    case Effect::EndsBlock:
      result.ends_block = true;
      break;
    case Effect::Branch:
      result.ends_block = true;
      if (lk(word)) result.cls = InstructionClass::Call;
      break;
    case Effect::Trap:
      result.ends_block = to(word) == kToAlways;
      break;
    case Effect::Spr:
      if (spr_is_privileged(word)) result.cls = InstructionClass::System;
      break;
    case Effect::Cache:
      result.cache_management = true;
      break;
  }
  return result;
}

}  // namespace trapline::isa::ppc64
