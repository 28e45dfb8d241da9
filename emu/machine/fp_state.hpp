// A CPU's floating point and vector registers in the forms in which a kernel shows them to programs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace trapline::machine {

// x86: what FXSAVE64 stores (Intel SDM vol. 1, 10.5.1, table 10-2).
using FxsaveImage = std::array<std::byte, 512>;

namespace fxsave {

inline constexpr std::size_t kFcw = 0;
inline constexpr std::size_t kFsw = 2;
inline constexpr std::size_t kFtw = 4;  // abridged: a bit for each physical register that is not empty
inline constexpr std::size_t kFop = 6;
inline constexpr std::size_t kFip = 8;
inline constexpr std::size_t kFdp = 16;
inline constexpr std::size_t kMxcsr = 24;
inline constexpr std::size_t kMxcsrMask = 28;
inline constexpr std::size_t kSt = 32;    // ST0-ST7, 16 bytes each, of which the first ten are used
inline constexpr std::size_t kXmm = 160;  // XMM0-XMM15

// The bits of MXCSR that the processor has; to set another one is a general protection fault.
inline constexpr std::uint32_t kMxcsrValid = 0xffff;

inline constexpr std::uint32_t kInitialFcw = 0x37f;     // as after FNINIT
inline constexpr std::uint32_t kInitialMxcsr = 0x1f80;  // all exceptions masked

}  // namespace fxsave

// PPC64: the registers of floating point, VMX and VSX, which overlap (Power ISA Book I, 7.2.1.1).
struct VsxState {
  using Register = std::array<std::byte, 16>;  // as in big-endian memory

  // Doubleword 0 of the first 32 are the FPRs, the last 32 are the VRs.
  std::array<Register, 64> vsr{};
  std::uint32_t fpscr = 0;
  std::uint32_t vscr = 0;
  std::uint32_t vrsave = 0;

  bool operator==(const VsxState&) const = default;
};

inline constexpr std::uint32_t kVscrNj = 0x00010000;  // non-Java mode; set initially, by Linux too
inline constexpr std::uint32_t kVscrSat = 1;          // something has saturated

}  // namespace trapline::machine
