// Scenario files for the bare machine: what arrives of them, and what is wrong with them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emu/scenario/document.hpp"
#include "support.hpp"

namespace trapline::scenario {
namespace {

using isa::Isa;
using machine::BareEnd;

constexpr std::string_view kFull = R"(scenario: A rule
kind: bare
cites:
  - A manual, 1.2
  - Another, 3.4
choice: |
  Some do, some do not.
machine:
  memory: 8MiB
  max-cycles: 500
  debug-unit: {x86-64: dr, ppc64: dawr2}
  debug-features: {x86-64: [rtm, bus-lock], ppc64: []}
program: {assembly: {x86-64: nop, ppc64: nop}, flags: [-DN=1]}
expect:
  end: shutdown
  more-exceptions: true
  exceptions:
    x86-64:
      - {name: "#DB", vector: 1, rip: here+3, dr6: {mask: 0xf, value: 1}}
      - {}
    ppc64:
      - {name: data-storage, dar: 0x20004, dsisr: 4194304}
  registers: {x86-64: {rax: 18446744073709551615}, ppc64: {nip: here}}
  memory:
    - {at: cell+4, size: 2, value: -1}
)";

TEST(BareDocument, EveryKeyArrives) {
  const Document document = parse(kFull, "a.yaml");
  EXPECT_EQ(document.cites, (std::vector<std::string>{"A manual, 1.2", "Another, 3.4"}));
  EXPECT_EQ(document.choice, "Some do, some do not.\n");

  const Scenario& x86 = document.scenarios.at(Isa::X86_64);
  EXPECT_EQ(x86.machine.memory, std::uint64_t{8} << 20);
  EXPECT_EQ(x86.machine.max_cycles, 500u);
  EXPECT_EQ(x86.machine.debug_unit, debugunit::Model::DebugRegisters);
  EXPECT_TRUE(x86.machine.debug_features.rtm);
  EXPECT_TRUE(x86.machine.debug_features.bus_lock);
  EXPECT_TRUE(x86.program.uses_kit);
  EXPECT_FALSE(x86.program.libc);
  EXPECT_TRUE(x86.events.empty());

  ASSERT_TRUE(x86.bare);
  const BareExpectation& expect = *x86.bare;
  EXPECT_EQ(expect.end.value, BareEnd::Shutdown);
  EXPECT_EQ(expect.end.at, (Position{"a.yaml", 15, 8}));
  EXPECT_TRUE(expect.more_exceptions);
  ASSERT_EQ(expect.exceptions->size(), 2u);
  const ExceptionExpectation& first = expect.exceptions->front();
  EXPECT_EQ(first.name->value, "#DB");
  EXPECT_EQ(first.vector->value, 1u);
  ASSERT_EQ(first.state.size(), 2u);
  EXPECT_EQ(first.state[0].name, "rip");
  EXPECT_EQ(first.state[0].value.value.value, (Place{"here", 3}));
  EXPECT_EQ(first.state[0].value.value.mask, ~std::uint64_t{0});
  EXPECT_EQ(first.state[1].value.value.value, (Place{"", 1}));
  EXPECT_EQ(first.state[1].value.value.mask, 0xfu);
  EXPECT_FALSE(expect.exceptions->back().name);
  EXPECT_EQ(expect.registers[0].value.value.value, (Place{"", ~std::uint64_t{0}}));
  ASSERT_EQ(expect.memory.size(), 1u);
  EXPECT_EQ(expect.memory[0].address.value, (Place{"cell", 4}));
  EXPECT_EQ(expect.memory[0].size, 2u);
  EXPECT_EQ(expect.memory[0].value.value, ~std::uint64_t{0});

  const Scenario& ppc = document.scenarios.at(Isa::Ppc64);
  EXPECT_EQ(ppc.machine.debug_unit, debugunit::Model::Dawr2);
  EXPECT_FALSE(ppc.machine.debug_features.rtm);
  EXPECT_EQ(ppc.bare->exceptions->front().state[1].value.value.value, (Place{"", 0x400000}));
}

TEST(BareDocument, Defaults) {
  const Document document = parse("scenario: x\nkind: bare\nprogram: {c: {source: ''}}\n", "a.yaml");
  const Scenario& scenario = document.scenarios.at(Isa::Ppc64);
  EXPECT_EQ(scenario.machine.memory, std::uint64_t{16} << 20);
  EXPECT_EQ(scenario.machine.max_cycles, 10'000'000u);
  EXPECT_FALSE(scenario.machine.debug_unit);
  EXPECT_FALSE(scenario.program.libc);
  EXPECT_EQ(scenario.bare->end.value, BareEnd::Halted);
  EXPECT_FALSE(scenario.bare->exceptions);
  EXPECT_FALSE(scenario.bare->more_exceptions);
}

TEST(BareDocument, LinuxScenariosMayCiteToo) {
  const Document document =
      parse("scenario: x\nkind: linux\ncites: [perf_event_open(2)]\nchoice: y\nprogram: {c: {source: ''}}\n",
            "a.yaml");
  EXPECT_EQ(document.cites.size(), 1u);
  EXPECT_EQ(document.choice, "y");
  EXPECT_FALSE(document.scenarios.at(Isa::X86_64).bare);
}

struct Case {
  const char* name;
  const char* text;
  const char* error;
};

void PrintTo(const Case& bad, std::ostream* out) { *out << bad.name; }

class InvalidBare : public testing::TestWithParam<Case> {};

TEST_P(InvalidBare, IsReportedAtItsPlace) { EXPECT_EQ(test::parse_error(GetParam().text), GetParam().error); }

#define X86 "scenario: x\nkind: bare\nisa: x86-64\nprogram: {assembly: nop}\n"
#define PPC "scenario: x\nkind: bare\nisa: ppc64\nprogram: {assembly: nop}\n"

const std::vector<Case> kCases{
    {"Kind", "scenario: x\nkind: bear\nprogram: {c: {source: ''}}\n",
     "a.yaml:2:7: error: `kind` wants one of linux, bare, not `bear`"},
    {"Events", X86 "events: {}\n",
     "a.yaml:5:1: error: the scenario has no key `events`: that is for `kind: linux`"},
    {"Arguments", "scenario: x\nkind: bare\nprogram: {c: {source: ''}, args: [a]}\n",
     "a.yaml:3:28: error: `program` has no key `args`; known are: c, assembly, elf, flags, link-flags"},
    {"NoCites", X86 "cites: []\n",
     "a.yaml:5:8: error: `cites` wants a list (not empty) of one line of text, not a list"},
    {"DebugFeatureOfLinux", "scenario: x\nprogram: {c: {source: ''}}\nmachine: {debug-features: [rtm]}\n",
     "a.yaml:3:11: error: `machine` has no key `debug-features`; the nearest of 9 are debug-unit, "
     "share-slots and "
     "quantum (docs/scenarios.md has all)"},
    {"DebugUnit", PPC "machine: {debug-unit: dr}\n",
     "a.yaml:5:23: error: `dr` is no debug unit of ppc64; give it per instruction set"},
    {"DebugFeature", PPC "machine: {debug-features: [rtm]}\n",
     "a.yaml:5:28: error: `rtm` is a feature of x86-64, not of ppc64; give it per instruction set"},
    {"UnknownFeature", X86 "machine: {debug-features: [buslock]}\n",
     "a.yaml:5:28: error: an item of `debug-features` does not know `buslock`; did you mean `bus-lock`?"},
    {"End", X86 "expect: {end: halt}\n",
     "a.yaml:5:15: error: `end` wants one of halted, shutdown, out-of-cycles, not `halt`"},
    {"ExceptionName", X86 "expect: {exceptions: [{name: \"#DC\"}]}\n",
     "a.yaml:5:30: error: `name` does not know `\"#DC\"`; did you mean `#DE`?"},
    {"ExceptionOfTheOther", X86 "expect: {exceptions: [{name: data-storage}]}\n",
     "a.yaml:5:30: error: x86-64 has no exception `data-storage`"},
    {"StateOfTheOther", PPC "expect: {exceptions: [{name: trace, rip: 1}]}\n",
     "a.yaml:5:37: error: ppc64 has no exception state `rip`"},
    {"StateUnknown", X86 "expect: {exceptions: [{dr8: 1}]}\n",
     "a.yaml:5:24: error: an item of `exceptions` has no key `dr8`; did you mean `dr6`?"},
    {"RegisterOfTheOther", X86 "expect: {registers: {r31: 1}}\n",
     "a.yaml:5:22: error: x86-64 has no register `r31`; did you mean `r11`?"},
    {"Value", X86 "expect: {registers: {rax: a b}}\n",
     "a.yaml:5:27: error: `rax` wants a number, a symbol, or a symbol with an offset such as store+4, or a "
     "mapping with the keys mask, value, not `a b`"},
    {"NoMask", X86 "expect: {registers: {rax: {value: 1}}}\n",
     "a.yaml:5:27: error: `rax` lacks the key `mask`: the bits that are compared"},
    {"MemorySize", X86 "expect: {memory: [{at: a, size: 9, value: 0}]}\n",
     "a.yaml:5:33: error: `size` wants a whole number from 1 to 8, not `9`"},
};

INSTANTIATE_TEST_SUITE_P(Files, InvalidBare, testing::ValuesIn(kCases),
                         [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace trapline::scenario
