#include "emu/machine/whole_access.hpp"

#include <algorithm>
#include <utility>

#include "emu/machine/intercepts.hpp"
#include "isa/ppc64/operand.hpp"
#include "isa/x86/prefixes.hpp"

namespace trapline::machine {

isa::Access whole_access(Cpu& cpu, std::uint32_t word, const isa::Access& part) {
  const auto whole = isa::ppc64::storage_operand(word, [&cpu](isa::ppc64::Reg reg) { return cpu.get(reg); });
  return whole && holds(*whole, part) ? *whole : part;
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
    if (state && holds(*state, part)) {
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
