// Linux's system calls by name, and their numbers on each instruction set.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "isa/isa.hpp"

namespace trapline::isa::linux_abi {

// Prefixed, since some names are words of C++ (`break`).
enum class Syscall : std::uint16_t {
#define TRAPLINE_SYSCALL(name, x86_64, ppc64) sys_##name,
#include "isa/linux/syscalls.inc"
#undef TRAPLINE_SYSCALL
  kCount,
};

std::string_view name(Syscall call);
std::optional<Syscall> syscall_of(Isa isa, std::uint64_t number);
// By the numbers of 32-bit x86 programs (INT 0x80): of calls that mean the same for 64-bit ones when each
// argument is extended with zeros. Those that pass a long, a time, a structure with either, or half of a
// 64-bit number are not here.
std::optional<Syscall> syscall_of_ia32(std::uint64_t number);

}  // namespace trapline::isa::linux_abi
