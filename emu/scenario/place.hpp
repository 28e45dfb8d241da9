// A place in a guest program, as scenario files and command lines name it:
//
//   counter, table+8, 0x404010         a symbol, so many bytes after it, an address
//   account.balance, table[2].next     by the debug information: fields and elements
//   list->head->next, *p               through pointers, wherever they point at the time
//   bump::calls, bank::Counter::total  variables of a function or a class; of a function, local ones as well
//   counter.c:12, counter.c:12:x       the code of a line; the variable that is visible there
//   heap:make_node, heap:list.c:12     what is allocated there
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trapline::scenario {

struct Place {
  // What is done to what stands before it. As in C, `p->f` is Follow and Field.
  struct Field {
    std::string name;
    bool operator==(const Field&) const = default;
  };
  struct Element {
    std::uint64_t index = 0;
    bool operator==(const Element&) const = default;
  };
  struct Follow {
    bool operator==(const Follow&) const = default;
  };
  using Step = std::variant<Field, Element, Follow>;

  // A name may have dots, which are a symbol's ("calls.0") or fields': the program says which. Empty:
  // `offset` is the address itself, or it is the line's code.
  std::string symbol;
  std::uint64_t offset = 0;  // bytes, after all steps
  std::vector<Step> steps{};
  std::string file{};  // of the line at which the symbol is visible, or the code is
  unsigned line = 0;   // from 1; 0: no line
  bool heap = false;   // what is allocated by the function or at the line

  // An address, or a symbol with an offset, as the symbol table has it.
  bool plain() const { return steps.empty() && line == 0 && !heap; }

  // The code of a line.
  bool code() const { return line != 0 && symbol.empty() && !heap; }

  bool operator==(const Place&) const = default;
};

// Nothing where the text is none of these. Numbers are decimal or 0x hexadecimal; an address alone is
// hexadecimal only, so that a mistyped symbol is not taken for one.
std::optional<Place> parse_place(std::string_view text);

// As it is written; of an address or a symbol with an offset the inverse of parse_place().
std::string to_string(const Place& place);

}  // namespace trapline::scenario
