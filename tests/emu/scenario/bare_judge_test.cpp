// What happened on a bare machine, made up here, against what scenarios expect.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "emu/scenario/guest_build.hpp"
#include "emu/scenario/judge.hpp"
#include "support.hpp"

namespace trapline::scenario {
namespace {

using isa::Isa;
using machine::BareEnd;

class BareJudge : public testing::Test {
 protected:
  void SetUp() override {
    const Document document = parse(text(""), folder_.path() / "a.yaml");
    BuildOptions options;
    options.cache = folder_.path() / "cache";
    const auto elf = build_guest(document.scenarios.at(Isa::X86_64).program, Isa::X86_64, options);
    outcome_.symbols = std::make_shared<SymbolTable>(SymbolTable::load(elf));
    BareOutcome& bare = outcome_.bare.emplace();
    const std::uint64_t here = outcome_.symbols->find("here")->address;
    bare.exceptions = {
        {.cycle = 10, .name = "#DB", .vector = 1, .state = {{"rip", here}, {"dr6", 0xffff0ff1}}},
        {.cycle = 20, .name = "INT n", .vector = 0x80, .state = {{"rip", here + 2}}}};
    bare.exceptions_taken = 2;
    bare.registers = {{"rax", 7}};
    bare.memory = {0xff80};
  }

  static std::string text(std::string_view expect) {
    return std::string(
               "scenario: x\nkind: bare\nisa: x86-64\nprogram:\n  assembly: |\n    .globl _start\n    "
               "_start: "
               "nop\n    here: hlt\n    hlt\n    hlt\nexpect:\n  memory: [{at: 0x1000, size: 2, value: "
               "-128}]\n") +
           std::string(expect);
  }

  std::string judged(std::string_view expect) {
    const Document document = parse(text(expect), "a.yaml");
    std::string problems;
    for (const Problem& problem : judge(document.scenarios.at(Isa::X86_64), outcome_)) {
      problems += problem.text() + "\n";
    }
    return problems;
  }

  BareOutcome& bare() { return *outcome_.bare; }

  test::TemporaryFolder folder_;
  Outcome outcome_;
};

TEST_F(BareJudge, WhatHolds) {
  EXPECT_EQ(judged(""), "");
  EXPECT_EQ(judged("  exceptions: [{name: \"#DB\", vector: 1, rip: here, dr6: {mask: 0xf, value: 0x101}}, "
                   "{rip: here+2}]\n  registers: {rax: 7}\n"),
            "");
  EXPECT_EQ(judged("  exceptions: [{}]\n  more-exceptions: true\n"), "");
}

TEST_F(BareJudge, Exceptions) {
  EXPECT_EQ(judged("  exceptions: []\n"), "a.yaml:13:15: error: 2 exceptions taken, expected 0\n");
  EXPECT_EQ(judged("  exceptions: [{}, {}, {}]\n  more-exceptions: true\n"),
            "a.yaml:13:15: error: 2 exceptions taken, expected at least 3\n");
  EXPECT_EQ(judged("  exceptions: [{name: \"#BP\", vector: 3}, {}]\n"),
            "a.yaml:13:23: error: exception 1 is #DB, expected #BP\n"
            "a.yaml:13:38: error: exception 1 (#DB): the vector is 0x1, expected 0x3\n");
  EXPECT_EQ(judged("  exceptions: [{rip: here+1, dr6: 1, dr7: 0}, {rip: nowhere}]\n"),
            "a.yaml:13:22: error: exception 1 (#DB): rip is 0x100001 (here), expected 0x100002 (here+0x1)\n"
            "a.yaml:13:35: error: exception 1 (#DB): dr6 is 0xffff0ff1, expected 0x1: BLD is 1 (no bus lock, "
            "or a processor that does not "
            "tell), expected 0 (a bus lock); RTM is 1 (not in a transactional region), expected 0 (in a "
            "transactional "
            "region); the reserved bits 0xfffe07f0 differ\n"
            "a.yaml:13:43: error: exception 1 (#DB): there is no state dr7\n"
            "a.yaml:13:53: error: the program has no symbol 'nowhere'\n");
  EXPECT_EQ(judged("  exceptions: [{dr6: {mask: 0xf, value: 2}}, {}]\n"),
            "a.yaml:13:22: error: exception 1 (#DB): dr6 is 0xffff0ff1, expected 0x2 in the bits 0xf: B0 is "
            "1 (the condition "
            "of breakpoint 0 was met), expected 0 (the condition of breakpoint 0 was not met); B1 is 0 (the "
            "condition of "
            "breakpoint 1 was not met), expected 1 (the condition of breakpoint 1 was met)\n");
}

TEST_F(BareJudge, RegistersAndMemory) {
  EXPECT_EQ(judged("  registers: {rax: 8, rbx: 0}\n"),
            "a.yaml:13:20: error: at the end: rax is 0x7, expected 0x8\n"
            "a.yaml:13:28: error: at the end: there is no register rbx\n");
  bare().memory = {0x80};
  EXPECT_EQ(judged(""), "a.yaml:12:41: error: the 2 bytes at 0x1000 are 0x80, expected 0xff80\n");
  bare().memory = {std::nullopt};
  EXPECT_EQ(judged(""), "a.yaml:12:17: error: there are no 2 bytes of memory at 0x1000\n");
}

TEST_F(BareJudge, TheEnd) {
  bare().end = BareEnd::Shutdown;
  EXPECT_EQ(judged(""), "a.yaml:12:3: error: the program ended as shutdown, expected halted\n");
  EXPECT_EQ(judged("  end: shutdown\n"), "");
  bare().end = BareEnd::CyclesUsedUp;
  EXPECT_EQ(
      judged("  end: halted\n"),
      "a.yaml:13:8: error: the program had not ended after 10000000 cycles (machine.max-cycles), expected "
      "halted\n");
  EXPECT_EQ(judged("  end: out-of-cycles\n"), "");
  bare().end = BareEnd::Unsupported;
  bare().message = "VMRUN at 0x100001 is not modeled";
  EXPECT_EQ(judged(""), "a.yaml:5:13: error: VMRUN at 0x100001 is not modeled\n");
}

}  // namespace
}  // namespace trapline::scenario
