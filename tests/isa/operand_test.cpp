// Operands of x86-64 instructions, against encodings that an assembler made.
#include "isa/x86/operand.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace trapline::isa::x86 {
namespace {

constexpr GuestVa kNext(0x401000);

// Every register has a value of its own, so that a wrong one gives a wrong address.
std::uint64_t value_of(Reg reg) { return 0x1'0000'0000 * (static_cast<std::uint64_t>(reg) + 1); }

struct Case {
  const char* text;
  std::vector<std::uint8_t> code;  // of an instruction with a one-byte opcode
  std::uint64_t address;
  std::size_t length;  // of ModR/M, SIB and displacement
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.text; }

class MemoryOperand : public testing::TestWithParam<Case> {};

TEST_P(MemoryOperand, IsWhereTheProcessorLooks) {
  std::vector<std::byte> code;
  for (const std::uint8_t byte : GetParam().code) code.push_back(static_cast<std::byte>(byte));
  const Prefixes prefixes = scan_prefixes(code);
  const auto operand = decode_operand(std::span(code).subspan(prefixes.length + 1), prefixes);
  ASSERT_TRUE(operand);
  EXPECT_TRUE(operand->memory);
  EXPECT_EQ(operand->length, GetParam().length);
  EXPECT_EQ(linear_address(*operand, prefixes, kNext, value_of).value, GetParam().address);
  EXPECT_FALSE(decode_operand(std::span(code).subspan(prefixes.length + 1, operand->length - 1), prefixes));
}

std::uint64_t at(Reg reg, std::uint64_t displacement = 0) { return value_of(reg) + displacement; }

INSTANTIATE_TEST_SUITE_P(
    Forms, MemoryOperand,
    testing::Values(
        Case{"[rax]", {0x8b, 0x00}, at(Reg::rax), 1}, Case{"[rdi]", {0x8b, 0x07}, at(Reg::rdi), 1},
        Case{"[r9]", {0x41, 0x8b, 0x01}, at(Reg::r9), 1},
        Case{"[rbp+0]", {0x8b, 0x45, 0x00}, at(Reg::rbp), 2},
        Case{"[r13+0]", {0x41, 0x8b, 0x45, 0x00}, at(Reg::r13), 2},
        Case{"[rbx-8]", {0x8b, 0x43, 0xf8}, at(Reg::rbx) - 8, 2},
        Case{"[rbx+0x12345678]", {0x8b, 0x83, 0x78, 0x56, 0x34, 0x12}, at(Reg::rbx, 0x12345678), 5},
        Case{"[rsp]", {0x8b, 0x04, 0x24}, at(Reg::rsp), 2},
        Case{"[r12]", {0x41, 0x8b, 0x04, 0x24}, at(Reg::r12), 2},
        Case{"[rcx+rdx*8-16]", {0x8b, 0x44, 0xd1, 0xf0}, at(Reg::rcx) + 8 * at(Reg::rdx) - 16, 3},
        Case{"[r8+r12*2]", {0x43, 0x8b, 0x04, 0x60}, at(Reg::r8) + 2 * at(Reg::r12), 2},
        Case{"[rsi*4+0x20]", {0x8b, 0x04, 0xb5, 0x20, 0, 0, 0}, 4 * at(Reg::rsi) + 0x20, 6},
        Case{"[0x1234]", {0x8b, 0x04, 0x25, 0x34, 0x12, 0, 0}, 0x1234, 6},
        Case{"[rip+0x10]", {0x8b, 0x05, 0x10, 0, 0, 0}, kNext.value + 0x10, 5},
        Case{"fs:[rax]", {0x64, 0x8b, 0x00}, at(Reg::rax) + at(Reg::fs_base), 1},
        Case{"gs:[0x28]", {0x65, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0}, at(Reg::gs_base, 0x28), 6},
        Case{"[ebx-1]", {0x67, 0x8b, 0x43, 0xff}, 0xffffffff, 2}));

TEST(Operand, CanBeARegister) {
  const std::array code{std::byte{0xe9}};  // mod = 3, reg = 5, rm = 1
  const auto plain = decode_operand(code, {});
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->memory);
  EXPECT_EQ(plain->base, Reg::rcx);
  EXPECT_EQ(plain->reg, 5u);
  const auto extended = decode_operand(code, {.rex = 0x45});
  ASSERT_TRUE(extended);
  EXPECT_EQ(extended->base, Reg::r9);
  EXPECT_EQ(extended->reg, 13u);
}

TEST(Operand, TheStackIsAddressedByRspAndRbpAlone) {
  const auto of = [](std::vector<std::byte> code) { return decode_operand(code, {})->stack; };
  EXPECT_TRUE(of({std::byte{0x04}, std::byte{0x24}}));
  EXPECT_TRUE(of({std::byte{0x45}, std::byte{0}}));
  EXPECT_FALSE(of({std::byte{0x00}}));
}

}  // namespace
}  // namespace trapline::isa::x86
