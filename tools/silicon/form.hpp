// The instruction forms, one a row of forms.inc, and the code that surrounds each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace trapline::tools::silicon {

// Whose registers the instruction uses besides the general ones. They are loaded before it and stored behind
// it.
enum class Unit : std::uint8_t { General, Sse, Mmx, X87 };

// Bytes of the first operand that processors are free to fill differently.
struct Ignored {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::uint64_t times = 1;  // so often,
  std::uint64_t step = 0;   // so many bytes apart
};

struct Form {
  std::string_view name;
  // Hexadecimal bytes. {rip} stands for the 32-bit distance to the operand, {abs} for its 64-bit address.
  std::string_view code;
  // What the registers and the memory hold, from left to right; all others are random:
  //   rbx=a-8         a register by its name; a and b are the operands, `next` the address past the
  //                   instruction, `n` a small count, `bits` a bit offset, [a+8] the memory's initial content
  //   [a+8]:2=0x37f   two bytes of memory
  //   zf=1 cf=0 df=r  a flag of RFLAGS, r: random. DF is otherwise 0
  std::string_view setup;
  std::uint64_t size = 0;   // bytes of an operand, to aim the breakpoints
  std::uint64_t align = 1;  // what the first operand's address must be a multiple of
  Unit unit = Unit::General;
  std::string_view undefined{};  // flags that the manual leaves undefined, of "CPAZSO"
  std::uint64_t fixed = 0;       // where in the data the operand lies, if the code has its address in it
  std::array<Ignored, 4> ignored{};
};

std::span<const Form> forms();
const Form* find_form(std::string_view name);  // nullptr: there is none

// Changes whenever the cases that are generated of the form change.
std::uint32_t checksum(const Form& form);

// The virtual addresses of a form's code.
struct Place {
  std::uint64_t start = 0;  // of what loads the unit's registers, if anything
  std::uint64_t instruction = 0;
  std::uint64_t next = 0;  // past the instruction: what stores the unit's registers, if anything
  std::uint64_t end = 0;   // of the int3
};
Place place(const Form& form);

// The code of all forms, from kCode on.
std::vector<std::byte> code_image();

}  // namespace trapline::tools::silicon
