#include "isa/x86/supplement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "isa/x86/prefixes.hpp"

namespace trapline::isa::x86 {
namespace {

enum class Operand : std::uint8_t {
  None,
  Register64,
  SizedRegister,  // 32 bits, with REX.W 64; the mnemonic ends in d or q accordingly
};

struct Row {
  std::string_view mnemonic;
  std::uint8_t prefix;
  std::uint8_t opcode;
  std::uint8_t modrm_mask;
  std::uint8_t modrm;
  Operand operand;
  InstructionClass cls;
};

constexpr auto kRows = std::to_array<Row>({
#define X86_SUPPLEMENT(mnemonic, prefix, opcode, modrm_mask, modrm, operand, cls) \
  {#mnemonic, prefix, opcode, modrm_mask, modrm, Operand::operand, InstructionClass::cls},
#include "isa/x86/supplement.inc"
#undef X86_SUPPLEMENT
});

constexpr std::uint8_t kTwoByteEscape = 0x0f;
constexpr std::size_t kOpcodeBytes = 3;  // escape, opcode, ModRM

// By ModRM.rm with REX.B above it (SDM vol. 2, 2.2.1.2).
constexpr std::array<std::string_view, 16> kNames64{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                                    "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
constexpr std::array<std::string_view, 16> kNames32{"eax",  "ecx",  "edx",  "ebx", "esp",  "ebp",
                                                    "esi",  "edi",  "r8d",  "r9d", "r10d", "r11d",
                                                    "r12d", "r13d", "r14d", "r15d"};

std::string text_of(const Row& row, const Prefixes& prefixes, std::uint8_t modrm) {
  const std::size_t rm = (modrm & 7u) | (prefixes.rex_b() ? 8u : 0u);
  switch (row.operand) {
    case Operand::None:
      break;
    case Operand::Register64:
      return fmt::format("{} {}", row.mnemonic, kNames64[rm]);
    case Operand::SizedRegister:
      return prefixes.rex_w() ? fmt::format("{}q {}", row.mnemonic, kNames64[rm])
                              : fmt::format("{}d {}", row.mnemonic, kNames32[rm]);
  }
  return std::string(row.mnemonic);
}

}  // namespace

std::optional<Supplement> supplement(std::span<const std::byte> bytes) {
  const Prefixes prefixes = scan_prefixes(bytes);
  const std::size_t size = prefixes.length + kOpcodeBytes;
  if (bytes.size() < size) return std::nullopt;

  const auto at = [&](std::size_t index) {
    return std::to_integer<std::uint8_t>(bytes[prefixes.length + index]);
  };
  if (at(0) != kTwoByteEscape) return std::nullopt;
  const std::uint8_t opcode = at(1);
  const std::uint8_t modrm = at(2);
  const auto row = std::ranges::find_if(kRows, [&](const Row& entry) {
    return entry.prefix == prefixes.repeat && entry.opcode == opcode &&
           (modrm & entry.modrm_mask) == entry.modrm;
  });
  if (row == kRows.end()) return std::nullopt;

  return Supplement{.instruction = {.size = static_cast<std::uint8_t>(size), .cls = row->cls},
                    .text = text_of(*row, prefixes, modrm)};
}

}  // namespace trapline::isa::x86
