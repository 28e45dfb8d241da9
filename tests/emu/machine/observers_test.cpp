// Observers from outside: what they are told, and that the program ends as if there were none. Both gears.
#include "emu/machine/observers.hpp"

#include <gmock/gmock.h>

#include "bare_program.hpp"
#include "debugunit/x86/debug_registers.hpp"
#include "emu/machine/bare/bare_machine.hpp"

namespace trapline::machine {
namespace {

using isa::AccessKind;
using isa::Isa;
using isa::x86::Reg;
using testing::ElementsAre;

struct Seen {
  std::uint64_t instruction = 0;  // from kCode
  isa::Access access{};
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  bool operator==(const Seen&) const = default;
};
void PrintTo(const Seen& seen, std::ostream* out) {
  *out << "at " << seen.instruction << ": " << int(seen.access.kind) << " " << seen.access.size << " at "
       << std::hex << seen.access.address.value << ": " << seen.before << " -> " << seen.after << std::dec;
}

class ObserversTest : public testing::TestWithParam<Gear> {
 protected:
  static void observe(BareProgram& program, const ObservedRange& range, std::vector<Seen>& into) {
    program.machine.observers().add(range, [&into, &program](const Observation& what) {
      const auto value = [&](const WatchedBytes& bytes) {
        return isa::load_word(std::span(bytes.bytes).first(bytes.size),
                              isa::byte_order(program.machine.isa()));
      };
      into.push_back({what.instruction - kCode, what.access, value(what.before), value(what.after)});
    });
  }
  // Up to the breakpoint that ends it.
  static void run(BareProgram& program) {
    EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(program.cpu().run(kNoLimit)));
  }
  // The same program ends so unobserved.
  static void expect_same_end(BareProgram& observed, BareProgram& alone) {
    run(alone);
    EXPECT_EQ(observed.cpu().clock(), alone.cpu().clock());
    EXPECT_EQ(observed.cpu().pc(), alone.cpu().pc());
    EXPECT_EQ(observed.cpu().resume(), alone.cpu().resume());
  }
};

INSTANTIATE_TEST_SUITE_P(Gears, ObserversTest, testing::Values(Gear::WatchedPages, Gear::Everything),
                         [](const auto& test) { return gear_name(test.param); });

TEST_P(ObserversTest, AReadModifyWriteIsOneHitTheWrites) {
  const auto code = bytes({0x83, 0x03, 0x02,  // add dword [rbx], 2
                           0x8b, 0x0b,        // mov ecx, [rbx]
                           0x89, 0x4b, 0x08,  // mov [rbx+8], ecx
                           0xcc});
  BareProgram observed(Isa::X86_64, GetParam(), code), alone(Isa::X86_64, GetParam(), code);
  for (BareProgram* p : {&observed, &alone}) p->cpu().set(Reg::rbx, kData.value);
  observed.set_word(kData, 5, 4), alone.set_word(kData, 5, 4);
  std::vector<Seen> all, reads;
  observe(observed, {kData, 4, true, true, false}, all);
  observe(observed, {kData, 4, true, false, false}, reads);
  run(observed);
  EXPECT_THAT(all, ElementsAre(Seen{0, {kData, 4, AccessKind::Write}, 5, 7},
                               Seen{3, {kData, 4, AccessKind::Read}, 7, 7}));
  EXPECT_THAT(reads, ElementsAre(Seen{0, {kData, 4, AccessKind::Read}, 5, 7},
                                 Seen{3, {kData, 4, AccessKind::Read}, 7, 7}));
  expect_same_end(observed, alone);
}

TEST_P(ObserversTest, OfALongRangeTheAccessedBytesAreShown) {
  const auto code = bytes({0x66, 0x89, 0x8b, 0xff, 0x0f, 0, 0,  // mov [rbx+0xfff], cx
                           0xcc});
  BareProgram p(Isa::X86_64, GetParam(), code);
  p.cpu().set(Reg::rbx, kData.value);
  p.cpu().set(Reg::rcx, 0xabcd);
  std::vector<Seen> whole, second_page;
  observe(p, {kData, 0x2000, false, true, false}, whole);
  observe(p, {kData + 0x1000, 0x1000, false, true, false}, second_page);
  run(p);
  EXPECT_THAT(whole, ElementsAre(Seen{0, {kData + 0xfff, 2, AccessKind::Write}, 0, 0xabcd}));
  EXPECT_THAT(second_page, ElementsAre(Seen{0, {kData + 0xfff, 2, AccessKind::Write}, 0, 0xab}));
}

TEST_P(ObserversTest, EachIterationOfARepWritesButItExecutesOnce) {
  const auto code = bytes({0xf3, 0xaa,  // rep stosb
                           0xff, 0xc2,  // inc edx
                           0xcc});
  BareProgram observed(Isa::X86_64, GetParam(), code), alone(Isa::X86_64, GetParam(), code);
  for (BareProgram* p : {&observed, &alone}) {
    p->cpu().set(Reg::rdi, kData.value);
    p->cpu().set(Reg::rcx, 3);
    p->cpu().set(Reg::rax, 0x11);
  }
  std::vector<Seen> writes, executions;
  observe(observed, {kData, 2, false, true, false}, writes);
  observe(observed, {kCode, 1, false, false, true}, executions);
  observe(observed, {kCode + 2, 1, false, false, true}, executions);
  run(observed);
  EXPECT_THAT(writes, ElementsAre(Seen{0, {kData, 1, AccessKind::Write}, 0, 0x11},
                                  Seen{0, {kData + 1, 1, AccessKind::Write}, 0x11, 0x1111}));
  EXPECT_THAT(executions, ElementsAre(Seen{0, {kCode, 1, AccessKind::Execute}, 0, 0},
                                      Seen{2, {kCode + 2, 1, AccessKind::Execute}, 0, 0}));
  expect_same_end(observed, alone);
}

TEST_P(ObserversTest, ABreakpointOnTheSameBytesIsAsWithout) {
  namespace dr7 = debugunit::x86::dr7;
  const auto code = bytes({0x89, 0x0b, 0x90, 0xcc});  // mov [rbx], ecx; nop
  BareProgram p(Isa::X86_64, GetParam(), code);
  p.cpu().set(Reg::rbx, kData.value);
  p.cpu().set(Reg::rcx, 3);
  p.cpu().write_debug_register(debugunit::Register::Dr0, kData.value);
  p.cpu().write_debug_register(debugunit::Register::Dr1, kCode.value + 2);
  p.cpu().write_debug_register(debugunit::Register::Dr7, dr7::g(0) | dr7::rw(0, dr7::Rw::Write) |
                                                             dr7::len(0, dr7::Len::Four) | dr7::g(1));
  std::vector<Seen> seen;
  observe(p, {kData, 4, false, true, false}, seen);
  observe(p, {kCode + 2, 1, false, false, true}, seen);
  const Stop first = p.cpu().run(kNoLimit);
  EXPECT_EQ(std::get<DebugException>(first).match.slots, 1u);
  EXPECT_THAT(seen, ElementsAre(Seen{0, {kData, 4, AccessKind::Write}, 0, 3}));
  const Stop second = p.cpu().run(kNoLimit);
  EXPECT_EQ(std::get<DebugException>(second).match.slots, 2u);
  EXPECT_EQ(seen.size(), 1u);  // it has not executed
  p.cpu().set_resume(true);
  run(p);
  EXPECT_THAT(seen.back(), (Seen{2, {kCode + 2, 1, AccessKind::Execute}, 0, 0}));
  EXPECT_EQ(seen.size(), 2u);
}

TEST_P(ObserversTest, WhatFaultsIsNotTold) {
  const auto code = bytes({0x48, 0xa5, 0xcc});  // movsq
  BareProgram p(Isa::X86_64, GetParam(), code);
  p.cpu().set(Reg::rsi, kData.value);
  p.cpu().set(Reg::rdi, 0x123000);  // not there
  std::vector<Seen> seen;
  observe(p, {kData, 8, true, true, false}, seen);
  observe(p, {kCode, 1, false, false, true}, seen);
  EXPECT_TRUE(std::holds_alternative<PageFault>(p.cpu().run(kNoLimit)));
  EXPECT_TRUE(seen.empty());
  p.map(GuestVa(0x123000), {.read = true, .write = true});
  run(p);
  EXPECT_EQ(seen.size(), 2u);
}

TEST_P(ObserversTest, Ppc64) {
  const auto code = words({0x90830000,    // stw 4, 0(3)
                           0x80a30000,    // lwz 5, 0(3)
                           0xbfc30008,    // stmw 30, 8(3)
                           0x7fe00008});  // trap
  BareProgram observed(Isa::Ppc64, GetParam(), code), alone(Isa::Ppc64, GetParam(), code);
  for (BareProgram* p : {&observed, &alone}) {
    p->cpu().set(isa::ppc64::gpr(3), kData.value);
    p->cpu().set(isa::ppc64::gpr(4), 9);
    p->cpu().set(isa::ppc64::gpr(31), 0x77);
  }
  std::vector<Seen> seen;
  observe(observed, {kData, 4, true, true, false}, seen);
  observe(observed, {kCode + 4, 1, false, false, true}, seen);
  observe(observed, {kData + 12, 4, false, true, false}, seen);
  run(observed);
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_EQ(seen[0], (Seen{0, {kData, 4, AccessKind::Write}, 0, 9}));
  EXPECT_EQ(seen[1].access.kind, AccessKind::Execute);
  EXPECT_EQ(seen[2], (Seen{4, {kData, 4, AccessKind::Read}, 9, 9}));
  EXPECT_EQ(seen[3].after, 0x77u);
  expect_same_end(observed, alone);
}

// What the model carries out for the engine comes after an access of the engine's that was told of as a
// whole.
TEST_P(ObserversTest, OfWhatTheModelCarriesOutItsOwnAccessesAreTold) {
  constexpr std::uint64_t kAt = 0x11000;
  const auto code = bytes({0xbb, 0x00, 0x10, 0x01, 0x00,  // mov ebx, 0x11000
                           0x0f, 0x11, 0x03,              // movups [rbx], xmm0
                           0x8d, 0x63, 0x10,              // lea esp, [rbx+16]
                           0x9c,                          // pushfq
                           0xf4});                        // hlt
  MachineSpec spec = MachineSpec::defaults(Isa::X86_64);
  spec.gear = GetParam();
  spec.bare = true;
  spec.memory = 16 << 20;
  Machine machine(spec);
  const std::array segments{
      BareSegment{GuestVa(0x10000), code, code.size(), {.read = true, .execute = true}},
      BareSegment{GuestVa(kAt), {}, kGranule, {.read = true, .write = true}},
  };
  BareMachine bare(machine, segments, GuestVa(0x10000));
  std::vector<isa::Access> told;
  machine.observers().add({GuestVa(kAt + 8), 8, true, true, false},
                          [&told](const Observation& what) { told.push_back(what.access); });
  EXPECT_EQ(bare.run(1'000'000).end, BareEnd::Halted);
  EXPECT_THAT(told, ElementsAre(isa::Access{GuestVa(kAt), 16, AccessKind::Write},
                                isa::Access{GuestVa(kAt + 8), 8, AccessKind::Write}));
}

TEST_P(ObserversTest, OneThatIsTakenAwayIsToldNothingMore) {
  const auto code = bytes({0x89, 0x0b, 0xcc});
  BareProgram p(Isa::X86_64, GetParam(), code);
  p.cpu().set(Reg::rbx, kData.value);
  int told = 0;
  const auto id =
      p.machine.observers().add({kData, 4, true, true, false}, [&told](const Observation&) { ++told; });
  run(p);
  p.machine.observers().remove(id);
  EXPECT_FALSE(p.machine.observers().data());
  p.cpu().set_pc(kCode);
  run(p);
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace trapline::machine
