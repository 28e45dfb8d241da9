// A description, as data, of what a YAML tree may hold. The validator and the JSON Schema both derive from
// it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "emu/scenario/input_error.hpp"
#include "emu/scenario/yaml.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario::schema {

struct Type;
using TypeRef = std::shared_ptr<const Type>;

// Any text; numbers and booleans are taken as they are written.
struct Text {
  bool single_line = false;  // and not empty
  bool nul = false;          // may hold "\0"
};
// A text of a certain form: an ECMAScript pattern that it matches as a whole.
struct Pattern {
  std::string pattern;
  std::string wanted;            // "a symbol, a symbol + offset or a 0x address"
  bool number_too = false;       // YAML readers may take such a text for a number
  std::uint64_t number_max = 0;  // with `number_too`
};
struct Integer {
  std::uint64_t min = 0;
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  bool negative_too = false;  // down to -2^63
};
// A number of bytes, with or without KiB, MiB, GiB.
struct Size {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};
struct Boolean {};
struct Choice {
  std::vector<std::string> names;
  // What people call some of them elsewhere, and the name here: told, not taken.
  std::vector<std::pair<std::string, std::string>> elsewhere{};
};
struct List {
  TypeRef item;
  std::size_t min_items = 0;
  bool unique = false;
};
struct Field {
  std::string key;
  TypeRef type;
  std::string about;
  bool required = false;
};
// A mapping with known keys.
struct Object {
  std::vector<Field> fields = {};
  // Rules: of the keys of each, exactly or at most one may be there.
  std::vector<std::vector<std::string>> exactly_one = {};
  std::vector<std::vector<std::string>> at_most_one = {};
};
// A mapping with keys of the file's own.
struct Table {
  TypeRef key;  // a Pattern
  TypeRef value;
};
// A scalar form, a list form, a mapping form: the tree's shape says which. At most one of each.
struct Either {
  std::vector<TypeRef> forms;
};
// A mapping whose form the value of one of its keys chooses.
struct ByKind {
  std::string key;
  std::vector<std::pair<std::string, TypeRef>> forms;  // by value; the first one where the key is absent
};
// The value, or a mapping from the names of instruction sets to values.
struct PerIsa {
  TypeRef value;
};

struct Type {
  std::variant<Text, Pattern, Integer, Size, Boolean, Choice, List, Object, Table, Either, ByKind, PerIsa>
      form;
  std::string name = {};  // where it has one, the JSON Schema defines it once, under this name
};

template <class Form>
TypeRef make(Form form, std::string name = {}) {
  return std::make_shared<const Type>(Type{std::move(form), std::move(name)});
}

// What a value of this type is, for a message: "a whole number from 1 to 64".
std::string describe(const Type& type);

// Whether the mapping gives one value for each instruction set: where any key is one's name.
bool is_per_isa(const yaml::Node& node);

// `isas` are those that each per-ISA mapping must name. The problems in the order of the tree.
// `what` names the whole in messages.
std::vector<Problem> validate(const yaml::Node& root, const Type& type, const std::vector<isa::Isa>& isas,
                              const std::string& file, const std::string& what = "the scenario");

// Instead of fmt::join, over which g++ 12 stumbles at -O3 (-Wstringop-overflow).
std::string joined(const std::vector<std::string>& words, std::string_view separator);

// The known word nearest to the mistyped one, or "".
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace trapline::scenario::schema
