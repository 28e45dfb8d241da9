#include "isa/register_layout.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace trapline::isa {

namespace {

// Power's manuals number bits from the left of 64.
std::string bits_text(Isa isa, unsigned low, unsigned width) {
  const unsigned high = low + width - 1;
  switch (isa) {
    case Isa::X86_64:
      return width == 1 ? fmt::format("{}", low) : fmt::format("{}-{}", low, high);
    case Isa::Ppc64:
      return width == 1 ? fmt::format("{}", 63 - low) : fmt::format("{}:{}", 63 - high, 63 - low);
  }
  return {};
}

std::string value_text(const BitField& field, std::uint64_t value) {
  constexpr unsigned kAsBits = 4;
  if (field.width == 1) return fmt::format("{}", value);
  return field.width <= kAsBits ? fmt::format("{:0{}b}b", value, field.width) : fmt::format("{:#x}", value);
}

std::string meaning(const BitField& field, std::uint64_t value) {
  return std::string(value < field.values.size() ? field.values[value] : field.about);
}

DecodedField reserved(const RegisterLayout& layout, unsigned low, unsigned width, std::uint64_t value) {
  const BitField gap{.name = "", .low = low, .width = width, .about = ""};
  const std::uint64_t fixed = gap.of(layout.reserved_ones);
  const std::uint64_t all = gap.of(~std::uint64_t{0});
  const std::string_view reads = fixed == 0 ? "0" : fixed == all ? "1" : "fixed bits";
  std::string text = fmt::format("reserved, reads {}", reads);
  if (gap.of(value) != fixed) text += fmt::format("; this value has {:#x} there", gap.of(value));
  return {bits_text(layout.isa, low, width), "", value_text(gap, gap.of(value)), std::move(text)};
}

}  // namespace

std::vector<DecodedField> decode(const RegisterLayout& layout, std::uint64_t value) {
  std::vector<DecodedField> lines;
  unsigned next = 0;
  const auto reserved_up_to = [&](unsigned bit) {
    // Where some read 1 and others 0, each run by itself.
    while (next < bit) {
      const auto one = [&](unsigned at) { return (layout.reserved_ones >> at & 1) != 0; };
      unsigned end = next + 1;
      while (end < bit && one(end) == one(next)) ++end;
      lines.push_back(reserved(layout, next, end - next, value));
      next = end;
    }
  };
  for (const BitField& field : layout.fields) {
    reserved_up_to(field.low);
    const std::uint64_t here = field.of(value);
    lines.push_back({bits_text(layout.isa, field.low, field.width), std::string(field.name),
                     value_text(field, here), meaning(field, here)});
    next = field.low + field.width;
  }
  reserved_up_to(64);
  if (layout.isa == Isa::Ppc64) std::ranges::reverse(lines);
  return lines;
}

std::string difference(const RegisterLayout& layout, std::uint64_t actual, std::uint64_t expected,
                       std::uint64_t mask) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  std::uint64_t left = (actual ^ expected) & mask;
  for (const BitField& field : layout.fields) {
    if ((left & field.mask()) == 0) continue;
    left &= ~field.mask();
    const std::uint64_t is = field.of(actual);
    const std::uint64_t wanted = field.of(expected);
    if (field.values.empty()) {
      add(fmt::format("{} ({}) is {}, expected {}", field.name, field.about, value_text(field, is),
                      value_text(field, wanted)));
    } else {
      add(fmt::format("{} is {} ({}), expected {} ({})", field.name, value_text(field, is),
                      meaning(field, is), value_text(field, wanted), meaning(field, wanted)));
    }
  }
  if (left != 0) add(fmt::format("the reserved bits {:#x} differ", left));
  return text;
}

}  // namespace trapline::isa
