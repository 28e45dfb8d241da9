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

}  // namespace trapline::isa::linux_abi
