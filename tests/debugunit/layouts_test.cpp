#include "debugunit/layouts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "debugunit/ppc64/dabr.hpp"
#include "debugunit/ppc64/dawr.hpp"
#include "debugunit/x86/debug_registers.hpp"

namespace trapline::debugunit {
namespace {

using isa::Isa;
using testing::Contains;
using testing::HasSubstr;

std::string line_of(Isa isa, std::string_view name, std::uint64_t value, std::string_view field) {
  for (const isa::DecodedField& line : isa::decode(*layout_of(isa, name), value)) {
    if (line.name == field) return line.bits + " " + line.value + " " + line.meaning;
  }
  return "no such field";
}

TEST(Layouts, FieldsAreInOrderAndDoNotOverlap) {
  for (const std::string_view name : layout_names()) {
    const isa::RegisterLayout* layout = layout_of(Isa::X86_64, name);
    if (layout == nullptr) layout = layout_of(Isa::Ppc64, name);
    ASSERT_NE(layout, nullptr) << name;
    std::uint64_t seen = layout->reserved_ones;
    unsigned next = 0;
    for (const isa::BitField& field : layout->fields) {
      EXPECT_GE(field.low, next) << name << " " << field.name;
      EXPECT_EQ(seen & field.mask(), 0u) << name << " " << field.name;
      EXPECT_FALSE(field.about.empty()) << name << " " << field.name;
      if (!field.values.empty()) {
        EXPECT_EQ(field.values.size(), std::size_t{1} << field.width) << field.name;
      }
      seen |= field.mask();
      next = field.low + field.width;
    }
    EXPECT_LE(next, 64u) << name;
  }
}

// The lines are the whole register: their bits put together again are the value.
TEST(Layouts, EveryBitIsTold) {
  for (const std::string_view name : layout_names()) {
    for (const Isa isa : isa::kAllIsas) {
      const isa::RegisterLayout* const layout = layout_of(isa, name);
      if (layout == nullptr) continue;
      unsigned bits = 0;
      for (const isa::DecodedField& line : isa::decode(*layout, 0)) {
        const std::size_t dash = line.bits.find_first_of("-:");
        const int from = std::stoi(line.bits);
        const int to = dash == std::string::npos ? from : std::stoi(line.bits.substr(dash + 1));
        bits += static_cast<unsigned>(to - from + 1);
      }
      EXPECT_EQ(bits, 64u) << name;
    }
  }
}

// The tables agree with what the units do: bits that can be written are fields, and the others are reserved
// as they read.
TEST(Layouts, AreTheUnitsOwn) {
  const auto fields = [](Isa isa, std::string_view name) {
    std::uint64_t mask = 0;
    for (const isa::BitField& field : layout_of(isa, name)->fields) mask |= field.mask();
    return mask;
  };
  EXPECT_EQ(fields(Isa::X86_64, "dr6"), x86::dr6::kWritable | x86::dr6::kBld | x86::dr6::kRtm);
  EXPECT_EQ(fields(Isa::X86_64, "dr7"), x86::dr7::kWritable | x86::dr7::kRtm);
  EXPECT_EQ(layout_of(Isa::X86_64, "dr7")->reserved_ones, x86::dr7::kFixedOnes);
  EXPECT_EQ(fields(Isa::Ppc64, "dabrx"), ppc64::dabrx::kWritable);
  EXPECT_EQ(fields(Isa::Ppc64, "dawrx0"), ppc64::dawrx::kWritable);
  EXPECT_EQ(fields(Isa::Ppc64, "dawr1"), ppc64::dawr::kDeaw);
}

TEST(Layouts, Dr7) {
  EXPECT_EQ(line_of(Isa::X86_64, "dr7", 0xd0402, "G0"), "1 1 enabled globally");
  EXPECT_EQ(line_of(Isa::X86_64, "dr7", 0xd0402, "R/W0"), "16-17 01b data writes");
  EXPECT_EQ(line_of(Isa::X86_64, "dr7", 0xd0402, "LEN0"), "18-19 11b 4 bytes");
  EXPECT_EQ(line_of(Isa::X86_64, "DR7", 0x1000, "L0"), "0 0 not enabled locally");
}

TEST(Layouts, PowersBitsAreNumberedFromTheLeft) {
  EXPECT_EQ(line_of(Isa::Ppc64, "dawrx0", 0x5f, "MRD"), "48:53 0x0 match range: doublewords after the first");
  EXPECT_EQ(line_of(Isa::Ppc64, "dabr", 7, "DW"), "62 1 stores match");
  EXPECT_EQ(line_of(Isa::Ppc64, "dsisr", 0x02400000, "MATCH"), "41 1 DABR or a DAWR matched");
  EXPECT_EQ(isa::decode(*layout_of(Isa::Ppc64, "msr"), 0).front().name, "SF");
}

TEST(Layouts, ReservedBitsThatAreNotAsTheyRead) {
  EXPECT_EQ(line_of(Isa::X86_64, "dr7", 0x1400, ""), "10 1 reserved, reads 1");
  std::vector<std::string> meanings;
  for (const auto& line : isa::decode(*layout_of(Isa::X86_64, "dr7"), 0x1400))
    meanings.push_back(line.meaning);
  EXPECT_THAT(meanings, Contains(HasSubstr("reserved, reads 0; this value has 0x1 there")));
}

TEST(Layouts, Difference) {
  const auto& dr6 = *layout_of(Isa::X86_64, "dr6");
  EXPECT_EQ(isa::difference(dr6, 0xffff0ff1, 0xffff4ff0, ~std::uint64_t{0}),
            "B0 is 1 (the condition of breakpoint 0 was met), expected 0 (the condition of breakpoint 0 was "
            "not met); "
            "BS is 0 (no single step), expected 1 (a single step, under RFLAGS.TF)");
  EXPECT_EQ(isa::difference(dr6, 0xffff0ff1, 0xffff0ff0, x86::dr6::kBs), "");
  EXPECT_EQ(isa::difference(dr6, 0, 0x10, ~std::uint64_t{0}), "the reserved bits 0x10 differ");
}

TEST(Layouts, Names) {
  EXPECT_EQ(layout_of(Isa::X86_64, "dabr"), nullptr);
  EXPECT_EQ(layout_of(Isa::Ppc64, "srr1"), layout_of(Isa::Ppc64, "msr"));
  EXPECT_EQ(layout_of(Isa::Ppc64, "dawr"), layout_of(Isa::Ppc64, "dawr0"));
}

}  // namespace
}  // namespace trapline::debugunit
