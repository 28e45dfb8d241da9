#include "debugunit/x86/mov_dr.hpp"

#include <array>

#include "debugunit/x86/debug_registers.hpp"

namespace trapline::debugunit::x86 {

namespace {

// DR4 and DR5 are DR6 and DR7 under the names of the 386, as long as CR4.DE is clear (17.2.2).
constexpr std::array kRegisters{Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3,
                                Register::Dr6, Register::Dr7, Register::Dr6, Register::Dr7};

constexpr bool is_alias(unsigned number) { return number == 4 || number == 5; }

// DR6 and DR7 refuse values with a bit above 31 set; DR0–DR3 take all 64 bits (17.2.6).
constexpr bool fits(Register reg, std::uint64_t value) {
  const bool narrow = reg == Register::Dr6 || reg == Register::Dr7;
  return !narrow || value <= 0xFFFFFFFF;
}

}  // namespace

Move plan_move(const DebugUnit& unit, unsigned number, unsigned cpl, bool debug_extensions,
               std::optional<std::uint64_t> written) {
  if (number >= kRegisters.size()) return {.fault = MoveFault::InvalidOpcode};
  if (is_alias(number) && debug_extensions) return {.fault = MoveFault::InvalidOpcode};
  if (cpl != 0) return {.fault = MoveFault::GeneralProtection};
  if ((unit.read(Register::Dr7) & dr7::kGd) != 0) return {.fault = MoveFault::GeneralDetect};
  const Register reg = kRegisters[number];
  if (written && !fits(reg, *written)) return {.fault = MoveFault::GeneralProtection};
  return {.reg = reg};
}

}  // namespace trapline::debugunit::x86
