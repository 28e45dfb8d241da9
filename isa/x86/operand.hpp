// The operand that a ModR/M byte names in 64-bit mode (Intel SDM vol. 2A, 2.1.3, 2.1.5 and 2.2.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "isa/address.hpp"
#include "isa/x86/prefixes.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::isa::x86 {

struct Operand {
  unsigned reg = 0;         // the other operand: a register's number, or part of the opcode; REX.R included
  std::optional<Reg> base;  // the operand itself where `memory` is false
  std::optional<Reg> index;
  unsigned scale = 1;
  std::uint64_t displacement = 0;  // sign-extended
  bool memory = false;
  bool rip_relative = false;
  bool stack = false;      // addressed by RSP or RBP, so by SS
  std::size_t length = 0;  // in bytes: ModR/M, SIB and displacement
};

// `code` starts with the ModR/M byte. Nothing where it ends too soon.
std::optional<Operand> decode_operand(std::span<const std::byte> code, const Prefixes& prefixes);

// The general register of that number, 0 to 15, as instructions encode it.
Reg general_register(unsigned number);

// The linear address of a memory operand. `get` reads a register; `next` is the address of the next
// instruction.
GuestVa linear_address(const Operand& operand, const Prefixes& prefixes, GuestVa next,
                       const std::function<std::uint64_t(Reg)>& get);

}  // namespace trapline::isa::x86
