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
  // Its result would come from the host's clock or randomness (PPC64 mftb, darn), or it would end the run or
  // the process (reads of PURR, which this engine does not have; priority hints).
  HostValue,
  // It stores through a helper function of the engine, which goes on after a veto as if nothing were: so
  // whether it may store has to be known before it executes. (Loads, and the stores of all other
  // instructions, stop at once.) And what is done whole or not at all, in several accesses (PPC64 lq, stq).
  HelperStore,
  // x86: what is carried out outside the engine (user_instructions.hpp). Where the program runs privileged in
  // the model but in user mode in the engine, also whatever user mode would execute, too, but differently.
  // (What it refuses, the model gets to see anyway.)
  Sensitive,
  // x86, in the gear that has a hook on every instruction: one whose own look at the CPU's state would undo
  // what the hook did with the flags before it (REP, RDTSC). It is executed by itself, where the engine has
  // no flags to compute.
  Alone,
};

// `code` starts with the instruction. Without knowing the registers. `bare`: MachineSpec::bare.
// `hooked`: all instructions have a hook.
Intercept intercept_of(isa::Isa isa, std::span<const std::byte> code, bool bare, bool hooked);

// x86: whether the engine ends the whole process when it is to translate the instruction that `code` starts
// with: BT and its kin with LOCK and a register (which are #UD).
bool is_untranslatable(std::span<const std::byte> code);

// Of a piece of code, at whatever byte an instruction begins.
struct UntranslatableCode {
  bool whole = false;     // such an instruction is in it
  bool open_end = false;  // one may begin in it and go on behind it
};
UntranslatableCode look_for_untranslatable(std::span<const std::byte> code);

// The bytes that an x86 HelperStore will write, where its size is known. `code` starts with the instruction,
// which is at `pc`; `get` reads a register.
std::optional<isa::Access> x86_helper_store(std::span<const std::byte> code, isa::GuestVa pc,
                                            const std::function<std::uint64_t(isa::x86::Reg)>& get);

// The operand of an x86 instruction that moves state of the x87 and SSE units (FXSAVE, FLDENV, FSTP m80 and
// their kin), of more than eight bytes and whatever the engine's accesses to it; nothing for others.
std::optional<isa::Access> x86_state_operand(std::span<const std::byte> code, isa::GuestVa pc,
                                             const std::function<std::uint64_t(isa::x86::Reg)>& get);

}  // namespace trapline::machine
