// The PPC64 registers that the layers above name. Floating point and vector state moves with a whole CPU
// state, or as an image (emu/machine/fp_state.hpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace trapline::isa::ppc64 {

enum class Reg : std::uint8_t {
  r0,
  r1,
  r2,
  r3,
  r4,
  r5,
  r6,
  r7,
  r8,
  r9,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  r16,
  r17,
  r18,
  r19,
  r20,
  r21,
  r22,
  r23,
  r24,
  r25,
  r26,
  r27,
  r28,
  r29,
  r30,
  r31,
  nip,
  msr,
  ctr,
  lr,
  xer,
  cr,
};
inline constexpr std::size_t kRegs = static_cast<std::size_t>(Reg::cr) + 1;

constexpr Reg gpr(unsigned n) { return static_cast<Reg>(n); }

// MSR bits (Power ISA Book III-S, 3.2.1), as values.
inline constexpr std::uint64_t kMsrSf = 1ull << 63;   // 64-bit mode
inline constexpr std::uint64_t kMsrHv = 1ull << 60;   // hypervisor state, unless PR
inline constexpr std::uint64_t kMsrVec = 1ull << 25;  // VMX available
inline constexpr std::uint64_t kMsrVsx = 1ull << 23;  // VSX available
inline constexpr std::uint64_t kMsrEe = 1ull << 15;   // external interrupts
inline constexpr std::uint64_t kMsrPr = 1ull << 14;   // problem state
inline constexpr std::uint64_t kMsrFp = 1ull << 13;   // floating point available
inline constexpr std::uint64_t kMsrMe = 1ull << 12;
// DSISR after a data storage interrupt (Power ISA Book III-S, 6.5.3).
inline constexpr std::uint64_t kDsisrStore = 0x02000000;
inline constexpr std::uint64_t kDsisrMatch = 0x00400000;  // of the DABR or a DAWR
inline constexpr std::uint64_t kMsrSe = 1ull << 10;       // single-step trace
inline constexpr std::uint64_t kMsrBe = 1ull << 9;        // branch trace
inline constexpr std::uint64_t kMsrIr = 1ull << 5;        // instruction addresses are translated
inline constexpr std::uint64_t kMsrDr = 1ull << 4;        // data addresses are translated
inline constexpr std::uint64_t kMsrRi = 1ull << 1;
inline constexpr std::uint64_t kMsrLe = 1ull << 0;  // little-endian mode

inline constexpr std::uint64_t kUserMsr = kMsrSf | kMsrVec | kMsrVsx | kMsrPr | kMsrFp | kMsrMe;

// CR0.SO, by which the system call ABI reports an error (Linux Documentation/powerpc/syscall64-abi.rst).
inline constexpr std::uint64_t kCr0So = 1ull << 28;

}  // namespace trapline::isa::ppc64
