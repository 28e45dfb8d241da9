// A run that is left and gone on with: where it is left, and what it is then.
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "tests/support/tiny_kernel.hpp"

namespace trapline::kernel {
namespace {

using isa::x86::Reg;
using machine::Left;

// mov $39, %eax; syscall (getpid); inc %rbx; inc %rbx; mov $60, %eax; xor %edi, %edi; syscall
constexpr std::array kProgram{0xb8, 39,   0,    0,  0, 0x0f, 0x05, 0x48, 0xff, 0xc3, 0x48,
                              0xff, 0xc3, 0xb8, 60, 0, 0,    0,    0x31, 0xff, 0x0f, 0x05};
constexpr std::uint64_t kSyscall = 5, kFirstInc = 7, kSecondInc = 10,
                        kEnd = 13;  // where its instructions lie

std::vector<std::byte> program() {
  std::vector<std::byte> bytes;
  for (const int byte : kProgram) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

machine::MachineSpec spec() {
  machine::MachineSpec spec = machine::MachineSpec::defaults(isa::Isa::X86_64);
  spec.memory = 16u << 20;
  spec.cpus = 2;
  return spec;
}

class Advance : public testing::Test {
 protected:
  Left step() { return kernel().advance({.instruction_of = 0}); }
  Kernel& kernel() { return tiny_.kernel; }
  std::uint64_t pc() { return tiny_.machine.cpu(0).pc() - tiny_.code; }
  std::uint64_t reg(Reg which) { return tiny_.machine.cpu(0).get(which); }

  support::TinyKernel tiny_{spec(), program()};
};

TEST_F(Advance, GoesOneInstructionAtATime) {
  for (const std::uint64_t next : {kSyscall, kFirstInc, kSecondInc, kEnd}) {
    ASSERT_EQ(step(), Left::Instruction);
    EXPECT_EQ(pc(), next);
  }
  EXPECT_EQ(reg(Reg::rbx), 2u);
}

TEST_F(Advance, AStepOverACallHasItsResult) {
  ASSERT_EQ(step(), Left::Instruction);
  ASSERT_EQ(step(), Left::Instruction);
  EXPECT_EQ(reg(Reg::rax), static_cast<std::uint64_t>(tiny_.task->tgid()));
}

TEST_F(Advance, StopsAtACycleAndMakesProgress) {
  std::uint64_t before = 0;
  unsigned stops = 0;
  while (kernel().advance({.cycle = tiny_.machine.cpu(0).clock() + 1}) == Left::Cycle) {
    const std::uint64_t now = tiny_.machine.cpu(0).clock();
    ASSERT_TRUE(stops == 0 || now > before);
    before = now;
    ASSERT_LT(++stops, 1000u);
  }
  EXPECT_GE(stops, 5u);
  EXPECT_EQ(kernel().exit_status().wait_status(), 0);
}

TEST_F(Advance, WhatIsChangedMeanwhileCounts) {
  ASSERT_EQ(step(), Left::Instruction);
  tiny_.machine.cpu(0).set(Reg::rbx, 40);
  for (unsigned i = 0; i < 3; ++i) ASSERT_EQ(step(), Left::Instruction);
  EXPECT_EQ(reg(Reg::rbx), 42u);
}

TEST_F(Advance, ASignalThatIsSentMeanwhileComesAtOnce) {
  ASSERT_EQ(step(), Left::Instruction);
  const SigInfo kill(isa::Isa::X86_64, isa::linux_abi::kSigKill, Signals::kUser);
  ASSERT_TRUE(kernel().signals().send(kill, *tiny_.task));
  EXPECT_EQ(kernel().run().signal, isa::linux_abi::kSigKill);
}

TEST_F(Advance, GivenUpItEndsBeforeAnotherInstruction) {
  ASSERT_EQ(step(), Left::Instruction);
  kernel().give_up("no more");
  kernel().run();
  EXPECT_EQ(pc(), kSyscall);
  EXPECT_EQ(kernel().failure(), "no more");
}

TEST_F(Advance, ACpuWithoutWorkDoesNotHoldUp) {
  EXPECT_EQ(kernel().advance({.instruction_of = 1}), Left::Ended);
  EXPECT_EQ(kernel().advance({.instruction_of = 1}), Left::Ended);
  EXPECT_THROW(kernel().advance({.instruction_of = 2}), std::out_of_range);
}

TEST_F(Advance, ARequestIsHeard) {
  kernel().set_trace([this](const machine::TraceEvent& event) {
    if (event.what == "getpid") kernel().halt();
  });
  EXPECT_EQ(kernel().advance({}), Left::Request);
  EXPECT_EQ(pc(), kFirstInc);
  EXPECT_EQ(kernel().advance({}), Left::Ended);
}

}  // namespace
}  // namespace trapline::kernel
