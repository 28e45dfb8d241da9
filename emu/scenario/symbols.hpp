// The names of a guest program: its symbol table and its line numbers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/place.hpp"

namespace trapline::scenario {

struct Symbol {
  std::string name;
  // Where its code or data is. PPC64's ELFv1 functions are named by their descriptor in .opd; this is the
  // code's address that the descriptor holds.
  std::uint64_t address = 0;
  std::uint64_t size = 0;  // bytes; 0 where the symbol has none
  bool function = false;
  bool chooses = false;  // a function that chooses, at the start, which one has the name (STT_GNU_IFUNC)
};

// Why a function that chooses is no place, for people.
std::string which_one(std::string_view function);

struct Target;

// Reading is safe from several threads at once.
class SymbolTable {
 public:
  // A file without symbols gives an empty table. Throws InputError where the file is no readable 64-bit ELF.
  static SymbolTable load(const std::filesystem::path& path);
  static SymbolTable load(std::vector<char> bytes, const std::string& name);

  ~SymbolTable();
  SymbolTable(SymbolTable&&) noexcept;
  SymbolTable& operator=(SymbolTable&&) noexcept;

  // The program is not where its file says, but so much higher. Before anybody else looks.
  void relocate(std::uint64_t bias);

  std::uint64_t bias() const;

  // Global symbols before local ones of the same name.
  std::optional<Symbol> find(std::string_view name) const;

  // The symbol whose bytes include the address; where none has a size, the nearest one before it in its
  // section.
  std::optional<Symbol> at(std::uint64_t address) const;

  // What any place is, by the debug information as well. Throws PlaceError.
  Target target(const Place& place) const;

  // Where a function begins, and where it has set up its frame: once for each time that it was compiled.
  // Throws PlaceError.
  struct Code {
    std::uint64_t entry = 0;
    std::uint64_t body = 0;
    bool loops = false;  // a jump in it leads back to its entry
  };
  std::vector<Code> code(const Place& function) const;
  // Of a function that was compiled with optimisation, what the debug information has for the end of its
  // prologue may lie where not every call comes by: then the entry. Addresses are those of the file.
  std::uint64_t body(std::uint64_t entry, std::uint64_t after_prologue) const;

  // Of a place that has one address for the whole run; nothing of others, and of what is not known.
  std::optional<std::uint64_t> resolve(const Place& place) const;
  std::optional<std::uint64_t> resolve(std::string_view text) const;  // nor where it is no place

  // "bump+0x12", "bump" at its start, "0x401136" where no symbol is near. resolve() is its inverse.
  std::string describe(std::uint64_t address) const;

  // Of a thread's own variables, as a whole (TLS): bytes, in multiples of their alignment.
  std::uint64_t thread_block() const;

  // "counter.c:12", without folders; nothing where the program has no line there.
  std::optional<std::string> line(std::uint64_t address) const;

 private:
  struct Impl;
  explicit SymbolTable(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace trapline::scenario
