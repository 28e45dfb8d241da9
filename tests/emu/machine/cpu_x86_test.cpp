// x86-64 code under the modeled debug unit, in both gears.
#include "bare_program.hpp"
#include "debugunit/x86/debug_registers.hpp"

namespace trapline::machine {
namespace {

using debugunit::Register;
using debugunit::Timing;
using isa::x86::Reg;
namespace dr7 = debugunit::x86::dr7;

class CpuX86 : public testing::TestWithParam<Gear> {
 protected:
  BareProgram program(std::initializer_list<unsigned> code) {
    return BareProgram(isa::Isa::X86_64, GetParam(), bytes(code));
  }
  static void watch(Cpu& cpu, unsigned slot, GuestVa at, dr7::Rw rw, dr7::Len len) {
    constexpr std::array kDr{Register::Dr0, Register::Dr1, Register::Dr2, Register::Dr3};
    cpu.write_debug_register(kDr[slot], at.value);
    cpu.write_debug_register(Register::Dr7, cpu.read_debug_register(Register::Dr7) | dr7::g(slot) |
                                                dr7::rw(slot, rw) | dr7::len(slot, len));
  }
};

INSTANTIATE_TEST_SUITE_P(Gears, CpuX86, testing::Values(Gear::WatchedPages, Gear::Everything),
                         [](const auto& test) { return gear_name(test.param); });

TEST_P(CpuX86, RunsToASoftwareBreakpointAndCountsItsCycles) {
  auto p = program({0xb8, 0x2a, 0, 0, 0,  // mov eax, 42
                    0xff, 0xc0,           // inc eax
                    0xcc});               // int3
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().get(Reg::rax), 43u);
  EXPECT_EQ(p.cpu().pc(), kCode + 8);
  const isa::CostTable& costs = isa::default_costs(isa::Isa::X86_64);
  EXPECT_EQ(p.cpu().clock(),
            2 * costs.of(isa::InstructionClass::Simple) + costs.of(isa::InstructionClass::System));
}

TEST_P(CpuX86, AWriteToAWatchedByteTrapsAfterTheInstruction) {
  auto p = program({0x90,              // nop
                    0x48, 0x89, 0x0b,  // mov [rbx], rcx
                    0x48, 0x8b, 0x13,  // mov rdx, [rbx]
                    0xcc});
  p.cpu().set(Reg::rbx, kData.value + 0x10);
  p.cpu().set(Reg::rcx, 0x1122334455667788);
  watch(p.cpu(), 1, kData + 0x10, dr7::Rw::Write, dr7::Len::Four);
  const Stop stop = p.cpu().run(kNoLimit);
  const auto& hit = std::get<DebugException>(stop);
  EXPECT_EQ(hit.match, (debugunit::Match{0b10, Timing::After}));
  EXPECT_FALSE(hit.single_step);
  EXPECT_EQ(hit.instruction, kCode + 1);
  EXPECT_EQ(p.cpu().pc(), kCode + 4);
  ASSERT_EQ(hit.accesses.size(), 1u);
  EXPECT_EQ(hit.accesses[0], (isa::Access{kData + 0x10, 8, isa::AccessKind::Write}));
  EXPECT_EQ(hit.before[1].size, 4);
  EXPECT_EQ(hit.before[1].bytes[0], std::byte{0});
  EXPECT_EQ(p.word(kData + 0x10, 8), 0x1122334455667788u);
  EXPECT_EQ(p.cpu().read_debug_register(Register::Dr6) & 0xf, 0b10u);
  // The read that follows is none of a write breakpoint's.
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().get(Reg::rdx), 0x1122334455667788u);
}

TEST_P(CpuX86, NeighboursOnTheWatchedPageGoUnnoticed) {
  auto p = program({0x48, 0x89, 0x0b,        // mov [rbx], rcx
                    0x48, 0x03, 0x43, 0x08,  // add rax, [rbx+8]
                    0x66, 0x89, 0x4b, 0x13,  // mov [rbx+0x13], cx
                    0xcc});
  p.cpu().set(Reg::rbx, kData.value);
  p.cpu().set(Reg::rcx, 0xabcd);
  watch(p.cpu(), 0, kData + 0x15, dr7::Rw::ReadWrite, dr7::Len::One);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.word(kData, 8), 0xabcdu);
  EXPECT_EQ(p.word(kData + 0x13, 2), 0xabcdu);
}

struct Crossing {
  const char* name;
  std::int64_t from;  // the access's first byte, relative to a page's start
  std::int64_t watched;
  bool hit;
};

class CpuX86Crossing : public testing::TestWithParam<std::tuple<Gear, Crossing, bool>> {};

// A load or store of eight bytes over the border of two pages, of which only the second is watched.
TEST_P(CpuX86Crossing, IsSeenWithItsTrueBytes) {
  const auto [gear, crossing, store] = GetParam();
  BareProgram p(isa::Isa::X86_64, gear,
                store ? bytes({0x48, 0x89, 0x0b, 0xcc}) : bytes({0x48, 0x8b, 0x0b, 0xcc}));
  const GuestVa border = kData + 0x1000;
  const auto at = [&](std::int64_t offset) {
    return GuestVa(border.value + static_cast<std::uint64_t>(offset));
  };
  p.cpu().set(Reg::rbx, at(crossing.from).value);
  p.cpu().set(Reg::rcx, 0x1122334455667788);
  p.cpu().write_debug_register(Register::Dr0, at(crossing.watched).value);
  p.cpu().write_debug_register(Register::Dr7, dr7::g(0) | dr7::rw(0, dr7::Rw::ReadWrite));
  const Stop stop = p.cpu().run(kNoLimit);
  ASSERT_EQ(std::holds_alternative<DebugException>(stop), crossing.hit);
  if (!crossing.hit) return;
  const auto& hit = std::get<DebugException>(stop);
  ASSERT_EQ(hit.accesses.size(), 1u);
  EXPECT_EQ(hit.accesses[0],
            (isa::Access{at(crossing.from), 8, store ? isa::AccessKind::Write : isa::AccessKind::Read}));
  if (store) {
    EXPECT_EQ(p.word(at(crossing.from), 8), 0x1122334455667788u);
  }
}

INSTANTIATE_TEST_SUITE_P(Gears, CpuX86Crossing,
                         testing::Combine(testing::Values(Gear::WatchedPages, Gear::Everything),
                                          testing::Values(Crossing{"SecondPageHit", -4, 0, true},
                                                          Crossing{"SecondPageLastByte", -4, 3, true},
                                                          Crossing{"JustBehind", -4, 4, false},
                                                          Crossing{"FirstPageHit", -4, -1, true},
                                                          Crossing{"FirstPageBefore", -4, -5, false},
                                                          Crossing{"OneByteOver", -7, 0, true},
                                                          Crossing{"UnalignedInside", 3, 10, true},
                                                          Crossing{"UnalignedBehind", 3, 11, false},
                                                          Crossing{"UnalignedBefore", 3, 2, false}),
                                          testing::Bool()),
                         [](const auto& test) {
                           return gear_name(std::get<0>(test.param)) + std::get<1>(test.param).name +
                                  (std::get<2>(test.param) ? "Store" : "Load");
                         });

TEST_P(CpuX86, EveryIterationOfARepTraps) {
  auto p = program({0xf3, 0xa4, 0xcc});  // rep movsb
  p.cpu().set(Reg::rdi, kData.value);
  p.cpu().set(Reg::rsi, kData.value + 0x100);
  p.cpu().set(Reg::rcx, 4);
  watch(p.cpu(), 0, kData + 2, dr7::Rw::Write, dr7::Len::Two);
  for (const std::uint64_t left : {1u, 0u}) {
    const Stop stop = p.cpu().run(kNoLimit);
    ASSERT_TRUE(std::holds_alternative<DebugException>(stop));
    EXPECT_EQ(p.cpu().get(Reg::rcx), left);
    // Between iterations the PC is at the instruction, after the last past it.
    EXPECT_EQ(p.cpu().pc(), left == 0 ? kCode + 2 : kCode);
  }
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
}

TEST_P(CpuX86, AnExecuteBreakpointStopsBeforeAndRfLetsItPassOnce) {
  auto p = program({0xff, 0xc1,        // inc ecx
                    0x83, 0xf9, 0x03,  // cmp ecx, 3
                    0x75, 0xf9,        // jne -7
                    0xcc});
  watch(p.cpu(), 2, kCode, dr7::Rw::Execute, dr7::Len::One);
  for (unsigned i = 0; i < 3; ++i) {
    const Stop stop = p.cpu().run(kNoLimit);
    ASSERT_TRUE(std::holds_alternative<DebugException>(stop)) << i;
    EXPECT_EQ(std::get<DebugException>(stop).match, (debugunit::Match{0b100, Timing::Before}));
    EXPECT_EQ(p.cpu().pc(), kCode);
    EXPECT_EQ(p.cpu().get(Reg::rcx), i);
    p.cpu().set(Reg::rflags, p.cpu().get(Reg::rflags) | isa::x86::kRf);
  }
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().get(Reg::rflags) & isa::x86::kRf, 0u);
}

TEST_P(CpuX86, CodeThatHasRunCanBeHookedLater) {
  auto p = program({0xff, 0xc1, 0x83, 0xf9, 0x64, 0x75, 0xf9, 0xcc});
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  p.cpu().set(Reg::rcx, 0);
  p.cpu().set_pc(kCode);
  watch(p.cpu(), 0, kCode + 2, dr7::Rw::Execute, dr7::Len::One);
  EXPECT_TRUE(std::holds_alternative<DebugException>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().pc(), kCode + 2);
}

TEST_P(CpuX86, SingleStepAndDataMatchComeInOneException) {
  auto p = program({0x48, 0x89, 0x0b, 0x90, 0xcc});  // mov [rbx], rcx; nop
  p.cpu().set(Reg::rbx, kData.value);
  watch(p.cpu(), 0, kData, dr7::Rw::Write, dr7::Len::Eight);
  p.cpu().set_single_step(true);
  Stop stop = p.cpu().run(kNoLimit);
  EXPECT_EQ(std::get<DebugException>(stop).match.slots, 1u);
  EXPECT_TRUE(std::get<DebugException>(stop).single_step);
  EXPECT_EQ(p.cpu().pc(), kCode + 3);
  stop = p.cpu().run(kNoLimit);
  EXPECT_EQ(std::get<DebugException>(stop).match.slots, 0u);
  EXPECT_TRUE(std::get<DebugException>(stop).single_step);
  EXPECT_EQ(p.cpu().pc(), kCode + 4);
}

TEST_P(CpuX86, TheStepOverAMatchIsInvisibleToPushf) {
  auto p = program({0x9c, 0x58, 0xcc});  // pushfq; pop rax
  p.cpu().set(Reg::rsp, kData.value + 0x108);
  watch(p.cpu(), 0, kData + 0x100, dr7::Rw::Write, dr7::Len::Eight);
  EXPECT_TRUE(std::holds_alternative<DebugException>(p.cpu().run(kNoLimit)));
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().get(Reg::rax) & isa::x86::kTf, 0u);
}

TEST_P(CpuX86, AFaultingAccessReportsNoMatch) {
  auto p = program({0x48, 0x89, 0x0b, 0xcc});
  const GuestVa end = kData + 4 * p.space.page_size();
  p.cpu().set(Reg::rbx, end.value - 4);  // the second half is not mapped
  watch(p.cpu(), 0, end - 4, dr7::Rw::Write, dr7::Len::Four);
  const Stop stop = p.cpu().run(kNoLimit);
  ASSERT_TRUE(std::holds_alternative<PageFault>(stop));
  EXPECT_EQ(std::get<PageFault>(stop).address, end);
  EXPECT_EQ(p.cpu().pc(), kCode);
  EXPECT_EQ(p.cpu().clock(), 2 * machine::EventCosts{}.debug_register_write);  // nothing has executed
}

TEST_P(CpuX86, TheLimitIsKeptToTheInstruction) {
  auto p = program({0xff, 0xc1, 0xff, 0xc1, 0xff, 0xc1, 0xff, 0xc1, 0xeb, 0xf6});  // four inc ecx; jmp back
  for (std::uint64_t limit = 1; limit < 40; ++limit) {
    EXPECT_TRUE(std::holds_alternative<BudgetUsed>(p.cpu().run(limit)));
    EXPECT_EQ(p.cpu().clock(), limit);  // each of them costs one
  }
}

TEST_P(CpuX86, FaultsOfTheProcessorAreNamedAndMayComeAgain) {
  auto p = program({0x31, 0xc9, 0xf7, 0xf9, 0x90, 0xcc});  // xor ecx, ecx; idiv ecx; nop; int3
  for (int i = 0; i < 3; ++i) {
    p.cpu().set_pc(kCode);
    p.cpu().set(Reg::r15, 77);
    const Stop stop = p.cpu().run(kNoLimit);
    ASSERT_TRUE(std::holds_alternative<Fault>(stop)) << i;
    EXPECT_EQ(std::get<Fault>(stop).kind, FaultKind::DivideError);
    EXPECT_EQ(p.cpu().pc(), kCode + 2);
    EXPECT_EQ(p.cpu().get(Reg::r15), 77u);
  }
  p.cpu().set_pc(kCode + 4);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
}

struct Refused {
  const char* name;
  std::vector<unsigned> code;
  FaultKind kind;
};
class CpuX86Refused : public testing::TestWithParam<Refused> {};
TEST_P(CpuX86Refused, AtItsOwnPc) {
  BareProgram p(isa::Isa::X86_64, Gear::WatchedPages, bytes(GetParam().code));
  p.cpu().set(Reg::rax, 0x1234);
  const Stop stop = p.cpu().run(kNoLimit);
  ASSERT_TRUE(std::holds_alternative<Fault>(stop));
  EXPECT_EQ(std::get<Fault>(stop).kind, GetParam().kind);
  EXPECT_EQ(p.cpu().pc(), kCode);
  EXPECT_EQ(p.cpu().get(Reg::rax), 0x1234u);
}
INSTANTIATE_TEST_SUITE_P(Instructions, CpuX86Refused,
                         testing::Values(Refused{"Ud2", {0x0f, 0x0b}, FaultKind::IllegalInstruction},
                                         Refused{"Cli", {0xfa}, FaultKind::PrivilegedInstruction},
                                         Refused{"Hlt", {0xf4}, FaultKind::PrivilegedInstruction},
                                         Refused{
                                             "MovDr7", {0x0f, 0x23, 0xf8}, FaultKind::PrivilegedInstruction},
                                         Refused{"In", {0xec}, FaultKind::PrivilegedInstruction},
                                         Refused{"Out", {0xee}, FaultKind::PrivilegedInstruction}),
                         [](const auto& test) { return test.param.name; });

TEST_P(CpuX86, RdtscReadsTheCycleClock) {
  auto p = program({0x90, 0x90, 0x0f, 0x31, 0x90, 0xcc});  // nop; nop; rdtsc; nop
  p.cpu().charge(1000);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  const isa::CostTable& costs = isa::default_costs(isa::Isa::X86_64);
  const std::uint64_t rdtsc = p.cpu().clock() - 1000 - 3 * costs.of(isa::InstructionClass::Simple) -
                              costs.of(isa::InstructionClass::System);
  EXPECT_EQ(p.cpu().get(Reg::rax), 1000 + 2 * costs.of(isa::InstructionClass::Simple) + rdtsc);
}

TEST_P(CpuX86, CodeWrittenByTheHostIsTranslatedAnew) {
  auto p = program({0xb8, 1, 0, 0, 0, 0xcc});
  p.cpu().run(kNoLimit);
  EXPECT_EQ(p.cpu().get(Reg::rax), 1u);
  p.machine.write(p.space.translate(kCode + 1)->address, bytes({2}));
  p.cpu().set_pc(kCode);
  p.cpu().run(kNoLimit);
  EXPECT_EQ(p.cpu().get(Reg::rax), 2u);
}

// A just-in-time compiler: writes code to a page, makes it executable, runs it, and does it again.
TEST_P(CpuX86, CodeWrittenThroughAnotherMappingIsTranslatedAnew) {
  auto p = program({0x88, 0x0b, 0xff, 0xd0, 0xcc});  // mov [rbx], cl; call rax
  const GuestVa alias = kData + 8 * p.space.page_size();
  const GuestPa frame = p.space.translate(kData)->address;
  p.space.map(alias, frame, {.read = true, .execute = true});
  p.machine.write(frame, bytes({0xb8, 0, 0, 0, 0, 0xc3}));  // mov eax, 0; ret
  for (const unsigned value : {7u, 9u, 11u}) {
    p.cpu().set_pc(kCode);
    p.cpu().set(Reg::rsp, kStackTop.value);
    p.cpu().set(Reg::rax, alias.value);
    p.cpu().set(Reg::rbx, kData.value + 1);
    p.cpu().set(Reg::rcx, value);
    const Stop stop = p.cpu().run(kNoLimit);
    EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(stop));
    EXPECT_EQ(p.cpu().get(Reg::rax), value);
  }
}

TEST_P(CpuX86, CodeThatChangesItselfIsTranslatedAnew) {
  auto p = program({0xcc});
  const GuestVa page = kData + 8 * p.space.page_size();
  p.map(page, {.read = true, .write = true, .execute = true});
  // mov byte [rip+1], cl  (the immediate of the next); mov eax, imm; loop back twice through rdx
  p.machine.write(p.space.translate(page)->address,
                  bytes({0xb8, 0, 0, 0, 0,                    // 0: mov eax, 0
                         0x01, 0xc6,                          // 5: add esi, eax
                         0x88, 0x0d, 0xf4, 0xff, 0xff, 0xff,  // 7: mov [rip-12], cl -> byte 1
                         0xff, 0xca,                          // 13: dec edx
                         0x75, 0xef,                          // 15: jnz 0
                         0xcc}));
  p.cpu().set_pc(page);
  p.cpu().set(Reg::rcx, 5);
  p.cpu().set(Reg::rdx, 3);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().get(Reg::rsi), 10u);
}

// The engine goes on after the veto of a store that a helper function makes, so these are found before they
// execute.
struct HelperStore {
  const char* name;
  std::vector<unsigned> code;  // with its operand at [rbx]
  std::uint64_t offset;        // of a byte that it writes
};
class CpuX86HelperStore : public testing::TestWithParam<std::tuple<Gear, HelperStore>> {};
TEST_P(CpuX86HelperStore, StopsAfterItself) {
  const auto& [gear, store] = GetParam();
  std::vector<unsigned> code{0x90};
  code.insert(code.end(), store.code.begin(), store.code.end());
  const std::size_t end = code.size();
  code.insert(code.end(), {0x48, 0xff, 0xc6, 0xcc});  // inc rsi, which must not run yet
  BareProgram p(isa::Isa::X86_64, gear, bytes(code));
  p.cpu().set(Reg::rbx, kData.value);
  p.cpu().write_debug_register(Register::Dr0, (kData + store.offset).value);
  p.cpu().write_debug_register(Register::Dr7, dr7::g(0) | dr7::rw(0, dr7::Rw::Write));
  const Stop stop = p.cpu().run(kNoLimit);
  ASSERT_TRUE(std::holds_alternative<DebugException>(stop));
  EXPECT_EQ(std::get<DebugException>(stop).match, (debugunit::Match{1, Timing::After}));
  EXPECT_EQ(std::get<DebugException>(stop).instruction, kCode + 1);
  EXPECT_EQ(p.cpu().pc(), kCode + end);
  EXPECT_EQ(p.cpu().get(Reg::rsi), 0u);
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  EXPECT_EQ(p.cpu().get(Reg::rsi), 1u);
}
INSTANTIATE_TEST_SUITE_P(
    Instructions, CpuX86HelperStore,
    testing::Combine(testing::Values(Gear::WatchedPages, Gear::Everything),
                     testing::Values(HelperStore{"Fxsave", {0x0f, 0xae, 0x03}, 160},
                                     HelperStore{"Cmpxchg16b", {0xf0, 0x48, 0x0f, 0xc7, 0x0b}, 8},
                                     HelperStore{"Cmpxchg8b", {0x0f, 0xc7, 0x0b}, 0},
                                     HelperStore{"FstpLong", {0xdb, 0x3b}, 8},
                                     HelperStore{"Fnstenv", {0xd9, 0x33}, 4},
                                     HelperStore{"Fnsave", {0xdd, 0x33}, 0})),
    [](const auto& test) { return gear_name(std::get<0>(test.param)) + std::get<1>(test.param).name; });

TEST_P(CpuX86, TheExactAddressOfAFaultCanBeAsked) {
  auto p = program({0x48, 0x89, 0x0b, 0xcc});
  const GuestVa end = kData + 4 * p.space.page_size();
  p.cpu().set(Reg::rbx, end.value + 0x123);
  const Stop stop = p.cpu().run(kNoLimit);
  ASSERT_TRUE(std::holds_alternative<PageFault>(stop));
  EXPECT_EQ(p.cpu().locate_fault(std::get<PageFault>(stop)), end + 0x123);
  EXPECT_EQ(p.cpu().pc(), kCode);
}

TEST_P(CpuX86, TwoCpusKeepTheirOwnState) {
  BareProgram p(isa::Isa::X86_64, GetParam(), bytes({0xff, 0xc1, 0x48, 0x89, 0x0b, 0xeb, 0xf9}), 2);
  for (unsigned i = 0; i < 2; ++i) p.machine.cpu(i).set(Reg::rbx, kData.value + 8 * i);
  watch(p.machine.cpu(1), 0, kData + 8, dr7::Rw::Write, dr7::Len::Eight);
  for (int round = 1; round < 5; ++round) {
    EXPECT_TRUE(
        std::holds_alternative<BudgetUsed>(p.machine.cpu(0).run(static_cast<std::uint64_t>(round) * 100)));
    EXPECT_TRUE(std::holds_alternative<DebugException>(p.machine.cpu(1).run(kNoLimit)));
    EXPECT_EQ(p.word(kData + 8, 4), static_cast<std::uint64_t>(round));
  }
}

}  // namespace
}  // namespace trapline::machine
