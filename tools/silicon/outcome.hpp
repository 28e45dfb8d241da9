// What came of a case, in the emulator or on the host, and how two of them differ.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/silicon/case.hpp"

namespace trapline::tools::silicon {

enum class StopKind : char {
  Trap = 't',   // #DB
  End = 'e',    // the int3 behind the instruction
  Fault = 'f',  // anything else: a fault, or more traps than an instruction can make
};

struct Stop {
  StopKind kind = StopKind::Fault;
  std::uint64_t pc = 0;         // from the form's Place::start
  unsigned slots = 0;           // DR6.B0–B3
  std::uint64_t flags = 0;      // of kComparedFlags, those that are defined
  std::uint32_t registers = 0;  // a digest
  // What the digest is of; not recorded.
  std::optional<std::array<std::uint64_t, kGprs>> gpr;
};

// Eight bytes of memory.
struct Word {
  std::uint64_t address = 0;
  std::uint64_t value = 0;
};

struct Outcome {
  std::vector<Stop> stops;
  std::uint32_t memory = 0;   // a digest of `changed`
  std::uint32_t results = 0;  // a digest of the SSE, MMX or x87 registers: `stored`
  // What the digests are of; not recorded.
  std::vector<Word> changed;  // the window's words that do not hold the pattern
  std::vector<Word> stored;

  bool hit() const { return !stops.empty() && stops.front().kind == StopKind::Trap; }
};

// No instruction here traps more often.
inline constexpr std::size_t kMostStops = 64;

// What the two sides hand in at a stop; `pc` and `flags` as they are in the registers.
Stop make_stop(const Case& test, StopKind kind, std::uint64_t pc, unsigned slots, std::uint64_t flags,
               const std::array<std::uint64_t, kGprs>& gpr);

enum class Aspect : std::uint8_t { Hits, Slots, Pc, Registers, Flags, Memory, Results, Fault };
std::string_view name(Aspect aspect);

struct Difference {
  Aspect aspect = Aspect::Hits;
  std::string text;  // "stop 1: …"
};

// The first difference, or nothing.
std::optional<Difference> compare(const Outcome& expected, const Outcome& got);

}  // namespace trapline::tools::silicon
