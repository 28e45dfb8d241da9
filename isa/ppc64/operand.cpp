#include "isa/ppc64/operand.hpp"

#include <algorithm>

#include "isa/ppc64/fields.hpp"

namespace trapline::isa::ppc64 {

namespace {

constexpr std::uint64_t kQuadword = 16;
constexpr std::uint64_t kCacheBlock = 128;

using Get = std::function<std::uint64_t(Reg)>;

Access access(AccessKind kind, std::uint64_t first, std::uint64_t size) {
  return {GuestVa(first), static_cast<std::uint32_t>(size), kind};
}
Access aligned(AccessKind kind, std::uint64_t address, std::uint64_t size) {
  return access(kind, address & ~(size - 1), size);
}

std::uint64_t displacement(std::uint32_t word, std::uint32_t mask) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<std::int16_t>(word & mask)));
}

// Power ISA v2.06 and v3.0, Book I: 3.3.5 and 3.3.6 (multiple, string), 4.6 (floating-point pairs), 6.7
// (vector), 7.6 (VSX); Book II, 4.3.2 (dcbz).
std::optional<Access> indexed(std::uint32_t word, std::uint64_t base, const Get& get) {
  using enum AccessKind;
  const std::uint64_t index = get(gpr(rb(word)));
  constexpr std::uint64_t kStringLength = 0x7f;  // of XER
  constexpr unsigned kLength = 56;               // stxvl's, in the highest byte of RB
  switch (extended_opcode(word)) {
    case 597:  // lswi
      return access(Read, base, rb(word) == 0 ? 32 : rb(word));
    case 725:  // stswi
      return access(Write, base, rb(word) == 0 ? 32 : rb(word));
    case 533:  // lswx
      return access(Read, base + index, get(Reg::xer) & kStringLength);
    case 661:  // stswx
      return access(Write, base + index, get(Reg::xer) & kStringLength);
    case 103:  // lvx
    case 359:  // lvxl
      return aligned(Read, base + index, kQuadword);
    case 231:  // stvx
    case 487:  // stvxl
      return aligned(Write, base + index, kQuadword);
    case 135:  // stvebx
      return access(Write, base + index, 1);
    case 167:  // stvehx
      return aligned(Write, base + index, 2);
    case 199:  // stvewx
      return aligned(Write, base + index, 4);
    case 1014:  // dcbz
      return aligned(Write, base + index, kCacheBlock);
    case 397:  // stxvl
    case 429:  // stxvll
      return access(Write, base, std::min(index >> kLength, kQuadword));
    case 791:  // lfdpx
    case 268:  // lxvx, and with the reserved bit
    case 300:
    case 780:  // lxvw4x
    case 812:  // lxvh8x
    case 844:  // lxvd2x
    case 876:  // lxvb16x
      return access(Read, base + index, kQuadword);
    case 919:   // stfdpx
    case 396:   // stxvx
    case 908:   // stxvw4x
    case 940:   // stxvh8x
    case 972:   // stxvd2x
    case 1004:  // stxvb16x
      return access(Write, base + index, kQuadword);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Access> storage_operand(std::uint32_t word, const Get& get) {
  using enum AccessKind;
  const std::uint64_t base = ra(word) == 0 ? 0 : get(gpr(ra(word)));
  const std::uint64_t words = base + displacement(word, 0xffff);
  const std::uint64_t doublewords = base + displacement(word, 0xfffc);
  const std::uint64_t quadwords = base + displacement(word, 0xfff0);
  switch (primary_opcode(word)) {
    case 31:
      return indexed(word, base, get);
    case 46:  // lmw
      return access(Read, words, 4u * (32u - rs(word)));
    case 47:  // stmw
      return access(Write, words, 4u * (32u - rs(word)));
    case 56:  // lq
      return access(Read, quadwords, kQuadword);
    case 57:  // lfdp; the others have their own low bits
      return (word & 3) == 0 ? std::optional(access(Read, doublewords, kQuadword)) : std::nullopt;
    case 61:
      switch (word & 7) {
        case 0:  // stfdp
        case 4:
          return access(Write, doublewords, kQuadword);
        case 1:  // lxv
          return access(Read, quadwords, kQuadword);
        case 5:  // stxv
          return access(Write, quadwords, kQuadword);
        default:
          return std::nullopt;
      }
    case 62:  // stq
      return (word & 3) == 2 ? std::optional(access(Write, doublewords, kQuadword)) : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace trapline::isa::ppc64
