#include "isa/x86/operand.hpp"

#include <array>
#include <bit>

#include "isa/byte_order.hpp"

namespace trapline::isa::x86 {

Reg general_register(unsigned number) {
  static constexpr std::array kInOrder{Reg::rax, Reg::rcx, Reg::rdx, Reg::rbx, Reg::rsp, Reg::rbp,
                                       Reg::rsi, Reg::rdi, Reg::r8,  Reg::r9,  Reg::r10, Reg::r11,
                                       Reg::r12, Reg::r13, Reg::r14, Reg::r15};
  return kInOrder[number % kInOrder.size()];
}

std::optional<Operand> decode_operand(std::span<const std::byte> code, const Prefixes& prefixes) {
  if (code.empty()) return std::nullopt;
  const auto modrm = std::to_integer<unsigned>(code[0]);
  const unsigned mod = modrm >> 6;
  const unsigned rm = modrm & 7;
  Operand operand;
  operand.reg = (modrm >> 3 & 7) | (prefixes.rex_r() ? 8 : 0);
  operand.length = 1;
  if (mod == 3) {
    operand.base = general_register(rm | (prefixes.rex_b() ? 8 : 0));
    return operand;
  }
  operand.memory = true;
  unsigned base = rm;
  bool no_base = false;
  if (rm == 4) {
    if (code.size() < 2) return std::nullopt;
    const auto sib = std::to_integer<unsigned>(code[1]);
    operand.length = 2;
    base = sib & 7;
    const unsigned index = (sib >> 3 & 7) | (prefixes.rex_x() ? 8 : 0);
    if (index != 4) operand.index = general_register(index);
    operand.scale = 1U << (sib >> 6);
    no_base = base == 5 && mod == 0;
  } else if (rm == 5 && mod == 0) {
    operand.rip_relative = true;
    no_base = true;
  }
  if (!no_base) {
    operand.base = general_register(base | (prefixes.rex_b() ? 8 : 0));
    operand.stack = operand.base == Reg::rsp || operand.base == Reg::rbp;
  }
  const std::size_t size = mod == 1 ? 1 : mod == 2 || no_base ? 4 : 0;
  if (code.size() < operand.length + size) return std::nullopt;
  const auto raw = load_word(code.subspan(operand.length, size), std::endian::little);
  // Sign-extended.
  const std::uint64_t sign = size == 0 ? 0 : std::uint64_t{1} << (8 * size - 1);
  operand.displacement = (raw ^ sign) - sign;
  operand.length += size;
  return operand;
}

GuestVa linear_address(const Operand& operand, const Prefixes& prefixes, GuestVa next,
                       const std::function<std::uint64_t(Reg)>& get) {
  std::uint64_t address = operand.displacement;
  if (operand.rip_relative) address += next.value;
  if (operand.base) address += get(*operand.base);
  if (operand.index) address += get(*operand.index) * operand.scale;
  if (prefixes.address_size) address &= 0xffffffff;
  if (prefixes.segment == 0x64) address += get(Reg::fs_base);
  if (prefixes.segment == 0x65) address += get(Reg::gs_base);
  return GuestVa(address);
}

}  // namespace trapline::isa::x86
