#include "tools/silicon/form.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <stdexcept>
#include <string>

#include "tools/silicon/case.hpp"
#include "tools/silicon/hash.hpp"
#include "tools/silicon/layout.hpp"

namespace trapline::tools::silicon {

namespace {

constexpr auto kForms = std::to_array<Form>({
#include "tools/silicon/forms.inc"
});

constexpr std::uint8_t kInt3 = 0xcc;

// Writes code from an address on.
class Assembler {
 public:
  explicit Assembler(std::uint64_t at) : start_(at) {}

  std::uint64_t here() const { return start_ + bytes_.size(); }
  std::span<const std::byte> bytes() const { return bytes_; }

  void emit(std::initializer_list<unsigned> bytes) {
    for (const unsigned byte : bytes) bytes_.push_back(static_cast<std::byte>(byte));
  }
  // An instruction whose last four bytes are the distance to `target`.
  void emit(std::initializer_list<unsigned> bytes, std::uint64_t target) {
    emit(bytes);
    number(target - (here() + 4), 4);
  }

  void instruction(const Form& form) {
    const std::uint64_t operand = kData + form.fixed;
    std::size_t distance = 0;  // where it goes; 0: there is none
    for (std::string_view rest = form.code; !rest.empty();) {
      const std::string_view word = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), word.size() + 1));
      if (word == "{rip}") {
        distance = bytes_.size();
        number(0, 4);
      } else if (word == "{abs}") {
        number(operand, 8);
      } else {
        unsigned byte = 0;
        std::from_chars(word.begin(), word.end(), byte, 16);
        emit({byte});
      }
    }
    if (distance == 0) return;
    const std::uint64_t value = operand - here();  // from the instruction's end
    for (unsigned i = 0; i < 4; ++i) bytes_[distance + i] = static_cast<std::byte>(value >> (8 * i));
  }

 private:
  void number(std::uint64_t value, unsigned size) {
    for (unsigned i = 0; i < size; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }

  std::uint64_t start_;
  std::vector<std::byte> bytes_;
};

void load_unit(Assembler& code, Unit unit) {
  using namespace scratch;
  switch (unit) {
    case Unit::General:
      break;
    case Unit::Sse:
      code.emit({0x0f, 0xae, 0x15}, kMxcsr);     // ldmxcsr
      code.emit({0x0f, 0x10, 0x05}, kXmm);       // movups xmm0
      code.emit({0x0f, 0x10, 0x0d}, kXmm + 16);  // movups xmm1
      break;
    case Unit::Mmx:
      code.emit({0xdb, 0xe3});                   // fninit
      code.emit({0x0f, 0x6f, 0x05}, kXmm);       // movq mm0
      code.emit({0x0f, 0x6f, 0x0d}, kXmm + 16);  // movq mm1
      break;
    case Unit::X87:
      code.emit({0xdb, 0xe3});             // fninit
      code.emit({0xd9, 0xe8});             // fld1: there shall be two left where the instruction pops one
      code.emit({0xdb, 0x2d}, kX87 + 16);  // fld m80
      code.emit({0xdb, 0x2d}, kX87);
      break;
  }
}

void store_unit(Assembler& code, Unit unit) {
  using namespace scratch;
  switch (unit) {
    case Unit::General:
      break;
    case Unit::Sse:
      code.emit({0x0f, 0x11, 0x05}, kResults);       // movups xmm0
      code.emit({0x0f, 0x11, 0x0d}, kResults + 16);  // movups xmm1
      break;
    case Unit::Mmx:
      code.emit({0x0f, 0x7f, 0x05}, kResults);       // movq mm0
      code.emit({0x0f, 0x7f, 0x0d}, kResults + 16);  // movq mm1
      code.emit({0x0f, 0x77});                       // emms
      break;
    case Unit::X87:
      code.emit({0xdb, 0x3d}, kResults);  // fstp m80
      code.emit({0xdb, 0x3d}, kResults + 16);
      break;
  }
}

struct Assembled {
  Place place;
  std::vector<std::byte> bytes;
};

Assembled assemble(std::size_t index) {
  const Form& form = kForms[index];
  Assembled result;
  result.place.start = kCode + index * kSlotSize;
  Assembler code(result.place.start);
  load_unit(code, form.unit);
  result.place.instruction = code.here();
  code.instruction(form);
  result.place.next = code.here();
  store_unit(code, form.unit);
  code.emit({0x90});  // nop: a processor may hold a trap back for one instruction (MOV SS)
  result.place.end = code.here();
  code.emit({kInt3});
  if (code.bytes().size() > kSlotSize) throw std::logic_error("a form's code is longer than its slot");
  result.bytes.assign(code.bytes().begin(), code.bytes().end());
  return result;
}

}  // namespace

std::span<const Form> forms() { return kForms; }

const Form* find_form(std::string_view name) {
  const auto found = std::ranges::find(kForms, name, &Form::name);
  return found == kForms.end() ? nullptr : &*found;
}

std::uint32_t checksum(const Form& form) {
  Hash hash;
  hash.add(kGeneratorVersion);
  for (const std::string_view text : {form.name, form.code, form.setup, form.undefined}) hash.add(text);
  for (const std::uint64_t value :
       {form.size, form.align, std::uint64_t{static_cast<unsigned>(form.unit)}, form.fixed})
    hash.add(value);
  for (const Ignored& ignored : form.ignored) {
    for (const std::uint64_t value : {ignored.offset, ignored.size, ignored.times, ignored.step})
      hash.add(value);
  }
  return hash.folded();
}

Place place(const Form& form) {
  static const std::vector<Place> kPlaces = [] {
    std::vector<Place> all;
    for (std::size_t i = 0; i < kForms.size(); ++i) all.push_back(assemble(i).place);
    return all;
  }();
  return kPlaces[static_cast<std::size_t>(&form - kForms.data())];
}

std::vector<std::byte> code_image() {
  std::vector<std::byte> image(kForms.size() * kSlotSize, std::byte{kInt3});
  for (std::size_t i = 0; i < kForms.size(); ++i)
    std::ranges::copy(assemble(i).bytes, image.begin() + static_cast<std::ptrdiff_t>(i * kSlotSize));
  return image;
}

}  // namespace trapline::tools::silicon
