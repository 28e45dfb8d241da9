// What Trapline needs to know of an instruction: its length, its class (for the clock) and its text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "isa/address.hpp"
#include "isa/isa.hpp"

namespace trapline::isa {

// Classes of instructions that cost alike (isa/cost.hpp).
enum class InstructionClass : std::uint8_t {
  Simple,       // integer arithmetic, logic, moves between registers, nop
  Load,         // reads memory and does nothing else of note (x86 `add r, [m]` included)
  Store,        // writes memory and does nothing else of note
  ReadModify,   // reads and writes memory (x86 `add [m], r`, `lock …`, movs; PPC64 has none)
  Multiply,     // integer
  Divide,       // integer
  Branch,       // jumps, conditional or not, that keep no return address
  Call,         // calls and returns (x86 call, ret; PPC64 bl, bctrl, blr)
  Float,        // scalar floating point except divide and square root
  FloatDivide,  // divide and square root, scalar or SIMD
  Vector,       // SIMD: x86 packed SSE, PPC64 VMX and VSX (whose xs… are scalar, so Float)
  Barrier,      // fences, sync, isync, eieio, cache management
  System,       // system calls, traps, privileged instructions, and what the decoder does not know
};
inline constexpr std::size_t kInstructionClasses = static_cast<std::size_t>(InstructionClass::System) + 1;

struct Instruction {
  std::uint8_t size = 0;  // bytes, 1 to 15 on x86, 4 on PPC64; 0 where the bytes are no instruction
  InstructionClass cls = InstructionClass::System;
  std::uint8_t times = 1;      // how many of its class it is carried out as (PPC64 lmw: a load for each word)
  bool repeated = false;       // x86 REP/REPE/REPNE string instruction: one pass of it is one iteration
  bool ends_block = false;     // control may go elsewhere than to the next instruction
  bool stack_segment = false;  // x86: its memory operand is addressed by RSP or RBP, or it is a push or a pop
  bool cache_management =
      false;  // PPC64 dcbf, dcbst, dcbt, icbi …: addresses memory without being a load or store for DABR
};

// Owns a Capstone handle and one instruction that every call reuses, so two threads need two decoders.
class Decoder {
 public:
  explicit Decoder(Isa isa);
  ~Decoder();
  Decoder(Decoder&&) noexcept;
  Decoder& operator=(Decoder&&) noexcept;

  // Decodes the instruction at the start of `bytes`; x86 wants up to 15 of them, PPC64 4 (in guest order).
  Instruction decode(std::span<const std::byte> bytes, GuestVa pc) const;

  // Its text in the manual's syntax, "mov qword ptr [rbx], rcx"; "(bad)" where the bytes are no instruction.
  std::string text(std::span<const std::byte> bytes, GuestVa pc) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trapline::isa
