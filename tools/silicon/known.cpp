#include "tools/silicon/known.hpp"

#include <algorithm>
#include <array>

#include "debugunit/overlap.hpp"
#include "debugunit/x86/debug_registers.hpp"

namespace trapline::tools::silicon {

namespace {

namespace dr7 = debugunit::x86::dr7;

constexpr std::uint8_t bit(Aspect aspect) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(aspect));
}

constexpr std::uint8_t kFault = bit(Aspect::Fault);
constexpr std::uint8_t kFlags = bit(Aspect::Flags);
constexpr std::uint8_t kRegisters = bit(Aspect::Registers);
// A hit more or less shows as another number of stops, another place of one, or other bits of DR6.
constexpr std::uint8_t kHitting = bit(Aspect::Hits) | bit(Aspect::Pc) | bit(Aspect::Slots);

constexpr auto kKnown = std::to_array<Known>({
#include "tools/silicon/known.inc"
});

bool causes(const Case& test, unsigned n, const Known& known) {
  if (!dr7::enabled(test.dr7, n)) return false;
  const bool execute = dr7::rw_of(test.dr7, n) == dr7::Rw::Execute;
  switch (known.cause) {
    case Cause::Any:
      return true;
    case Cause::Operand:
      return !execute && debugunit::overlap(isa::GuestVa(test.dr[n]), dr7::bytes(dr7::len_of(test.dr7, n)),
                                            isa::GuestVa(test.operand + known.offset), known.size);
    case Cause::NextInstruction:
      return execute && test.dr[n] == place(*test.form).next;
  }
  return false;
}

bool caused(const Case& test, const Known& known) {
  if (known.cause == Cause::Any) return true;
  for (unsigned n = 0; n < kBreakpoints; ++n) {
    if (causes(test, n, known)) return true;
  }
  return false;
}

}  // namespace

const Known* find_known(const Case& test, Aspect aspect, std::string_view processor) {
  const auto found = std::ranges::find_if(kKnown, [&](const Known& known) {
    return (known.form.empty() || known.form == test.form->name) && (known.aspects & bit(aspect)) != 0 &&
           processor.starts_with(known.vendor) && caused(test, known);
  });
  return found == kKnown.end() ? nullptr : &*found;
}

}  // namespace trapline::tools::silicon
