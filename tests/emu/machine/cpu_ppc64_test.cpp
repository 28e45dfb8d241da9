// PPC64 code under the modeled debug unit, in both gears.
#include "bare_program.hpp"
#include "debugunit/ppc64/dabr.hpp"

namespace trapline::machine {
namespace {

using debugunit::Register;
using debugunit::Timing;
using isa::AccessKind;
using isa::ppc64::gpr;
using isa::ppc64::Reg;
namespace dabr = debugunit::ppc64::dabr;
namespace dabrx = debugunit::ppc64::dabrx;

constexpr std::uint32_t kTrap = 0x7fe00008;

class CpuPpc64 : public testing::TestWithParam<Gear> {
 protected:
  BareProgram program(std::initializer_list<std::uint32_t> code) {
    return BareProgram(isa::Isa::Ppc64, GetParam(), words(code));
  }
  static void watch(Cpu& cpu, GuestVa at, std::uint64_t kinds) {
    cpu.write_debug_register(Register::Dabrx, dabrx::kPro);
    cpu.write_debug_register(Register::Dabr, (at.value & dabr::kDab) | dabr::kBt | kinds);
  }
};

INSTANTIATE_TEST_SUITE_P(Gears, CpuPpc64, testing::Values(Gear::WatchedPages, Gear::Everything),
                         [](const auto& test) { return gear_name(test.param); });

TEST_P(CpuPpc64, RunsToATrapAndSystemCall) {
  auto p = program({0x38600007,  // li r3, 7
                    0x44000002,  // sc
                    kTrap});
  EXPECT_TRUE(std::holds_alternative<SystemCall>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().pc(), kCode + 8);
  EXPECT_EQ(p.cpu().get(Reg::r3), 7u);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().pc(), kCode + 8);
}

struct Form {
  const char* name;
  std::uint32_t word;  // r4 holds the watched doubleword's address
  AccessKind kind;
  std::uint64_t offset;  // of the access from r4
  std::uint32_t size;
};

class CpuPpc64Form : public testing::TestWithParam<std::tuple<Gear, Form>> {};

TEST_P(CpuPpc64Form, MatchesBeforeItExecutes) {
  const auto& [gear, form] = GetParam();
  BareProgram p(isa::Isa::Ppc64, gear, words({form.word, kTrap}));
  const GuestVa watched = kData + 0x100;
  p.set_word(watched, 0x1122334455667788, 8);
  p.cpu().set(Reg::r4, watched.value);
  p.cpu().set(Reg::r5, 0xaabbccddeeff0011);
  p.cpu().set(Reg::r6, 0x66);
  p.cpu().write_debug_register(Register::Dabrx, dabrx::kPro);
  p.cpu().write_debug_register(Register::Dabr, watched.value | dabr::kBt | dabr::kDr | dabr::kDw);
  const std::uint64_t clock = p.cpu().clock();
  const Stop stop = p.cpu().run(kNoLimit);
  ASSERT_TRUE(std::holds_alternative<DebugException>(stop));
  const auto& hit = std::get<DebugException>(stop);
  EXPECT_EQ(hit.match, (debugunit::Match{1, Timing::Before}));
  ASSERT_EQ(hit.accesses.size(), 1u);
  EXPECT_EQ(hit.accesses[0], (isa::Access{watched + form.offset, form.size, form.kind}));
  EXPECT_EQ(p.cpu().pc(), kCode);
  EXPECT_EQ(p.cpu().clock(), clock);
  EXPECT_EQ(p.cpu().get(Reg::r6), 0x66u);
  EXPECT_EQ(p.cpu().get(Reg::r4), watched.value);
  EXPECT_EQ(p.word(watched, 8), 0x1122334455667788u);

  // Stepped over as the kernel does it: disarmed, MSR[SE] set, armed anew.
  const std::uint64_t dabr_value = p.cpu().read_debug_register(Register::Dabr);
  p.cpu().write_debug_register(Register::Dabr, 0);
  p.cpu().set_single_step(true);
  const Stop stepped = p.cpu().run(kNoLimit);
  ASSERT_TRUE(std::holds_alternative<DebugException>(stepped));
  EXPECT_TRUE(std::get<DebugException>(stepped).single_step);
  EXPECT_EQ(p.cpu().pc(), kCode + 4);
  p.cpu().set_single_step(false);
  p.cpu().write_debug_register(Register::Dabr, dabr_value);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  if (form.kind == AccessKind::Write) {
    EXPECT_NE(p.word(watched, 8), 0x1122334455667788u);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Forms, CpuPpc64Form,
    testing::Combine(testing::Values(Gear::WatchedPages, Gear::Everything),
                     testing::Values(Form{"Std", 0xf8a40000, AccessKind::Write, 0, 8},
                                     Form{"Ld", 0xe8c40000, AccessKind::Read, 0, 8},
                                     Form{"Stw", 0x90a40004, AccessKind::Write, 4, 4},
                                     Form{"Stb", 0x98a40007, AccessKind::Write, 7, 1},
                                     Form{"LwzUnaligned", 0x80c40006, AccessKind::Read, 6, 4},
                                     Form{"Dcbz", 0x7c0027ec, AccessKind::Write, 0, 128},
                                     Form{"Stmw", 0xbfa4fffc, AccessKind::Write,
                                          static_cast<std::uint64_t>(-4), 12},
                                     Form{"Stswi", 0x7d0445aa, AccessKind::Write, 0, 8},
                                     Form{"Stvx", 0x7c2021ce, AccessKind::Write, 0, 16})),
    [](const auto& test) { return gear_name(std::get<0>(test.param)) + std::get<1>(test.param).name; });

TEST_P(CpuPpc64, CacheManagementIsNoAccess) {
  auto p = program({0x7c00206c,  // dcbst 0, r4
                    0x7c0020ac,  // dcbf 0, r4
                    0x7c00222c,  // dcbt 0, r4
                    kTrap});
  p.cpu().set(Reg::r4, kData.value);
  watch(p.cpu(), kData, dabr::kDr | dabr::kDw);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().pc(), kCode + 12);
}

TEST_P(CpuPpc64, AStoreConditionalMatchesWhereItHoldsItsReservation) {
  auto p = program({0x7cc020a8,  // ldarx r6, 0, r4
                    0x7ca021ad,  // stdcx. r5, 0, r4
                    kTrap});
  p.cpu().set(Reg::r4, kData.value);
  watch(p.cpu(), kData, dabr::kDw);
  const Stop stop = p.cpu().run(kNoLimit);
  ASSERT_TRUE(std::holds_alternative<DebugException>(stop));
  EXPECT_EQ(p.cpu().pc(), kCode + 4);
}

TEST_P(CpuPpc64, NeighboursOnTheWatchedPageGoUnnoticed) {
  auto p = program({0xf8a40008,  // std r5, 8(r4)
                    0xe8c40008,  // ld r6, 8(r4)
                    0x90a4fffc,  // stw r5, -4(r4)
                    kTrap});
  p.cpu().set(Reg::r4, kData.value + 0x100);
  p.cpu().set(Reg::r5, 0xaabbccdd11223344);
  watch(p.cpu(), kData + 0x100, dabr::kDr | dabr::kDw);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().get(Reg::r6), 0xaabbccdd11223344u);
  EXPECT_EQ(p.word(kData + 0xfc, 4), 0x11223344u);
}

TEST_P(CpuPpc64, TheLimitIsKeptToTheInstruction) {
  auto p = program({0x38630001, 0x38630001, 0x38630001, 0x4bfffff4});  // addi r3, r3, 1 thrice; b -12
  for (std::uint64_t limit = 1; limit < 40; ++limit) {
    EXPECT_TRUE(std::holds_alternative<BudgetUsed>(p.cpu().run(limit)));
    // Only the branch costs more than a cycle, so only it can lead past the limit.
    const std::uint64_t branch = isa::default_costs(isa::Isa::Ppc64).of(isa::InstructionClass::Branch);
    EXPECT_GE(p.cpu().clock(), limit);
    EXPECT_LT(p.cpu().clock(), limit + branch);
  }
}

TEST_P(CpuPpc64, TheTimeBaseIsTheCycleClockAndDarnIsRefused) {
  auto p = program({0x38600001,    // li r3, 1
                    0x7cac42e6,    // mftb r5
                    0x7ccd42e6,    // mftbu r6
                    0x7ce105e6});  // darn r7, 1
  p.cpu().charge(0x500000000);
  const Stop stop = p.cpu().run(kNoLimit * 1000);
  ASSERT_TRUE(std::holds_alternative<Fault>(stop));
  EXPECT_EQ(std::get<Fault>(stop).kind, FaultKind::IllegalInstruction);
  EXPECT_EQ(p.cpu().pc(), kCode + 12);
  EXPECT_EQ(p.cpu().get(Reg::r5),
            0x500000000 + isa::default_costs(isa::Isa::Ppc64).of(isa::InstructionClass::Simple));
  EXPECT_EQ(p.cpu().get(Reg::r6), 5u);
}

TEST_P(CpuPpc64, FaultsAreNamed) {
  struct Case {
    std::uint32_t word;
    FaultKind kind;
  };
  for (const Case c :
       {Case{0, FaultKind::IllegalInstruction}, Case{0x7c600124, FaultKind::PrivilegedInstruction},
        Case{0x7c6020a8, FaultKind::Alignment}}) {  // 0; mtmsr r3; ldarx r3, 0, r4
    auto p = program({c.word});
    p.cpu().set(Reg::r4, kData.value + 3);
    const Stop stop = p.cpu().run(kNoLimit);
    ASSERT_TRUE(std::holds_alternative<Fault>(stop)) << c.word;
    EXPECT_EQ(std::get<Fault>(stop).kind, c.kind);
    EXPECT_EQ(p.cpu().pc(), kCode);
  }
}

}  // namespace
}  // namespace trapline::machine
