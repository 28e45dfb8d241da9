// Instructions that the engine must not simply execute. Each gets a hook of its own when it is first met.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "isa/access.hpp"
#include "isa/isa.hpp"
#include "isa/x86/registers.hpp"

namespace trapline::machine {

enum class Intercept : std::uint8_t {
  None,
  HostValue,  // its result would come from the host's clock or randomness (PPC64 mftb, darn)
  // It stores through a helper function of the engine, which goes on after a veto as if nothing were: so
  // whether it may store has to be known before it executes. (Loads, and the stores of all other
  // instructions, stop at once.) And what is done whole or not at all, in several accesses (PPC64 lq, stq).
  HelperStore,
  // x86: what is carried out outside the engine (user_instructions.hpp). Where the program runs privileged in
  // the model but in user mode in the engine, also whatever user mode would execute, too, but differently.
  // (What it refuses, the model gets to see anyway.)
  Sensitive,
};

// `code` starts with the instruction. Without knowing the registers. `bare`: MachineSpec::bare.
Intercept intercept_of(isa::Isa isa, std::span<const std::byte> code, bool bare);

// The bytes that an x86 HelperStore will write, where its size is known. `code` starts with the instruction,
// which is at `pc`; `get` reads a register.
std::optional<isa::Access> x86_helper_store(std::span<const std::byte> code, isa::GuestVa pc,
                                            const std::function<std::uint64_t(isa::x86::Reg)>& get);

// The bytes that a PPC64 HelperStore will write. `gpr` reads a general register; `xer` is the value of XER.
isa::Access ppc64_helper_store(std::uint32_t word, const std::function<std::uint64_t(unsigned)>& gpr,
                               std::uint64_t xer);

}  // namespace trapline::machine
