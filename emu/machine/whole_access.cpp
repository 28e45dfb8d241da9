#include "emu/machine/whole_access.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "emu/machine/intercepts.hpp"

#include "isa/ppc64/fields.hpp"
#include "isa/ppc64/registers.hpp"
#include "isa/x86/prefixes.hpp"

namespace trapline::machine {

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

// Power ISA v2.06 and v3.0, Book I: 3.3.5 and 3.3.6 (multiple, string), 4.6 (floating-point pairs), 6.7
// (vector), 7.6 (VSX).
std::optional<Span> indexed(Cpu& cpu, std::uint32_t word, std::uint64_t base) {
  const std::uint64_t address = base + cpu.get(gpr(rb(word)));
  constexpr std::uint64_t kQuadword = 16;
  constexpr std::uint64_t kCacheBlock = 128;
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
    case 791:  // lfdpx
    case 919:  // stfdpx
      return Span{address, kQuadword};
    case 1014:  // dcbz
      return Span{address & ~(kCacheBlock - 1), kCacheBlock};
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

std::optional<Span> analyse(Cpu& cpu, std::uint32_t word) {
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
    case 57:  // lfdp
      if ((word & 3) != 0) return std::nullopt;
      return Span{base + displacement(word, 0xfffc), 16};
    case 61:  // stfdp, lxv and stxv; the others have their own low bits
      if ((word & 3) == 0) return Span{base + displacement(word, 0xfffc), 16};
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

isa::Access whole_access(Cpu& cpu, std::uint32_t word, const isa::Access& part) {
  const auto whole = analyse(cpu, word);
  if (!whole || whole->size < part.size) return part;
  const std::uint64_t skip = part.address.value - whole->first;  // what begins before it is far away
  if (skip > whole->size - part.size) return part;
  return {isa::GuestVa(whole->first), static_cast<std::uint32_t>(whole->size), part.kind};
}

void join_parts(Cpu& cpu, isa::GuestVa instruction, std::span<const std::byte> code,
                std::vector<isa::Access>& accesses) {
  if (accesses.size() < 2) return;
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(code);
  const auto opcode = prefixes.length < code.size() ? std::to_integer<unsigned>(code[prefixes.length]) : 0;
  if (opcode == 0xa6 || opcode == 0xa7) return;  // CMPS: two operands, which may lie side by side
  const auto state = x86_state_operand(code, instruction, [&cpu](isa::x86::Reg reg) { return cpu.get(reg); });
  std::vector<isa::Access> whole;
  for (const isa::Access& part : accesses) {
    const bool of_state = state && part.kind == state->kind && part.address >= state->address &&
                          part.address + part.size <= state->address + state->size;
    if (of_state) {
      if (std::ranges::find(whole, *state) == whole.end()) whole.push_back(*state);
    } else if (!whole.empty() && whole.back().kind == part.kind &&
               whole.back().address + whole.back().size == part.address) {
      whole.back().size += part.size;
    } else {
      whole.push_back(part);
    }
  }
  accesses = std::move(whole);
}

}  // namespace trapline::machine
