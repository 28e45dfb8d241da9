// Encodings come from GNU as and are checked with objdump.
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
    {"add rcx, rbx", "48 01 d9", InstructionClass::Simple},
    {"mov rcx, rbx", "48 89 d9", InstructionClass::Simple},
    {"nop", "90", InstructionClass::Simple},
    {"nop dword ptr [rbx]", "0f 1f 03", InstructionClass::Simple},
    {"lea rax, [rbx+8]", "48 8d 43 08", InstructionClass::Simple},
    {"endbr64", "f3 0f 1e fa", InstructionClass::Simple},
    {"tzcnt eax, ecx", "f3 0f bc c1", InstructionClass::Simple},
    {"xchg rax, rcx", "48 91", InstructionClass::Simple},
    {"sete al", "0f 94 c0", InstructionClass::Simple},
    {"pause", "f3 90", InstructionClass::Simple},
    // Load
    {"mov rcx, [rbx]", "48 8b 0b", InstructionClass::Load},
    {"add rcx, [rbx]", "48 03 0b", InstructionClass::Load},
    {"cmp qword ptr [rbx], 1", "48 83 3b 01", InstructionClass::Load},
    {"test qword ptr [rbx], 1", "48 f7 03 01 00 00 00", InstructionClass::Load},
    {"bt [rbx], rax", "48 0f a3 03", InstructionClass::Load},
    {"pop rax", "58", InstructionClass::Load},
    {"leave", "c9", InstructionClass::Load},
    {"movzx eax, byte ptr [rbx]", "0f b6 03", InstructionClass::Load},
    {"movaps xmm0, [rbx]", "0f 28 03", InstructionClass::Load},
    {"movsd xmm0, qword ptr [rbx]", "f2 0f 10 03", InstructionClass::Load},
    {"movhps xmm0, [rbx]", "0f 16 03", InstructionClass::Load},
    {"fld qword ptr [rbx]", "dd 03", InstructionClass::Load},
    {"ldmxcsr [rbx]", "0f ae 13", InstructionClass::Load},
    {"lodsb", "ac", InstructionClass::Load},
    {"cmpsb", "a6", InstructionClass::Load},
    {"scasb", "ae", InstructionClass::Load},
    {"vmovups ymm0, [rbx]", "c5 fc 10 03", InstructionClass::Load},
    {"cmovne rax, [rbx]", "48 0f 45 03", InstructionClass::Load},
    // Store
    {"mov [rbx], rcx", "48 89 0b", InstructionClass::Store},
    {"mov qword ptr [rbx], 5", "48 c7 03 05 00 00 00", InstructionClass::Store},
    {"push rax", "50", InstructionClass::Store},
    {"sete [rbx]", "0f 94 03", InstructionClass::Store},
    {"movaps [rbx], xmm0", "0f 29 03", InstructionClass::Store},
    {"movsd qword ptr [rbx], xmm0", "f2 0f 11 03", InstructionClass::Store},
    {"movntps [rbx], xmm0", "0f 2b 03", InstructionClass::Store},
    {"movhps [rbx], xmm0", "0f 17 03", InstructionClass::Store},
    {"movnti [rbx], rax", "48 0f c3 03", InstructionClass::Store},
    {"movbe [rbx], rax", "48 0f 38 f1 03", InstructionClass::Store},
    {"pextrq [rbx], xmm0, 1", "66 48 0f 3a 16 03 01", InstructionClass::Store},
    {"maskmovdqu xmm0, xmm1", "66 0f f7 c1", InstructionClass::Store},
    {"fstp qword ptr [rbx]", "dd 1b", InstructionClass::Store},
    {"stmxcsr [rbx]", "0f ae 1b", InstructionClass::Store},
    {"fxsave [rbx]", "0f ae 03", InstructionClass::Store},
    {"stosq", "48 ab", InstructionClass::Store},
    {"vmovups [rbx], ymm0", "c5 fc 11 03", InstructionClass::Store},
    // ReadModify
    {"add [rbx], rcx", "48 01 0b", InstructionClass::ReadModify},
    {"lock xadd [rbx], rcx", "f0 48 0f c1 0b", InstructionClass::ReadModify},
    {"xchg [rbx], rcx", "48 87 0b", InstructionClass::ReadModify},
    {"lock cmpxchg [rbx], rcx", "f0 48 0f b1 0b", InstructionClass::ReadModify},
    {"lock cmpxchg16b [rbx]", "f0 48 0f c7 0b", InstructionClass::ReadModify},
    {"inc dword ptr [rbx]", "ff 03", InstructionClass::ReadModify},
    {"shl dword ptr [rbx], 3", "c1 23 03", InstructionClass::ReadModify},
    {"rol qword ptr [rbx], 1", "48 d1 03", InstructionClass::ReadModify},
    {"rcl qword ptr [rbx], 1", "48 d1 13", InstructionClass::ReadModify},
    {"bts [rbx], rax", "48 0f ab 03", InstructionClass::ReadModify},
    {"push qword ptr [rbx]", "ff 33", InstructionClass::ReadModify},
    {"pop qword ptr [rbx]", "8f 03", InstructionClass::ReadModify},
    {"movsd", "a5", InstructionClass::ReadModify},
    // Multiply
    {"imul rax, rcx", "48 0f af c1", InstructionClass::Multiply},
    {"mul rcx", "48 f7 e1", InstructionClass::Multiply},
    {"imul rax, [rbx]", "48 0f af 03", InstructionClass::Multiply},
    {"mulx rax, rcx, rdx", "c4 e2 f3 f6 c2", InstructionClass::Multiply},
    // Divide
    {"div rcx", "48 f7 f1", InstructionClass::Divide},
    {"idiv rcx", "48 f7 f9", InstructionClass::Divide},
    {"div qword ptr [rbx]", "48 f7 33", InstructionClass::Divide},
    // Branch
    {"jmp rax", "ff e0", InstructionClass::Branch},
    {"jmp [rbx]", "ff 23", InstructionClass::Branch},
    {"jne .+2", "75 00", InstructionClass::Branch},
    {"loop .+2", "e2 00", InstructionClass::Branch},
    {"jrcxz .+2", "e3 00", InstructionClass::Branch},
    // Call
    {"call rax", "ff d0", InstructionClass::Call},
    {"call [rbx]", "ff 13", InstructionClass::Call},
    {"ret", "c3", InstructionClass::Call},
    {"ret 8", "c2 08 00", InstructionClass::Call},
    // Float
    {"addsd xmm0, xmm1", "f2 0f 58 c1", InstructionClass::Float},
    {"mulss xmm0, [rbx]", "f3 0f 59 03", InstructionClass::Float},
    {"movsd xmm0, xmm1", "f2 0f 10 c1", InstructionClass::Float},
    {"cmpltsd xmm0, xmm1", "f2 0f c2 c1 01", InstructionClass::Float},
    {"ucomisd xmm0, xmm1", "66 0f 2e c1", InstructionClass::Float},
    {"cvtsi2sd xmm0, rax", "f2 48 0f 2a c0", InstructionClass::Float},
    {"fadd qword ptr [rbx]", "dc 03", InstructionClass::Float},
    {"fabs", "d9 e1", InstructionClass::Float},
    {"vfmadd213sd xmm0, xmm1, xmm2", "c4 e2 f1 a9 c2", InstructionClass::Float},
    {"vcmpeqsd xmm0, xmm1, xmm2", "c5 f3 c2 c2 00", InstructionClass::Float},
    // FloatDivide
    {"divsd xmm0, xmm1", "f2 0f 5e c1", InstructionClass::FloatDivide},
    {"divps xmm0, [rbx]", "0f 5e 03", InstructionClass::FloatDivide},
    {"sqrtss xmm0, xmm1", "f3 0f 51 c1", InstructionClass::FloatDivide},
    {"fdiv qword ptr [rbx]", "dc 33", InstructionClass::FloatDivide},
    {"fsqrt", "d9 fa", InstructionClass::FloatDivide},
    {"vdivpd ymm0, ymm1, ymm2", "c5 f5 5e c2", InstructionClass::FloatDivide},
    // Vector
    {"addps xmm0, xmm1", "0f 58 c1", InstructionClass::Vector},
    {"addps xmm0, [rbx]", "0f 58 03", InstructionClass::Vector},
    {"pxor xmm0, xmm1", "66 0f ef c1", InstructionClass::Vector},
    {"movaps xmm0, xmm1", "0f 28 c1", InstructionClass::Vector},
    {"movq rax, xmm0", "66 48 0f 7e c0", InstructionClass::Vector},
    {"pcmpeqb xmm0, [rbx]", "66 0f 74 03", InstructionClass::Vector},
    {"aesenc xmm0, xmm1", "66 0f 38 dc c1", InstructionClass::Vector},
    {"vpaddd ymm0, ymm1, [rbx]", "c5 f5 fe 03", InstructionClass::Vector},
    {"emms", "0f 77", InstructionClass::Vector},
    // Barrier
    {"lfence", "0f ae e8", InstructionClass::Barrier},
    {"mfence", "0f ae f0", InstructionClass::Barrier},
    {"sfence", "0f ae f8", InstructionClass::Barrier},
    {"clflush [rbx]", "0f ae 3b", InstructionClass::Barrier},
    {"clwb [rbx]", "66 0f ae 33", InstructionClass::Barrier},
    {"prefetcht0 [rbx]", "0f 18 0b", InstructionClass::Barrier},
    {"wrpkru", "0f 01 ef", InstructionClass::Barrier},
    // System
    {"syscall", "0f 05", InstructionClass::System},
    {"int 0x80", "cd 80", InstructionClass::System},
    {"int3", "cc", InstructionClass::System},
    {"iretq", "48 cf", InstructionClass::System},
    {"sysretq", "48 0f 07", InstructionClass::System},
    {"hlt", "f4", InstructionClass::System},
    {"ud2", "0f 0b", InstructionClass::System},
    {"cli", "fa", InstructionClass::System},
    {"wrmsr", "0f 30", InstructionClass::System},
    {"rdmsr", "0f 32", InstructionClass::System},
    {"clts", "0f 06", InstructionClass::System},
    {"mov cr3, rax", "0f 22 d8", InstructionClass::System},
    {"mov dr7, rax", "0f 23 f8", InstructionClass::System},
    {"mov rax, dr6", "0f 21 f0", InstructionClass::System},
    {"in al, dx", "ec", InstructionClass::System},
    {"outsb", "6e", InstructionClass::System},
    {"cpuid", "0f a2", InstructionClass::System},
    {"rdtsc", "0f 31", InstructionClass::System},
    {"swapgs", "0f 01 f8", InstructionClass::System},
    {"invlpg [rbx]", "0f 01 3b", InstructionClass::System},
    {"lgdt [rbx]", "0f 01 13", InstructionClass::System},
};

TEST(DecodeX86, ClassAndSize) {
  const Decoder decoder(Isa::X86_64);
  for (const auto& [source, encoding, cls] : kClasses) {
    const auto code = bytes(encoding);
    const Instruction decoded = decoder.decode(code, kPc);
    EXPECT_EQ(decoded.size, code.size()) << source;
    EXPECT_EQ(decoded.cls, cls) << source << ": " << name(decoded.cls);
    EXPECT_FALSE(decoded.repeated) << source;
    EXPECT_FALSE(decoded.cache_management) << source;
  }
}

TEST(DecodeX86, Times) {
  const Decoder decoder(Isa::X86_64);
  struct Row {
    std::string_view source;
    std::string_view encoding;
    InstructionClass cls;
    unsigned times;
  };
  for (const auto& [source, encoding, cls, times] : {
           Row{"mov [rbx], rcx", "48 89 0b", InstructionClass::Store, 1},
           Row{"fxsave [rbx]", "0f ae 03", InstructionClass::Store, 32},
           Row{"fxrstor64 [rbx]", "48 0f ae 0b", InstructionClass::Load, 32},
           Row{"fnsave [rbx]", "dd 33", InstructionClass::Store, 40},
           Row{"frstor [rbx]", "dd 23", InstructionClass::Load, 40},
           Row{"fnstenv [rbx]", "d9 33", InstructionClass::Store, 20},
           Row{"lock cmpxchg16b [rbx]", "f0 48 0f c7 0b", InstructionClass::ReadModify, 5},
           Row{"iretq", "48 cf", InstructionClass::System, 15},
           Row{"mov ss, eax", "8e d0", InstructionClass::System, 4},
           Row{"mov ds, [rbx]", "8e 1b", InstructionClass::System, 4},
           Row{"mov eax, ss", "8c d0", InstructionClass::Simple, 1},
       }) {
    const Instruction decoded = decoder.decode(bytes(encoding), kPc);
    EXPECT_EQ(decoded.cls, cls) << source;
    EXPECT_EQ(decoded.times, times) << source;
    const CostTable& costs = default_costs(Isa::X86_64);
    EXPECT_EQ(costs.of(decoded), std::uint64_t{times} * costs.of(cls)) << source;
  }
}

TEST(DecodeX86, EveryClassOccurs) {
  for (std::size_t i = 0; i < kInstructionClasses; ++i) {
    const auto cls = static_cast<InstructionClass>(i);
    EXPECT_TRUE(std::ranges::any_of(kClasses, [cls](const Expected& row) { return row.cls == cls; }))
        << name(cls);
  }
}

TEST(DecodeX86, WhatFollowsTheInstructionDoesNotMatter) {
  const Decoder decoder(Isa::X86_64);
  for (const auto& [source, encoding, cls] : kClasses) {
    auto code = bytes(encoding);
    const std::size_t size = code.size();
    code.resize(32, std::byte{0xff});
    const Instruction decoded = decoder.decode(code, kPc);
    EXPECT_EQ(decoded.size, size) << source;
    EXPECT_EQ(decoded.cls, cls) << source;
  }
}

// SDM vol. 2, REP: the prefix repeats string instructions and means something else, or nothing, on all
// others.
TEST(DecodeX86, Repeated) {
  const Decoder decoder(Isa::X86_64);
  for (const std::string_view encoding :
       {"f3 a4", "f3 a5", "f3 48 a5", "f2 a4", "f3 aa", "f3 48 ab", "66 f3 ab", "f3 ac", "f3 a6", "f2 a7",
        "f2 ae", "f3 48 af", "f3 6c", "f3 6f"}) {
    EXPECT_TRUE(decoder.decode(bytes(encoding), kPc).repeated) << encoding;
  }
  for (const std::string_view encoding : {
           "a4",                 // movsb
           "48 ab",              // stosq
           "f3 c3",              // rep ret
           "f3 90",              // pause
           "f3 0f 10 03",        // movss xmm0, [rbx]
           "f2 0f 10 03",        // movsd xmm0, [rbx]
           "f2 0f c2 c1 01",     // cmpltsd xmm0, xmm1
           "f3 0f 1e fa",        // endbr64
           "f3 0f bc c1",        // tzcnt eax, ecx
           "f2 e9 00 00 00 00",  // bnd jmp
       }) {
    EXPECT_FALSE(decoder.decode(bytes(encoding), kPc).repeated) << encoding;
  }
}

TEST(DecodeX86, EndsBlock) {
  const Decoder decoder(Isa::X86_64);
  for (const std::string_view encoding : {
           "eb fe",              // jmp
           "e9 00 00 00 00",     // jmp
           "ff e0",              // jmp rax
           "75 00",              // jne
           "0f 84 00 00 00 00",  // je
           "e8 00 00 00 00",     // call
           "ff 13",              // call [rbx]
           "c3",                 // ret
           "f3 c3",              // rep ret
           "cb",                 // retf
           "e2 fe",              // loop
           "e1 fe",              // loope
           "e3 fe",              // jrcxz
           "0f 05",              // syscall
           "0f 34",              // sysenter
           "48 0f 07",           // sysretq
           "cd 80",              // int 0x80
           "cc",                 // int3
           "f1",                 // int1
           "48 cf",              // iretq
           "f4",                 // hlt
           "0f 0b",              // ud2
           "0f 01 c1",           // vmcall
       }) {
    EXPECT_TRUE(decoder.decode(bytes(encoding), kPc).ends_block) << encoding;
  }
  for (const std::string_view encoding :
       {"90", "48 89 0b", "f3 a4", "0f a2", "fa", "0f 30", "0f 22 d8", "c9"}) {
    EXPECT_FALSE(decoder.decode(bytes(encoding), kPc).ends_block) << encoding;
  }
}

TEST(DecodeX86, Text) {
  const Decoder decoder(Isa::X86_64);
  EXPECT_EQ(decoder.text(bytes("48 89 0b"), kPc), "mov qword ptr [rbx], rcx");
  EXPECT_EQ(decoder.text(bytes("f3 a4"), kPc), "rep movsb byte ptr [rdi], byte ptr [rsi]");
  EXPECT_EQ(decoder.text(bytes("75 10"), kPc), "jne 0x1012");
  EXPECT_EQ(decoder.text(bytes("c3"), kPc), "ret");
  EXPECT_EQ(decoder.text(bytes("f0 48 0f b1 0b"), kPc), "lock cmpxchg qword ptr [rbx], rcx");
}

// Instructions of glibc's static programs that Capstone 4 lacks or takes for others.
TEST(DecodeX86, NewerThanCapstone) {
  const Decoder decoder(Isa::X86_64);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kTexts{{
      {"f3 48 0f 1e c8", "rdsspq rax"},
      {"f3 49 0f 1e cc", "rdsspq r12"},
      {"f3 0f 1e ca", "rdsspd edx"},
      {"f3 48 0f ae ea", "incsspq rdx"},
      {"f3 0f c7 f8", "rdpid rax"},
      {"0f 01 ee", "rdpkru"},
  }};
  for (const auto& [encoding, text] : kTexts) {
    EXPECT_EQ(decoder.decode(bytes(encoding), kPc).size, bytes(encoding).size()) << text;
    EXPECT_EQ(decoder.text(bytes(encoding), kPc), text);
  }
}

TEST(DecodeX86, NoInstruction) {
  const Decoder decoder(Isa::X86_64);
  for (const std::string_view encoding :
       {"", "06", "0f", "ff ff", "f0", "48", "66 66 66 66 66 66 66 66 66 66 66 66 66 66 66 90"}) {
    EXPECT_EQ(decoder.decode(bytes(encoding), kPc).size, 0) << encoding;
    EXPECT_EQ(decoder.decode(bytes(encoding), kPc).cls, InstructionClass::System) << encoding;
    EXPECT_EQ(decoder.text(bytes(encoding), kPc), "(bad)") << encoding;
  }
}

TEST(DecodeX86, TruncatedInstructionIsNone) {
  const Decoder decoder(Isa::X86_64);
  // Instructions no proper prefix of which is one itself.
  for (const std::string_view encoding : {"48 89 0b", "48 c7 03 05 00 00 00", "64 48 8b 04 25 28 00 00 00",
                                          "f0 48 0f b1 0b", "f3 48 0f 1e c8", "66 48 0f 3a 16 03 01"}) {
    const auto code = bytes(encoding);
    for (std::size_t length = 0; length < code.size(); ++length) {
      EXPECT_EQ(decoder.decode(std::span(code).first(length), kPc).size, 0)
          << encoding << " cut to " << length;
    }
  }
}

TEST(DecodeX86, AnyBytesAreSafe) {
  const Decoder decoder(Isa::X86_64);
  std::mt19937 random(20240611);
  for (int round = 0; round < 100'000; ++round) {
    // A heap block of exactly this size lets a sanitizer see the first byte read too far.
    std::vector<std::byte> code(random() % 18);
    for (std::byte& byte : code) byte = static_cast<std::byte>(random() & 0xff);
    const Instruction decoded = decoder.decode(code, kPc);
    EXPECT_LE(decoded.size, std::min<std::size_t>(code.size(), 15));
    const std::string text = decoder.text(code, kPc);
    EXPECT_EQ(text == "(bad)", decoded.size == 0);
    EXPECT_NE(text.back(), ' ');
  }
}

TEST(DecodeX86, MovedDecoderDecodes) {
  Decoder first(Isa::Ppc64);
  first = Decoder(Isa::X86_64);
  const Decoder second(std::move(first));
  EXPECT_EQ(second.text(bytes("90"), kPc), "nop");
}

}  // namespace
}  // namespace trapline::isa
