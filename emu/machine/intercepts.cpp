#include "emu/machine/intercepts.hpp"

#include <algorithm>

#include "isa/byte_order.hpp"
#include "isa/ppc64/fields.hpp"
#include "isa/ppc64/special.hpp"
#include "isa/x86/operand.hpp"
#include "isa/x86/prefixes.hpp"

namespace trapline::machine {

namespace {

constexpr std::byte kLock{0xf0};

constexpr unsigned reg_field(unsigned modrm) { return modrm >> 3 & 7; }
constexpr bool in_memory(unsigned modrm) { return modrm < 0xc0; }

// x86: FXSAVE, XSAVE and its kin, CMPXCHG8B/16B, MASKMOVQ/DQU, the x87 stores of more than eight bytes, and
// what cannot be done twice (Intel SDM vol. 2; the opcode maps of its appendix A).
bool is_x86_helper_store(std::span<const std::byte> code) {
  const std::size_t at = isa::x86::scan_prefixes(code).length;
  const auto byte = [&](std::size_t i) {
    return i < code.size() ? std::to_integer<unsigned>(code[i]) : 0xffu;
  };
  const unsigned opcode = byte(at);
  const unsigned second = byte(at + 1);
  if (opcode == 0x0f) {
    const unsigned modrm = byte(at + 2);
    if (second == 0xae)
      return in_memory(modrm) && (reg_field(modrm) == 0 || reg_field(modrm) == 4 || reg_field(modrm) == 6);
    if (second == 0xc7)
      return in_memory(modrm) && (reg_field(modrm) == 1 || reg_field(modrm) == 4 || reg_field(modrm) == 5);
    return second == 0xf7;
  }
  if (opcode == 0xc8) return true;  // ENTER: several stores, and the later ones see the earlier
  if (!in_memory(second)) return false;
  // RCL, RCR: CF has changed before the store
  const bool rotates = (opcode >= 0xd0 && opcode <= 0xd3) || opcode == 0xc0 || opcode == 0xc1;
  if (rotates) return reg_field(second) == 2 || reg_field(second) == 3;
  if (opcode == 0xdb) return reg_field(second) == 7;  // FSTP m80
  // FNSTENV, FNSAVE, FBSTP
  return (opcode == 0xd9 || opcode == 0xdd || opcode == 0xdf) && reg_field(second) == 6;
}

// x86: MOVS, CMPS, STOS, LODS and SCAS with REP; RDTSC.
bool is_x86_alone(std::span<const std::byte> code) {
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(code);
  const std::span<const std::byte> rest = code.subspan(prefixes.length);
  if (rest.empty()) return false;
  const auto opcode = std::to_integer<unsigned>(rest[0]);
  if (prefixes.repeat != 0 && opcode >= 0xa4 && opcode <= 0xaf) return opcode <= 0xa7 || opcode >= 0xaa;
  return opcode == 0x0f && rest.size() > 1 && rest[1] == std::byte{0x31};
}

// x86: IN, OUT, INS and OUTS. The engine does not look at IOPL, and finds out in the middle of them that it
// may not.
bool is_x86_port_access(unsigned opcode) {
  return (opcode >= 0x6c && opcode <= 0x6f) || (opcode >= 0xe4 && opcode <= 0xe7) ||
         (opcode >= 0xec && opcode <= 0xef);
}

// x86: what looks at the flags, the segments, the descriptor tables, the privilege or the ports, and what
// raises an exception by itself.
bool is_x86_sensitive(std::span<const std::byte> code, bool bare) {
  const std::size_t at = isa::x86::scan_prefixes(code).length;
  const auto byte = [&](std::size_t i) {
    return i < code.size() ? std::to_integer<unsigned>(code[i]) : 0xffu;
  };
  const unsigned second = byte(at + 1);
  if (is_x86_port_access(byte(at))) return true;
  switch (byte(at)) {
    case 0x8e:  // MOV to a segment register
    case 0xcd:  // INT n
    case 0xcf:  // IRET
    case 0xf1:  // INT1
      return true;
    case 0x0f:
      // RDPMC, whose #GP the engine takes for a #UD
      if (!bare) return second == 0x33;
      break;
    default:
      if (!bare) return false;
  }
  switch (byte(at)) {
    case 0x0f:
      // LTR and its kin, LGDT and its kin, LAR, LSL, SYSCALL, SYSENTER, SYSEXIT, LSS
      return second <= 0x03 || second == 0x05 || second == 0x34 || second == 0x35 || second == 0xb2;
    case 0x9c:  // PUSHF
    case 0x9d:  // POPF
    case 0x8c:  // MOV from a segment register
    case 0xca:  // RETF
    case 0xcb:
    case 0xcc:  // INT3
      return true;
    case 0xff:  // far CALL and JMP
      return reg_field(second) == 3 || reg_field(second) == 5;
    default:
      return false;
  }
}

// The PPC64 ones (Power ISA v2.07 Book I 3.3.5, 3.3.6, Book II 4.3.2, Book I 6.7.3).
constexpr std::uint32_t kStmw = 47;    // primary
constexpr std::uint32_t kStswx = 661;  // extended, with primary 31
constexpr std::uint32_t kStswi = 725;
constexpr std::uint32_t kDcbz = 1014;
constexpr std::uint32_t kStvebx = 135;
constexpr std::uint32_t kStvehx = 167;
constexpr std::uint32_t kStvewx = 199;
constexpr std::uint32_t kStxvl = 397;
constexpr std::uint32_t kStxvll = 429;
// Two registers at once: the second half must not stop it with the first done (Book I, 3.3.4, "atomic").
constexpr std::uint32_t kLq = 56;  // primary
constexpr std::uint32_t kStq = 62;

constexpr bool is_stq(std::uint32_t word) {
  return isa::ppc64::primary_opcode(word) == kStq && (word & 3) == 2;
}

using isa::ppc64::extended_opcode;
using isa::ppc64::primary_opcode;

bool is_ppc64_helper_store(std::uint32_t word) {
  if (primary_opcode(word) == kStmw || primary_opcode(word) == kLq || is_stq(word)) return true;
  if (primary_opcode(word) != 31) return false;
  switch (extended_opcode(word)) {
    case kStswx:
    case kStswi:
    case kDcbz:
    case kStvebx:
    case kStvehx:
    case kStvewx:
    case kStxvl:
    case kStxvll:
      return true;
    default:
      return false;
  }
}

}  // namespace

Intercept intercept_of(isa::Isa isa, std::span<const std::byte> code, bool bare, bool hooked) {
  if (isa == isa::Isa::X86_64) {
    if (is_x86_sensitive(code, bare)) return Intercept::Sensitive;
    if (is_x86_helper_store(code)) return Intercept::HelperStore;
    return hooked && is_x86_alone(code) ? Intercept::Alone : Intercept::None;
  }
  if (code.size() < 4) return Intercept::None;
  const auto word = static_cast<std::uint32_t>(isa::load_word(code.first(4), std::endian::big));
  if (isa::ppc64::time_base_read(word) || isa::ppc64::is_random_number(word) ||
      isa::ppc64::is_privileged_counter(word) || isa::ppc64::is_priority_hint(word))
    return Intercept::HostValue;
  return is_ppc64_helper_store(word) ? Intercept::HelperStore : Intercept::None;
}

bool is_untranslatable(std::span<const std::byte> code) {
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(code);
  const std::span<const std::byte> rest = code.subspan(prefixes.length);
  if (!prefixes.lock || rest.size() < 3 || rest[0] != std::byte{0x0f}) return false;
  const auto opcode = std::to_integer<unsigned>(rest[1]);
  const bool bit_test =
      opcode == 0xa3 || opcode == 0xab || opcode == 0xb3 || opcode == 0xbb || opcode == 0xba;
  return bit_test && !in_memory(std::to_integer<unsigned>(rest[2]));
}

UntranslatableCode look_for_untranslatable(std::span<const std::byte> code) {
  constexpr std::size_t kLongest = 15;
  UntranslatableCode found;
  for (auto at = std::ranges::find(code, kLock); at != code.end();
       at = std::find(at + 1, code.end(), kLock)) {
    const std::span<const std::byte> from(at, code.end());
    found.whole |= is_untranslatable(from.first(std::min(from.size(), kLongest)));
    found.open_end |= from.size() < kLongest;
  }
  return found;
}

std::optional<isa::Access> x86_state_operand(std::span<const std::byte> code, isa::GuestVa pc,
                                             const std::function<std::uint64_t(isa::x86::Reg)>& get) {
  using isa::AccessKind;
  const isa::x86::Prefixes prefixes = isa::x86::scan_prefixes(code);
  const std::span<const std::byte> rest = code.subspan(prefixes.length);
  if (rest.size() < 2) return std::nullopt;
  const auto opcode = std::to_integer<unsigned>(rest[0]);
  const bool two_bytes = opcode == 0x0f;
  const std::size_t opcode_size = two_bytes ? 2 : 1;
  const auto operand = isa::x86::decode_operand(rest.subspan(opcode_size), prefixes);
  if (!operand || !operand->memory) return std::nullopt;
  const unsigned field = operand->reg & 7;
  std::uint32_t size = 0;
  std::uint64_t alignment = 1;
  AccessKind kind = AccessKind::Write;
  if (two_bytes && rest[1] == std::byte{0xae} && field <= 1) {  // FXSAVE, FXRSTOR
    size = 512;
    alignment = 16;
    if (field == 1) kind = AccessKind::Read;
  } else if (opcode == 0xdb && (field == 5 || field == 7)) {  // FLD m80, FSTP m80
    size = 10;
    if (field == 5) kind = AccessKind::Read;
  } else if (opcode == 0xdf && (field == 4 || field == 6)) {  // FBLD, FBSTP
    size = 10;
    if (field == 4) kind = AccessKind::Read;
  } else if (opcode == 0xd9 && (field == 4 || field == 6)) {  // FLDENV, FNSTENV
    size = prefixes.operand_size ? 14 : 28;
    if (field == 4) kind = AccessKind::Read;
  } else if (opcode == 0xdd && (field == 4 || field == 6)) {  // FRSTOR, FNSAVE
    size = prefixes.operand_size ? 94 : 108;
    if (field == 4) kind = AccessKind::Read;
  }
  if (size == 0) return std::nullopt;
  const isa::GuestVa next = pc + prefixes.length + opcode_size + operand->length;
  const isa::GuestVa address = isa::x86::linear_address(*operand, prefixes, next, get);
  if (address.offset_in(alignment) != 0) return std::nullopt;  // #GP
  return isa::Access{address, size, kind};
}

std::optional<isa::Access> x86_helper_store(std::span<const std::byte> code, isa::GuestVa pc,
                                            const std::function<std::uint64_t(isa::x86::Reg)>& get) {
  const auto operand = x86_state_operand(code, pc, get);
  return operand && operand->kind == isa::AccessKind::Write ? operand : std::nullopt;
}

}  // namespace trapline::machine
