// The type of a variable by the debug information (DWARF 5, chapter 5): what a step from one place to the
// next needs of it.
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

#include "emu/scenario/number_type.hpp"

namespace trapline::scenario {

// What is wrong with a place, for people: no such field, no such element, not a pointer.
class PlaceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Valid as long as the Dwarf that its DIE is of.
class DataType {
 public:
  // Without typedefs and qualifiers.
  explicit DataType(Dwarf_Die die);
  // Of a variable, a parameter or a member; nothing where that has none.
  static std::optional<DataType> of(Dwarf_Die& die);

  // Bytes; 0 where it is not known, as of a function or of void.
  std::uint64_t size() const;
  NumberType number() const;  // Unsigned also of what is no number
  bool pointer() const;
  bool reference() const;  // C++'s, which is followed without being asked to
  bool array() const;
  // For people: "struct account", "int [4]".
  std::string name() const;

  // All of these throw PlaceError.
  DataType pointee() const;
  struct Part;
  // Of a structure, a class or a union, those of what it inherits and of nameless members included.
  Part field(const std::string& name) const;
  // Of an array.
  Part element(std::uint64_t index) const;

 private:
  DataType(Dwarf_Die die, unsigned dimension) : die_(die), dimension_(dimension) {}
  std::optional<Part> find_field(const std::string& name, unsigned depth) const;
  DataType inner() const;
  std::optional<std::uint64_t> count(unsigned dimension) const;
  unsigned dimensions() const;

  Dwarf_Die die_{};
  unsigned dimension_ = 0;  // of an array of several: how many of them have their index already
};

struct DataType::Part {
  std::uint64_t offset = 0;  // bytes
  DataType type;
  std::uint64_t size = 0;  // bytes; of a bit field those that it reaches into
};

}  // namespace trapline::scenario
