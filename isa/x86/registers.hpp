// The x86-64 registers that the layers above name. Floating point and SSE state moves with a whole CPU state,
// or as an image (emu/machine/fp_state.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace trapline::isa::x86 {

enum class Reg : std::uint8_t {
  rax,
  rbx,
  rcx,
  rdx,
  rsi,
  rdi,
  rbp,
  rsp,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  rip,
  rflags,
  cs,
  ss,
  ds,
  es,
  fs,
  gs,
  fs_base,
  gs_base,
};
inline constexpr std::size_t kRegs = static_cast<std::size_t>(Reg::gs_base) + 1;

inline constexpr std::array<std::string_view, kRegs> kRegNames{
    "rax", "rbx", "rcx", "rdx", "rsi",    "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11",     "r12",
    "r13", "r14", "r15", "rip", "rflags", "cs",  "ss",  "ds",  "es", "fs", "gs",  "fs_base", "gs_base",
};

// RFLAGS bits (Intel SDM vol. 1, 3.4.3).
inline constexpr std::uint64_t kTf = 1u << 8;     // trap flag: single-step
inline constexpr std::uint64_t kIf = 1u << 9;     // interrupts enabled
inline constexpr std::uint64_t kIopl = 3u << 12;  // the privilege that I/O needs
inline constexpr std::uint64_t kNt = 1u << 14;    // nested task
inline constexpr std::uint64_t kRf = 1u
                                     << 16;  // resume flag: the next instruction's own breakpoint is passed

// The selectors that Linux gives to 64-bit user code (arch/x86/include/asm/segment.h: __USER_CS, __USER_DS).
inline constexpr std::uint64_t kUserCs = 0x33;
inline constexpr std::uint64_t kUserSs = 0x2b;

}  // namespace trapline::isa::x86
