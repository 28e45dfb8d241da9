// Encodings come from GNU as for POWER8 and are checked with objdump.
#include "isa/decode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bytes.hpp"
#include "isa/cost.hpp"

namespace trapline::isa {
namespace {

using testing::bytes;

constexpr GuestVa kPc(0x1000);

struct Expected {
  std::string_view source;
  std::string_view encoding;
  InstructionClass cls;
};

constexpr Expected kClasses[] = {
    // Simple
    {"add 3,4,5", "7c 64 2a 14", InstructionClass::Simple},
    {"addi 3,4,1", "38 64 00 01", InstructionClass::Simple},
    {"nop", "60 00 00 00", InstructionClass::Simple},
    {"rldicl 3,4,0,32", "78 83 00 20", InstructionClass::Simple},
    {"mflr 3", "7c 68 02 a6", InstructionClass::Simple},
    {"mtctr 3", "7c 69 03 a6", InstructionClass::Simple},
    {"mfcr 3", "7c 60 00 26", InstructionClass::Simple},
    {"mftb 3", "7c 6c 42 a6", InstructionClass::Simple},
    {"cmpd 3,4", "7c 23 20 00", InstructionClass::Simple},
    {"isel 3,4,5,2", "7c 64 28 9e", InstructionClass::Simple},
    {"cntlzw 3,4", "7c 83 00 34", InstructionClass::Simple},
    {"sradi 3,4,40", "7c 83 46 76", InstructionClass::Simple},
    {"crxor 6,6,6", "4c c6 31 82", InstructionClass::Simple},
    // Load
    {"lbz 3,1(4)", "88 64 00 01", InstructionClass::Load},
    {"ld 3,8(4)", "e8 64 00 08", InstructionClass::Load},
    {"ldu 3,8(4)", "e8 64 00 09", InstructionClass::Load},
    {"lwa 3,8(4)", "e8 64 00 0a", InstructionClass::Load},
    {"ldx 3,4,5", "7c 64 28 2a", InstructionClass::Load},
    {"lwarx 3,4,5", "7c 64 28 28", InstructionClass::Load},
    {"lbarx 3,4,5", "7c 64 28 68", InstructionClass::Load},
    {"ldarx 3,4,5", "7c 64 28 a8", InstructionClass::Load},
    {"lmw 29,0(4)", "bb a4 00 00", InstructionClass::Load},
    {"lq 4,16(6)", "e0 86 00 10", InstructionClass::Load},
    {"lswi 5,4,8", "7c a4 44 aa", InstructionClass::Load},
    {"ldbrx 3,4,5", "7c 64 2c 28", InstructionClass::Load},
    {"lfd 1,0(4)", "c8 24 00 00", InstructionClass::Load},
    {"lfsx 1,4,5", "7c 24 2c 2e", InstructionClass::Load},
    {"lvx 2,4,5", "7c 44 28 ce", InstructionClass::Load},
    {"lxvd2x 34,4,5", "7c 44 2e 99", InstructionClass::Load},
    // Store
    {"stb 3,0(4)", "98 64 00 00", InstructionClass::Store},
    {"std 3,8(4)", "f8 64 00 08", InstructionClass::Store},
    {"stdu 1,-112(1)", "f8 21 ff 91", InstructionClass::Store},
    {"stdx 3,4,5", "7c 64 29 2a", InstructionClass::Store},
    {"stwcx. 3,4,5", "7c 64 29 2d", InstructionClass::Store},
    {"stqcx. 4,4,5", "7c 84 29 6d", InstructionClass::Store},
    {"stmw 29,0(4)", "bf a4 00 00", InstructionClass::Store},
    {"stq 4,16(6)", "f8 86 00 12", InstructionClass::Store},
    {"stfd 1,0(4)", "d8 24 00 00", InstructionClass::Store},
    {"stvx 2,4,5", "7c 44 29 ce", InstructionClass::Store},
    {"stxvd2x 34,4,5", "7c 44 2f 99", InstructionClass::Store},
    {"dcbz 4,5", "7c 04 2f ec", InstructionClass::Store},
    // Multiply
    {"mulli 3,4,5", "1c 64 00 05", InstructionClass::Multiply},
    {"mulld 3,4,5", "7c 64 29 d2", InstructionClass::Multiply},
    {"mullwo. 3,4,5", "7c 64 2d d7", InstructionClass::Multiply},
    {"mulhdu 3,4,5", "7c 64 28 12", InstructionClass::Multiply},
    // Divide
    {"divd 3,4,5", "7c 64 2b d2", InstructionClass::Divide},
    {"divwu 3,4,5", "7c 64 2b 96", InstructionClass::Divide},
    {"divdo. 3,4,5", "7c 64 2f d3", InstructionClass::Divide},
    {"divde 3,4,5", "7c 64 2b 52", InstructionClass::Divide},
    // Branch
    {"b .+16", "48 00 00 10", InstructionClass::Branch},
    {"bne 7,.+16", "40 9e 00 10", InstructionClass::Branch},
    {"bdnz .+16", "42 00 00 10", InstructionClass::Branch},
    {"bctr", "4e 80 04 20", InstructionClass::Branch},
    {"bctar 20,0", "4e 80 04 60", InstructionClass::Branch},
    // Call
    {"bl .+16", "48 00 00 11", InstructionClass::Call},
    {"bctrl", "4e 80 04 21", InstructionClass::Call},
    {"blr", "4e 80 00 20", InstructionClass::Call},
    {"beqlr", "4d 82 00 20", InstructionClass::Call},
    {"bcl 20,31,.+4", "42 9f 00 05", InstructionClass::Call},
    // Float
    {"fadd 1,2,3", "fc 22 18 2a", InstructionClass::Float},
    {"fmadds 1,2,3,4", "ec 22 20 fa", InstructionClass::Float},
    {"fmr 1,2", "fc 20 10 90", InstructionClass::Float},
    {"fcmpu 0,1,2", "fc 01 10 00", InstructionClass::Float},
    {"fcfid 1,2", "fc 20 16 9c", InstructionClass::Float},
    {"mffs 1", "fc 20 04 8e", InstructionClass::Float},
    {"xsadddp 1,2,3", "f0 22 19 00", InstructionClass::Float},
    {"xsmaddasp 1,2,3", "f0 22 18 08", InstructionClass::Float},
    {"xscvdpsp 1,2", "f0 20 14 24", InstructionClass::Float},
    // FloatDivide
    {"fdiv 1,2,3", "fc 22 18 24", InstructionClass::FloatDivide},
    {"fsqrts 1,2", "ec 20 10 2c", InstructionClass::FloatDivide},
    {"xsdivdp 1,2,3", "f0 22 19 c0", InstructionClass::FloatDivide},
    {"xvsqrtsp 34,35", "f0 40 1a 2f", InstructionClass::FloatDivide},
    // Vector
    {"vaddubm 2,3,4", "10 43 20 00", InstructionClass::Vector},
    {"vperm 2,3,4,5", "10 43 21 6b", InstructionClass::Vector},
    {"lvsl 2,4,5", "7c 44 28 0c", InstructionClass::Vector},
    {"xvadddp 34,35,36", "f0 43 23 07", InstructionClass::Vector},
    {"xxpermdi 34,35,36,1", "f0 43 21 57", InstructionClass::Vector},
    {"mtvsrd 1,3", "7c 23 01 66", InstructionClass::Vector},
    // Barrier
    {"sync", "7c 00 04 ac", InstructionClass::Barrier},
    {"lwsync", "7c 20 04 ac", InstructionClass::Barrier},
    {"isync", "4c 00 01 2c", InstructionClass::Barrier},
    {"eieio", "7c 00 06 ac", InstructionClass::Barrier},
    {"dcbf 4,5", "7c 04 28 ac", InstructionClass::Barrier},
    {"dcbst 4,5", "7c 04 28 6c", InstructionClass::Barrier},
    {"dcbt 4,5", "7c 04 2a 2c", InstructionClass::Barrier},
    {"dcbtst 4,5", "7c 04 29 ec", InstructionClass::Barrier},
    {"icbi 4,5", "7c 04 2f ac", InstructionClass::Barrier},
    {"icbt 0,4,5", "7c 04 28 2c", InstructionClass::Barrier},
    // System
    {"sc", "44 00 00 02", InstructionClass::System},
    {"rfid", "4c 00 00 24", InstructionClass::System},
    {"hrfid", "4c 00 02 24", InstructionClass::System},
    {"trap", "7f e0 00 08", InstructionClass::System},
    {"td 4,3,4", "7c 83 20 88", InstructionClass::System},
    {"twi 31,3,0", "0f e3 00 00", InstructionClass::System},
    {"tdi 4,3,1", "08 83 00 01", InstructionClass::System},
    {"mtmsrd 3", "7c 60 01 64", InstructionClass::System},
    {"mfmsr 3", "7c 60 00 a6", InstructionClass::System},
    {"mtspr 26,3", "7c 7a 03 a6", InstructionClass::System},
    {"mfspr 3,18", "7c 72 02 a6", InstructionClass::System},
    {"mtspr 1013,3", "7c 75 fb a6", InstructionClass::System},
    {"tlbie 3,0", "7c 00 1a 64", InstructionClass::System},
    {"slbia", "7c 00 03 e4", InstructionClass::System},
    {"tbegin. 0", "7c 00 05 1d", InstructionClass::System},
};

TEST(DecodePpc64, ClassAndSize) {
  const Decoder decoder(Isa::Ppc64);
  for (const auto& [source, encoding, cls] : kClasses) {
    const Instruction decoded = decoder.decode(bytes(encoding), kPc);
    EXPECT_EQ(decoded.size, 4) << source;
    EXPECT_EQ(decoded.cls, cls) << source << ": " << name(decoded.cls);
    EXPECT_FALSE(decoded.repeated) << source;
  }
}

TEST(DecodePpc64, Times) {
  const Decoder decoder(Isa::Ppc64);
  struct Row {
    std::string_view source;
    std::string_view encoding;
    InstructionClass cls;
    unsigned times;
  };
  for (const auto& [source, encoding, cls, times] : {
           Row{"ld 3,8(4)", "e8 64 00 08", InstructionClass::Load, 1},
           Row{"lmw 29,0(4)", "bb a4 00 00", InstructionClass::Load, 3},
           Row{"stmw 14,0(4)", "bd c4 00 00", InstructionClass::Store, 18},
           Row{"lswi 5,4,8", "7c a4 44 aa", InstructionClass::Load, 2},
           Row{"lswi 5,4,32", "7c a4 04 aa", InstructionClass::Load, 8},
           Row{"stswi 5,4,9", "7c a4 4d aa", InstructionClass::Store, 3},
           Row{"dcbz 0,4", "7c 00 27 ec", InstructionClass::Store, 8},
           Row{"lq 4,16(6)", "e0 86 00 10", InstructionClass::Load, 2},
           Row{"stvebx 2,0,4", "7c 40 21 0e", InstructionClass::Store, 3},
       }) {
    const Instruction decoded = decoder.decode(bytes(encoding), kPc);
    EXPECT_EQ(decoded.cls, cls) << source;
    EXPECT_EQ(decoded.times, times) << source;
    const CostTable& costs = default_costs(Isa::Ppc64);
    EXPECT_EQ(costs.of(decoded), std::uint64_t{times} * costs.of(cls)) << source;
  }
}

TEST(DecodePpc64, EveryClassOccursExceptReadModify) {
  for (std::size_t i = 0; i < kInstructionClasses; ++i) {
    const auto cls = static_cast<InstructionClass>(i);
    EXPECT_EQ(std::ranges::any_of(kClasses, [cls](const Expected& row) { return row.cls == cls; }),
              cls != InstructionClass::ReadModify)
        << name(cls);
  }
}

TEST(DecodePpc64, EndsBlock) {
  const Decoder decoder(Isa::Ppc64);
  for (const std::string_view encoding : {
           "48 00 00 10",  // b
           "48 00 00 01",  // bl
           "41 82 00 10",  // beq
           "42 00 00 10",  // bdnz
           "4e 80 00 20",  // blr
           "4d 82 00 20",  // beqlr
           "4e 80 04 20",  // bctr
           "4e 80 04 21",  // bctrl
           "4e 80 04 60",  // bctar
           "44 00 00 02",  // sc
           "4c 00 00 24",  // rfid
           "4c 00 02 24",  // hrfid
           "7f e0 00 08",  // trap
           "0f e0 00 00",  // twi 31,0,0
           "0b e3 00 01",  // tdi 31,3,1
           "7f e3 20 88",  // td 31,3,4
       }) {
    EXPECT_TRUE(decoder.decode(bytes(encoding), kPc).ends_block) << encoding;
  }
  for (const std::string_view encoding : {
           "60 00 00 00",  // nop
           "7c 83 20 88",  // tdeq r3, r4
           "08 83 00 01",  // tdeqi r3, 1
           "7c 60 01 64",  // mtmsrd r3
           "4c 00 01 2c",  // isync
           "4c c6 31 82",  // crclr 6
           "f8 64 00 08",  // std r3, 8(r4)
       }) {
    EXPECT_FALSE(decoder.decode(bytes(encoding), kPc).ends_block) << encoding;
  }
}

// Power ISA v2.07, Book II 4.3.
TEST(DecodePpc64, CacheManagement) {
  const Decoder decoder(Isa::Ppc64);
  for (const std::string_view encoding : {
           "7c 04 28 ac",  // dcbf
           "7c 04 28 6c",  // dcbst
           "7c 04 2a 2c",  // dcbt
           "7c 04 29 ec",  // dcbtst
           "7c 04 2f ac",  // icbi
           "7c 04 28 2c",  // icbt
           "7c 04 2d ec",  // dcba
       }) {
    const Instruction decoded = decoder.decode(bytes(encoding), kPc);
    EXPECT_TRUE(decoded.cache_management) << encoding;
    EXPECT_EQ(decoded.cls, InstructionClass::Barrier) << encoding;
  }
  for (const std::string_view encoding : {
           "7c 04 2f ec",  // dcbz: a store
           "7c 00 04 ac",  // sync
           "4c 00 01 2c",  // isync
           "e8 64 00 08",  // ld
       }) {
    EXPECT_FALSE(decoder.decode(bytes(encoding), kPc).cache_management) << encoding;
  }
}

TEST(DecodePpc64, Text) {
  const Decoder decoder(Isa::Ppc64);
  EXPECT_EQ(decoder.text(bytes("f8 64 00 08"), kPc), "std r3, 8(r4)");
  EXPECT_EQ(decoder.text(bytes("41 82 00 10"), kPc), "beq 0x1010");
  EXPECT_EQ(decoder.text(bytes("4e 80 00 20"), kPc), "blr");
  EXPECT_EQ(decoder.text(bytes("7c 83 00 34"), kPc), "cntlzw r3, r4");
  EXPECT_EQ(decoder.text(bytes("7c 83 00 35"), kPc), "cntlzw. r3, r4");
  // An instruction for us, but not for Capstone 4: lbarx r3, r4, r5.
  EXPECT_EQ(decoder.text(bytes("7c 64 28 68"), kPc), ".long 0x7c642868");
}

TEST(DecodePpc64, UnknownWord) {
  const Decoder decoder(Isa::Ppc64);
  for (const std::string_view encoding : {
           "00 00 00 00",  // primary opcode 0, reserved
           "04 00 00 01",  // primary opcode 1, reserved
           "44 00 00 01",  // scv, newer than POWER8
           "7c 00 07 a4",  // tlbwe of embedded processors, which Capstone knows
           "fc 00 00 02",  // primary opcode 63, reserved extended opcode
       }) {
    const Instruction decoded = decoder.decode(bytes(encoding), kPc);
    EXPECT_EQ(decoded.size, 4) << encoding;
    EXPECT_EQ(decoded.cls, InstructionClass::System) << encoding;
    EXPECT_FALSE(decoded.ends_block) << encoding;
  }
  EXPECT_EQ(decoder.text(bytes("7c 00 07 a4"), kPc), ".long 0x7c0007a4");
  EXPECT_EQ(decoder.text(bytes("00 00 00 01"), kPc), ".long 0x00000001");
}

TEST(DecodePpc64, FewerThanFourBytes) {
  const Decoder decoder(Isa::Ppc64);
  const auto code = bytes("60 00 00 00");
  for (std::size_t length = 0; length < code.size(); ++length) {
    EXPECT_EQ(decoder.decode(std::span(code).first(length), kPc).size, 0);
    EXPECT_EQ(decoder.text(std::span(code).first(length), kPc), "(bad)");
  }
}

TEST(DecodePpc64, AnyBytesAreSafe) {
  const Decoder decoder(Isa::Ppc64);
  std::mt19937 random(20240611);
  for (int round = 0; round < 100'000; ++round) {
    std::vector<std::byte> code(random() % 7);
    for (std::byte& byte : code) byte = static_cast<std::byte>(random() & 0xff);
    EXPECT_EQ(decoder.decode(code, kPc).size, code.size() < 4 ? 0 : 4);
    const std::string text = decoder.text(code, kPc);
    ASSERT_FALSE(text.empty());
    EXPECT_NE(text.back(), ' ');
  }
}

}  // namespace
}  // namespace trapline::isa
