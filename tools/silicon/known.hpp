// Divergences that are not the model's mistakes, each with its reason: the engine lacks the instruction, or
// the recorded processor does other than the one the model follows. They are counted apart and fail nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "tools/silicon/case.hpp"
#include "tools/silicon/outcome.hpp"

namespace trapline::tools::silicon {

// Which enabled breakpoint brings the divergence about.
enum class Cause : std::uint8_t {
  Any,              // whatever is watched
  Operand,          // a data breakpoint on some of the operand's bytes, which only one of the sides accesses
  NextInstruction,  // an instruction breakpoint right behind the instruction
};

struct Known {
  std::string_view form;     // empty: all
  std::uint8_t aspects = 0;  // bits of Aspect
  Cause cause = Cause::Any;
  std::uint64_t offset = 0;  // of Cause::Operand: those bytes of the first operand
  std::uint64_t size = 0;
  std::string_view vendor;  // of the processors that differ, as CPUID names it; empty: all
  std::string_view reason;
};

// `processor` as Native::processor() has it. nullptr: not known.
const Known* find_known(const Case& test, Aspect aspect, std::string_view processor);

}  // namespace trapline::tools::silicon
