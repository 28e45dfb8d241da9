// MOV to and from a debug register: which register it means, and what refuses it.
//
// Sources: Intel SDM vol. 2B, "MOV—Move to/from Debug Registers"; vol. 3B, 18.2 and 17.2.2; AMD APM vol. 3,
// "MOV DRn", and vol. 2, 13.1.1.
#pragma once

#include <cstdint>
#include <optional>

#include "debugunit/debug_unit.hpp"

namespace trapline::debugunit::x86 {

enum class MoveFault : std::uint8_t {
  None,
  InvalidOpcode,      // #UD: there is no such register
  GeneralProtection,  // #GP(0)
  GeneralDetect,      // #DB with DR6.BD, before the instruction (DR7.GD)
};

struct Move {
  MoveFault fault = MoveFault::None;
  Register reg = Register::Dr0;  // with MoveFault::None
};

// Where several apply, the manuals leave the order open; here it is KVM's: no such register, CPL, DR7.GD, the
// value.
// `number` as encoded, REX.R included: 0 to 15. `written` is the value of a move to the register; nothing for
// a move from it. Changes nothing; the caller carries it out.
Move plan_move(const DebugUnit& unit, unsigned number, unsigned cpl, bool debug_extensions,
               std::optional<std::uint64_t> written);

}  // namespace trapline::debugunit::x86
