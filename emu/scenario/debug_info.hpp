// The variables, functions and lines of a program, by its debug information (DWARF 5).
#pragma once

#include <elfutils/libdw.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emu/scenario/data_type.hpp"

namespace trapline::scenario {

// Half open.
struct AddressRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool holds(std::uint64_t address) const { return address >= begin && address < end; }
};

// Addresses are those of the file. Not for several threads at once.
class DebugInfo {
 public:
  // `dwarf` may be null: then nothing is known.
  explicit DebugInfo(Dwarf* dwarf) : dwarf_(dwarf) {}

  bool present() const { return dwarf_ != nullptr; }

  // A function's code: one that was compiled by itself.
  struct Instance {
    Dwarf_Die die{};
    std::vector<AddressRange> ranges;
    std::uint64_t entry = 0;
    std::uint64_t body = 0;  // after the prologue, where its frame is set up
  };
  struct Function {
    std::string name;             // "bank::Counter::add"
    std::vector<Dwarf_Die> dies;  // all that tell of it; the local variables are theirs
    std::vector<Instance> instances;
    bool inlined = false;  // some of its calls are
  };
  // Global variables, and static ones of files and classes, by their qualified name.
  std::vector<Dwarf_Die> variables(const std::string& name) const;
  const Function* function(const std::string& name) const;
  // Functions that have a local variable of that name, or what they were inlined into.
  std::vector<std::string> functions_with(const std::string& variable) const;

  // Variables and parameters of that name in a function, those of inner blocks included; each where it is
  // told of in an instance of the function, or where none is, where that is.
  struct Local {
    Dwarf_Die die{};
    const Instance* instance = nullptr;  // null: of the function as such
  };
  static std::vector<Local> locals(const Function& function, const std::string& name);

  struct Lines {
    bool file_known = false;
    std::vector<std::uint64_t> addresses;  // where its code begins: once for each copy of it
    std::optional<unsigned> next;          // the next line that has code, where this one has none
  };
  // `file` may leave out folders.
  Lines lines(const std::string& file, unsigned line) const;
  // What `name` means in the code at that address, and the function that it is in.
  struct Visible {
    Dwarf_Die die{};
    const Function* function = nullptr;  // null: a global one
  };
  std::optional<Visible> visible_at(std::uint64_t address, const std::string& name) const;

 private:
  struct Index {
    std::map<std::string, std::vector<Dwarf_Die>> variables;
    std::map<std::string, Function> functions;
    std::map<Dwarf_Off, std::string> names;  // qualified, of what is declared
  };
  const Index& index() const;
  void add_names(Index& index, Dwarf_Die& parent, const std::string& scope, unsigned depth) const;
  void add_definitions(Index& index, Dwarf_Die& parent, unsigned depth) const;
  void note_inlined(Index& index, Dwarf_Die& parent, unsigned depth) const;
  static std::string name_of(const Index& index, Dwarf_Die die);
  template <class Visit>
  void each_unit(Visit visit) const;

  Dwarf* dwarf_;
  mutable std::optional<Index> index_;  // made when it is asked for
};

}  // namespace trapline::scenario
