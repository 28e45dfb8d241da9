// What a place is in a program: where it begins, which pointers lead on from there, and how much of what they
// lead to is meant. Addresses are those of the program's file.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "emu/scenario/debug_info.hpp"
#include "emu/scenario/number_type.hpp"
#include "emu/scenario/place.hpp"
#include "emu/scenario/symbols.hpp"

namespace trapline::scenario {

// As long as its memory is mapped.
struct FixedBase {
  std::uint64_t address = 0;
  bool absolute = false;  // given as a number: not of the file, but of the guest
};
// In each thread's block of the program's own variables (TLS).
struct ThreadLocalBase {
  std::uint64_t offset = 0;
  std::uint64_t block = 0;  // bytes, in multiples of its alignment
};
// In each frame of a function, from its body on until it returns.
struct LocalBase {
  struct Site {
    std::vector<AddressRange> ranges;
    std::uint64_t body = 0;  // after the prologue
    std::vector<Dwarf_Op> frame_base;
    std::vector<Dwarf_Op> location;
  };
  std::vector<Site> sites;  // one for each time that the function was compiled
};
// Each object that a function, or the code of a line, allocates until it is freed.
struct HeapBase {
  std::string function;  // or
  std::string file;
  unsigned line = 0;
};
// Instructions.
struct CodeBase {
  std::vector<std::uint64_t> addresses;
};

struct Target {
  using Fixed = FixedBase;
  using ThreadLocal = ThreadLocalBase;
  using Local = LocalBase;
  using Heap = HeapBase;
  using Code = CodeBase;

  std::variant<Fixed, ThreadLocal, Local, Heap, Code> base;
  // From the base so many bytes on lies a pointer; from where that points to so many bytes on the next.
  std::vector<std::uint64_t> pointers{};
  std::uint64_t offset = 0;  // from the base, or where the last pointer points to
  std::uint64_t size = 0;    // bytes, by the type; 0: not known
  NumberType number = NumberType::Unsigned;

  // Of so many bytes of it, which are no number of its type where they are not all.
  NumberType number_of(std::uint64_t bytes) const { return bytes == size ? number : NumberType::Unsigned; }

  // The one for the whole run, in each process that runs the program so much above where its file has it;
  // nothing where there is none, or are several.
  std::optional<std::uint64_t> address(std::uint64_t bias) const;
  bool heap() const { return std::holds_alternative<Heap>(base); }
  bool code() const { return std::holds_alternative<Code>(base); }
};

// Throws PlaceError: there is no such thing, or none in memory; with what to write in its place, where that
// is known. `bias`: how much higher than in the file the symbols are.
Target find_target(const Place& place, const SymbolTable& symbols, const DebugInfo& debug_info,
                   std::uint64_t bias);

}  // namespace trapline::scenario
