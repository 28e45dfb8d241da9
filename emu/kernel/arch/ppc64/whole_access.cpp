#include "emu/kernel/arch/ppc64/whole_access.hpp"

#include <optional>

#include "isa/ppc64/fields.hpp"
#include "isa/ppc64/registers.hpp"

namespace trapline::kernel::ppc64 {

namespace {

using isa::ppc64::extended_opcode;
using isa::ppc64::gpr;
using isa::ppc64::ra;
using isa::ppc64::rb;
using isa::ppc64::rs;

struct Span {
  std::uint64_t first = 0;
  std::uint64_t size = 0;
};

std::uint64_t displacement(std::uint32_t word, std::uint32_t mask) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int16_t>(word & mask)));
}

// Power ISA v2.06 and v3.0, Book I: 3.3.5 and 3.3.6 (multiple, string), 6.7 (vector), 7.6 (VSX).
std::optional<Span> indexed(machine::Cpu& cpu, std::uint32_t word, std::uint64_t base) {
  const std::uint64_t address = base + cpu.get(gpr(rb(word)));
  constexpr std::uint64_t kQuadword = 16;
  constexpr std::uint64_t kStringLength = 0x7f;  // of XER
  switch (extended_opcode(word)) {
    case 597:  // lswi
    case 725:  // stswi
      return Span{base, rb(word) == 0 ? 32u : rb(word)};
    case 533:  // lswx
    case 661:  // stswx
      return Span{address, cpu.get(isa::ppc64::Reg::xer) & kStringLength};
    case 103:  // lvx
    case 359:  // lvxl
    case 231:  // stvx
    case 487:  // stvxl
      return Span{address & ~(kQuadword - 1), kQuadword};
    case 268:   // lxvx, and with the next opcode's low bit for registers
    case 300:   // lxvx of the upper ones
    case 396:   // stxvx
    case 780:   // lxvw4x
    case 812:   // lxvh8x
    case 844:   // lxvd2x
    case 876:   // lxvb16x
    case 908:   // stxvw4x
    case 940:   // stxvh8x
    case 972:   // stxvd2x
    case 1004:  // stxvb16x
      return Span{address, kQuadword};
    default:
      return std::nullopt;
  }
}

std::optional<Span> analyse(machine::Cpu& cpu, std::uint32_t word) {
  const std::uint64_t base = ra(word) == 0 ? 0 : cpu.get(gpr(ra(word)));
  constexpr std::uint32_t kQuadwordForm = 0xfff0;
  switch (isa::ppc64::primary_opcode(word)) {
    case 31:
      return indexed(cpu, word, base);
    case 46:  // lmw
    case 47:  // stmw
      return Span{base + displacement(word, 0xffff), 4u * (32u - rs(word))};
    case 56:  // lq
      return Span{base + displacement(word, kQuadwordForm), 16};
    case 61:  // lxv and stxv; the others have their own low bits
      if ((word & 3) != 1) return std::nullopt;
      return Span{base + displacement(word, kQuadwordForm), 16};
    case 62:  // stq
      if ((word & 3) != 2) return std::nullopt;
      return Span{base + displacement(word, 0xfffc), 16};
    default:
      return std::nullopt;
  }
}

}  // namespace

isa::Access whole_access(machine::Cpu& cpu, std::uint32_t word, const isa::Access& part) {
  const auto whole = analyse(cpu, word);
  if (!whole || whole->size < part.size) return part;
  const std::uint64_t skip = part.address.value - whole->first;  // what begins before it is far away
  if (skip > whole->size - part.size) return part;
  return {isa::GuestVa(whole->first), static_cast<std::uint32_t>(whole->size), part.kind};
}

}  // namespace trapline::kernel::ppc64
