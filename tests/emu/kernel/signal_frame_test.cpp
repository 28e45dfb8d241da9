// Signal frames: what a handler finds, and that everything comes back.
#if defined(__x86_64__)
#include <sys/user.h>
#include <ucontext.h>
#endif

#include <csignal>
#include <functional>
#include <optional>

#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "emu/kernel/arch/ppc64/vdso.hpp"
#include "emu/kernel/arch/x86/signal_frame.hpp"
#include "isa/ppc64/registers.hpp"
#include "isa/x86/registers.hpp"
#include "thread_support.hpp"

namespace trapline::kernel {
namespace {

constexpr int kSignal = 11;
constexpr SignalSet kMask = 0x1234'0000'0000'5678;

SigInfo some_info(isa::Isa isa) {
  return SigInfo(isa, kSignal, 2).address(GuestVa(0xdead000)).value(0x1122334455667788);
}

// --- x86-64 ---

namespace x86f = x86_arch::frame;
using X86 = isa::x86::Reg;

#if defined(__x86_64__)
static_assert(offsetof(ucontext_t, uc_flags) == x86f::kFlags);
static_assert(offsetof(ucontext_t, uc_link) == x86f::kLink);
static_assert(offsetof(ucontext_t, uc_stack) == x86f::kStack);
static_assert(offsetof(stack_t, ss_flags) == 8 && offsetof(stack_t, ss_size) == 16);
static_assert(offsetof(ucontext_t, uc_mcontext) == x86f::kMcontext);
static_assert(offsetof(ucontext_t, uc_sigmask) == x86f::kSigmask);
constexpr std::size_t greg(int index) {
  return offsetof(mcontext_t, gregs) + static_cast<std::size_t>(index) * sizeof(greg_t);
}
static_assert(greg(REG_R8) == 0 && greg(REG_R15) == 56 && greg(REG_RDI) == 64 && greg(REG_RSI) == 72);
static_assert(greg(REG_RBP) == 80 && greg(REG_RBX) == 88 && greg(REG_RDX) == 96 && greg(REG_RAX) == 104);
static_assert(greg(REG_RCX) == 112 && greg(REG_RSP) == 120);
static_assert(greg(REG_RIP) == x86f::kRip && greg(REG_EFL) == x86f::kEflags);
static_assert(greg(REG_CSGSFS) == x86f::kCs && greg(REG_ERR) == x86f::kErr);
static_assert(greg(REG_TRAPNO) == x86f::kTrapno && greg(REG_OLDMASK) == x86f::kOldmask);
static_assert(greg(REG_CR2) == x86f::kCr2 && offsetof(mcontext_t, fpregs) == x86f::kFpstate);
static_assert(sizeof(siginfo_t) == SigInfo::kSize && x86f::kSiginfo + SigInfo::kSize == x86f::kSize);
static_assert(sizeof(user_fpregs_struct) == sizeof(machine::FxsaveImage));
#endif

constexpr std::array kX86General{
    X86::rax, X86::rbx, X86::rcx, X86::rdx, X86::rsi, X86::rdi, X86::rbp, X86::r8,
    X86::r9,  X86::r10, X86::r11, X86::r12, X86::r13, X86::r14, X86::r15,
};
constexpr std::uint64_t kX86Stack = kStackTop.value - 0x1008;
constexpr std::uint64_t kRestorer = kCode.value + 0x80;
constexpr std::uint64_t kHandler = kCode.value + 0x40;

class SignalFrameX86 : public testing::Test {
 protected:
  SignalFrameX86() {
    for (std::size_t i = 0; i < kX86General.size(); ++i) cpu().set(kX86General[i], 0xa000 + i);
    cpu().set(X86::rsp, kX86Stack);
    cpu().set(X86::rflags, 0x202 | 0x4d5 | isa::x86::kRf);  // with DF
    cpu().set(X86::fs_base, 0x7777000);
    cpu().set_pc(kCode + 0x10);
    cpu().set_fp_state(some_fxsave(5));
    t.arch.trap_number = 14;
    t.arch.error_code = 6;
    t.arch.fault_address = 0xdead000;
    t.arch.orig = 39;
  }
  machine::Cpu& cpu() { return t.cpu(); }
  bool setup() { return x86_arch::setup_rt_frame(cpu(), t.mm, t.arch, {info, action, kMask, stack}); }
  GuestVa ucontext() { return GuestVa(cpu().get(X86::rdx)); }
  GuestVa sigcontext() { return ucontext() + x86f::kMcontext; }

  Thread t{isa::Isa::X86_64};
  SigInfo info = some_info(isa::Isa::X86_64);
  SignalAction action{kHandler, kSaSigInfo | kSaRestorer, kRestorer, 0};
  AlternateStack stack;
};

TEST_F(SignalFrameX86, IsLinux) {
  std::vector<std::byte> red_zone(128, std::byte{0x5a});
  ASSERT_TRUE(t.mm.write(GuestVa(kX86Stack - 128), red_zone));
  ASSERT_TRUE(setup());
  const GuestVa frame(cpu().get(X86::rsp));
  EXPECT_EQ(frame.value % 16, 8u);
  EXPECT_LE(frame.value + x86f::kSize, kX86Stack - 128 - 512);
  EXPECT_EQ(t.bytes(GuestVa(kX86Stack - 128), 128), red_zone);
  EXPECT_EQ(cpu().pc(), GuestVa(kHandler));
  EXPECT_EQ(cpu().get(X86::rdi), 11u);
  EXPECT_EQ(cpu().get(X86::rax), 0u);
  EXPECT_EQ(cpu().get(X86::rsi), frame.value + 312);
  EXPECT_EQ(cpu().get(X86::rdx), frame.value + 8);
  EXPECT_EQ(cpu().get(X86::rbx), 0xa001u);
  EXPECT_EQ(cpu().get(X86::fs_base), 0x7777000u);
  EXPECT_EQ(cpu().get(X86::cs), isa::x86::kUserCs);
  EXPECT_EQ(cpu().get(X86::ss), isa::x86::kUserSs);
  EXPECT_EQ(cpu().get(X86::rflags), 0x202u | 0xd5);
  EXPECT_EQ(t.word(frame), kRestorer);
  EXPECT_EQ(t.word(ucontext()), 6u);
  EXPECT_EQ(t.word(ucontext() + x86f::kLink), 0u);
  EXPECT_EQ(t.word(ucontext() + x86f::kSigmask), kMask);
  EXPECT_EQ(t.bytes(frame + x86f::kSiginfo, 128),
            std::vector<std::byte>(info.bytes().begin(), info.bytes().end()));
  const GuestVa sc = sigcontext();
  EXPECT_EQ(t.word(sc), 0xa007u);        // r8
  EXPECT_EQ(t.word(sc + 104), 0xa000u);  // rax
  EXPECT_EQ(t.word(sc + 120), kX86Stack);
  EXPECT_EQ(t.word(sc + x86f::kRip), kCode.value + 0x10);
  EXPECT_EQ(t.word(sc + x86f::kEflags), 0x202u | 0x4d5 | isa::x86::kRf);
  EXPECT_EQ(t.word(sc + x86f::kCs), 0x002b000000000033u);
  EXPECT_EQ(t.word(sc + x86f::kErr), 6u);
  EXPECT_EQ(t.word(sc + x86f::kTrapno), 14u);
  EXPECT_EQ(t.word(sc + x86f::kOldmask), kMask);
  EXPECT_EQ(t.word(sc + x86f::kCr2), 0xdead000u);
  const GuestVa fp(t.word(sc + x86f::kFpstate));
  EXPECT_EQ(fp.value % 64, 0u);
  EXPECT_GE(fp, frame + x86f::kSize);
  const auto image = some_fxsave(5);
  EXPECT_EQ(t.bytes(fp, 512), std::vector<std::byte>(image.begin(), image.end()));
  // The handler starts with a new floating point unit.
  const auto now = cpu().get_fp_state();
  EXPECT_EQ(isa::load_word(std::span(now).first(2), std::endian::little), 0x37fu);
  EXPECT_EQ(now[machine::fxsave::kFtw], std::byte{0});
  EXPECT_EQ(now[machine::fxsave::kXmm], std::byte{0});
}

TEST_F(SignalFrameX86, ComesBackThroughTheRestorer) {
  ASSERT_TRUE(t.mm.poke(GuestVa(kHandler), std::array{std::byte{0xc3}}));             // ret
  const std::vector<std::byte> restorer{std::byte{0xb8}, std::byte{15},  {}, {}, {},  // mov eax, 15
                                        std::byte{0x0f}, std::byte{0x05}};            // syscall
  ASSERT_TRUE(t.mm.poke(GuestVa(kRestorer), restorer));
  ASSERT_TRUE(setup());
  EXPECT_TRUE(std::holds_alternative<machine::SystemCall>(t.run()));
  EXPECT_EQ(cpu().get(X86::rax), 15u);
  for (const X86 reg : kX86General) cpu().set(reg, 0xffff);
  cpu().set_fp_state(some_fxsave(6));
  const auto back = x86_arch::rt_sigreturn(cpu(), t.mm, t.arch);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->mask, kMask);
  EXPECT_EQ(back->stack.size, 0u);
  for (std::size_t i = 0; i < kX86General.size(); ++i) EXPECT_EQ(cpu().get(kX86General[i]), 0xa000 + i);
  EXPECT_EQ(cpu().get(X86::rsp), kX86Stack);
  EXPECT_EQ(cpu().get(X86::rflags), 0x202u | 0x4d5 | isa::x86::kRf);
  EXPECT_EQ(cpu().pc(), kCode + 0x10);
  EXPECT_EQ(cpu().get_fp_state(), some_fxsave(5));
  EXPECT_EQ(t.arch.orig, ~0ull);
}

TEST_F(SignalFrameX86, RestoresTheFlagsOfAProgramOnly) {
  ASSERT_TRUE(setup());
  ASSERT_TRUE(t.mm.write_word(sigcontext() + x86f::kEflags, ~0ull, 8));
  cpu().set(X86::rsp, cpu().get(X86::rsp) + 8);
  ASSERT_TRUE(x86_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  EXPECT_EQ(cpu().get(X86::rflags), 0x50dd5u | 0x202);
}

TEST_F(SignalFrameX86, AbsentFpStateIsTheInitialOne) {
  ASSERT_TRUE(setup());
  ASSERT_TRUE(t.mm.write_word(sigcontext() + x86f::kFpstate, 0, 8));
  cpu().set_fp_state(some_fxsave(3));
  cpu().set(X86::rsp, cpu().get(X86::rsp) + 8);
  ASSERT_TRUE(x86_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  const auto now = cpu().get_fp_state();
  EXPECT_EQ(isa::load_word(std::span(now).first(2), std::endian::little), 0x37fu);
  EXPECT_EQ(now[machine::fxsave::kXmm], std::byte{0});
}

TEST_F(SignalFrameX86, BadFramesAreRefused) {
  ASSERT_TRUE(setup());
  const GuestVa frame(cpu().get(X86::rsp));
  const GuestVa sc = sigcontext();
  const GuestVa fp(t.word(sc + x86f::kFpstate));
  cpu().set(X86::rsp, frame.value + 8);
  struct Bad {
    GuestVa at;
    std::uint64_t value;
    unsigned size;
  };
  for (const Bad& bad : {Bad{sc + x86f::kFpstate, fp.value + 8, 8}, Bad{sc + x86f::kFpstate, 0x10000, 8},
                         Bad{fp + 24, 0x11f80, 4}, Bad{sc + x86f::kCs, 0x23, 2}, Bad{sc + x86f::kSs, 0, 2}}) {
    const std::uint64_t good = t.word(bad.at, bad.size);
    ASSERT_TRUE(t.mm.write_word(bad.at, bad.value, bad.size));
    EXPECT_FALSE(x86_arch::rt_sigreturn(cpu(), t.mm, t.arch)) << bad.at.value - frame.value;
    EXPECT_EQ(cpu().pc(), GuestVa(kHandler));
    ASSERT_TRUE(t.mm.write_word(bad.at, good, bad.size));
  }
  cpu().set(X86::rsp, 0x1000);
  EXPECT_FALSE(x86_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  // A program counter that is none faults where it leads to, in the program.
  cpu().set(X86::rsp, frame.value + 8);
  ASSERT_TRUE(t.mm.write_word(sc + x86f::kRip, 0x8000'0000'0000'0000, 8));
  EXPECT_TRUE(x86_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  EXPECT_EQ(cpu().pc(), GuestVa(0x8000'0000'0000'0000));
}

TEST_F(SignalFrameX86, ChoosesTheAlternateStack) {
  stack = {kData, 0x2000, 0};
  ASSERT_TRUE(setup());  // no SA_ONSTACK
  EXPECT_LT(cpu().get(X86::rsp), kX86Stack);
  EXPECT_GT(cpu().get(X86::rsp), kX86Stack - 0x1000);
  EXPECT_EQ(t.word(ucontext() + x86f::kStack), kData.value);
  EXPECT_EQ(t.word(ucontext() + x86f::kStack + 8, 4), 0u);
  EXPECT_EQ(t.word(ucontext() + x86f::kStack + 16), 0x2000u);
  action.flags |= kSaOnStack;
  ASSERT_TRUE(setup());
  EXPECT_LT(cpu().get(X86::rsp), kData.value + 0x2000 - 512);
  EXPECT_GT(cpu().get(X86::rsp), kData.value + 0x2000 - 1100);
  // Again, on it: below.
  const std::uint64_t first = cpu().get(X86::rsp);
  ASSERT_TRUE(setup());
  EXPECT_LT(cpu().get(X86::rsp), first - 128 - 512);
  // Until it is full.
  int frames = 2;
  while (setup()) ++frames;
  EXPECT_EQ(frames, 7);
  EXPECT_GT(cpu().get(X86::rsp), kData.value);
}

TEST_F(SignalFrameX86, AnAlternateStackThatIsTooSmallIsNone) {
  stack = {kData + 0x1000, 0x200, 0};
  action.flags |= kSaOnStack;
  EXPECT_FALSE(setup());
}

TEST_F(SignalFrameX86, AutoDisarmedStacksAreEnteredAnew) {
  stack = {kData, 0x2000, AlternateStack::kAutoDisarm};
  action.flags |= kSaOnStack;
  cpu().set(X86::rsp, kData.value + 0x1000);
  ASSERT_TRUE(setup());
  EXPECT_GT(cpu().get(X86::rsp), kData.value + 0x1000);
  EXPECT_EQ(t.word(ucontext() + x86f::kStack + 8, 4), AlternateStack::kAutoDisarm);
}

TEST_F(SignalFrameX86, WithoutARestorerOrAStackThereIsNone) {
  const std::uint64_t flags = cpu().get(X86::rflags);
  action.flags &= ~kSaRestorer;
  EXPECT_FALSE(setup());
  action.flags |= kSaRestorer;
  cpu().set(X86::rsp, kCode.value + 0x800);
  EXPECT_FALSE(setup());
  cpu().set(X86::rsp, 0x100);
  EXPECT_FALSE(setup());
  EXPECT_EQ(cpu().pc(), kCode + 0x10);
  EXPECT_EQ(cpu().get(X86::rflags), flags);
  EXPECT_EQ(cpu().get_fp_state(), some_fxsave(5));
}

// A tracer's has been taken out by then.
TEST_F(SignalFrameX86, AProgramsOwnStepIsInTheFrame) {
  cpu().set_single_step(true);
  ASSERT_TRUE(setup());
  EXPECT_NE(t.word(sigcontext() + x86f::kEflags) & isa::x86::kTf, 0u);
  EXPECT_FALSE(cpu().single_step());
}

TEST(SignalFrame, MinimumOnX86IsEnough) {
  for (std::uint64_t offset = 0; offset < 64; ++offset) {
    Thread t(isa::Isa::X86_64);
    const SigInfo info = some_info(isa::Isa::X86_64);
    const SignalAction action{kHandler, kSaSigInfo | kSaRestorer | kSaOnStack, kRestorer, 0};
    const AlternateStack stack{kData + 0x1000 + offset, x86_arch::kMinSigStkSz, 0};
    EXPECT_TRUE(x86_arch::setup_rt_frame(t.cpu(), t.mm, t.arch, {info, action, 0, stack})) << offset;
  }
}

// --- PPC64 ---

namespace ppcf = ppc64_arch::frame;
using isa::ppc64::gpr;
using Ppc = isa::ppc64::Reg;

constexpr std::uint64_t kPpcStack = kStackTop.value - 0x1008;
constexpr GuestVa kDescriptor = kData + 0x100;
constexpr std::uint64_t kToc = 0x10018000;

class SignalFramePpc64 : public testing::Test {
 protected:
  SignalFramePpc64() {
    for (unsigned i = 0; i < 32; ++i) cpu().set(gpr(i), 0xa000000000000000 + i);
    cpu().set(Ppc::r1, kPpcStack);
    cpu().set(Ppc::ctr, 0xc0c0);
    cpu().set(Ppc::lr, 0x1212);
    cpu().set(Ppc::xer, 0x20000000);
    cpu().set(Ppc::cr, 0x24004028);
    cpu().set_pc(kCode + 0x10);
    cpu().set_vsx_state(some_vsx(5));
    t.arch.orig = 0x33;
    t.arch.trap = 0xc00;
    t.arch.fault_address = 0xdead000;
    t.arch.error_code = 0x42000000;
    EXPECT_TRUE(t.mm.write_word(kDescriptor, kHandler, 8));
    EXPECT_TRUE(t.mm.write_word(kDescriptor + 8, kToc, 8));
    ppc64_arch::map_vdso(t.mm);
  }
  machine::Cpu& cpu() { return t.cpu(); }
  bool setup() { return ppc64_arch::setup_rt_frame(cpu(), t.mm, t.arch, {info, action, kMask, stack}); }
  GuestVa frame() { return GuestVa(cpu().get(Ppc::r1)) + ppcf::kCallerFrame; }
  GuestVa sigcontext() { return frame() + 168; }

  Thread t{isa::Isa::Ppc64};
  SigInfo info = some_info(isa::Isa::Ppc64);
  SignalAction action{kDescriptor.value, kSaSigInfo, 0, 0};
  AlternateStack stack;
};

// The numbers are from powerpc64-linux-gnu-gcc and asm/ucontext.h.
TEST_F(SignalFramePpc64, IsLinux) {
  ASSERT_NE(t.mm.vdso.value, 0u);
  std::vector<std::byte> red_zone(512, std::byte{0x5a});
  ASSERT_TRUE(t.mm.write(GuestVa(kPpcStack - 512), red_zone));
  ASSERT_TRUE(setup());
  const GuestVa at = frame();
  EXPECT_EQ(at.value, (kPpcStack - 2400) & ~15ull);
  EXPECT_EQ(t.bytes(GuestVa(kPpcStack - 512), 512), red_zone);
  EXPECT_EQ(t.word(at - 128), kPpcStack);  // back chain
  EXPECT_EQ(cpu().pc(), t.mm.vdso + ppc64_arch::kStartSigtramp);
  EXPECT_EQ(cpu().get(Ppc::ctr), kHandler);
  EXPECT_EQ(cpu().get(Ppc::r2), kToc);
  EXPECT_EQ(cpu().get(Ppc::r3), 11u);
  EXPECT_EQ(cpu().get(Ppc::r4), at.value + 1760);
  EXPECT_EQ(cpu().get(Ppc::r5), at.value);
  EXPECT_EQ(cpu().get(Ppc::r6), at.value);
  EXPECT_EQ(cpu().get(Ppc::r7), 0xa000000000000007u);
  EXPECT_EQ(cpu().get(Ppc::r13), 0xa00000000000000du);
  EXPECT_EQ(cpu().get_vsx_state().fpscr, 0u);
  EXPECT_EQ(t.arch.trap, 0u);
  EXPECT_EQ(t.word(at), 0u);
  EXPECT_EQ(t.word(at + 8), 0u);
  EXPECT_EQ(t.word(at + 40), kMask);
  const GuestVa sc = sigcontext();
  EXPECT_EQ(t.word(sc + 32, 4), 11u);
  EXPECT_EQ(t.word(sc + 40), kDescriptor.value);
  EXPECT_EQ(t.word(sc + 56), sc.value + 64);
  for (unsigned i = 2; i < 32; ++i) EXPECT_EQ(t.word(sc + 64 + 8 * i), 0xa000000000000000 + i);
  EXPECT_EQ(t.word(sc + 64 + 8), kPpcStack);
  const std::array<std::uint64_t, 12> special{
      kCode.value + 0x10, 0x800000000280f032, 0x33, 0xc0c0, 0x1212, 0x20000000, 0x24004028, 1, 0xc00,
      0xdead000,          0x42000000,         0};
  for (std::size_t i = 0; i < special.size(); ++i) EXPECT_EQ(t.word(sc + 64 + 8 * (32 + i)), special[i]) << i;
  const machine::VsxState state = some_vsx(5);
  const auto equal = [&](GuestVa place, std::span<const std::byte> wanted) {
    return std::ranges::equal(t.bytes(place, wanted.size()), wanted);
  };
  const GuestVa vectors(t.word(sc + 712));
  EXPECT_EQ(vectors.value, (sc.value + 720 + 15) & ~15ull);
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_TRUE(equal(sc + 448 + 8 * i, std::span(state.vsr[i]).first(8)));
    EXPECT_TRUE(equal(vectors + 16 * i, state.vsr[32 + i]));
    EXPECT_TRUE(equal(vectors + 544 + 8 * i, std::span(state.vsr[i]).last(8)));
  }
  EXPECT_EQ(t.word(sc + 448 + 256), state.fpscr);
  EXPECT_EQ(t.word(vectors + 512 + 12, 4), state.vscr);
  EXPECT_EQ(t.word(vectors + 528, 4), state.vrsave);
  EXPECT_EQ(t.word(at + 1744), at.value + 1760);
  EXPECT_EQ(t.word(at + 1752), at.value);
  EXPECT_TRUE(equal(at + 1760, info.bytes()));
}

TEST_F(SignalFramePpc64, ComesBackThroughTheVdso) {
  // The handler: mflr r0; blr
  const std::vector<std::byte> handler{std::byte{0x7c},
                                       std::byte{0x08},
                                       std::byte{0x02},
                                       std::byte{0xa6},
                                       std::byte{0x4e},
                                       std::byte{0x80},
                                       {},
                                       std::byte{0x20}};
  ASSERT_TRUE(t.mm.poke(GuestVa(kHandler), handler));
  ASSERT_TRUE(setup());
  const GuestVa at = frame();
  EXPECT_TRUE(std::holds_alternative<machine::SystemCall>(t.run()));
  EXPECT_EQ(cpu().get(Ppc::r0), 172u);
  EXPECT_EQ(cpu().get(Ppc::lr), (t.mm.vdso + ppc64_arch::kStartSigtramp + 4).value);
  EXPECT_EQ(cpu().get(Ppc::r1), at.value);
  cpu().set_vsx_state(some_vsx(6));
  for (unsigned i = 2; i < 32; ++i) cpu().set(gpr(i), 7);
  cpu().set(Ppc::cr, 0);
  cpu().set(Ppc::xer, 0);
  const std::uint64_t msr = cpu().get(Ppc::msr);
  t.arch = {};
  const auto back = ppc64_arch::rt_sigreturn(cpu(), t.mm, t.arch);
  ASSERT_TRUE(back);
  EXPECT_EQ(back->mask, kMask);
  for (unsigned i = 0; i < 32; ++i) {
    EXPECT_EQ(cpu().get(gpr(i)), i == 1 ? kPpcStack : 0xa000000000000000 + i);
  }
  EXPECT_EQ(cpu().pc(), kCode + 0x10);
  EXPECT_EQ(cpu().get(Ppc::ctr), 0xc0c0u);
  EXPECT_EQ(cpu().get(Ppc::lr), 0x1212u);
  EXPECT_EQ(cpu().get(Ppc::xer), 0x20000000u);
  EXPECT_EQ(cpu().get(Ppc::cr), 0x24004028u);
  EXPECT_EQ(cpu().get(Ppc::msr), msr);
  EXPECT_EQ(cpu().get_vsx_state(), some_vsx(5));
  EXPECT_EQ(t.arch.orig, 0x33u);
  EXPECT_EQ(t.arch.trap, 0u);
  EXPECT_EQ(t.arch.fault_address, 0xdead000u);
  EXPECT_EQ(t.arch.error_code, 0x42000000u);
}

TEST_F(SignalFramePpc64, HandlersWithoutSiginfoGetTheSigcontext) {
  action.flags = 0;
  ASSERT_TRUE(setup());
  EXPECT_EQ(cpu().get(Ppc::r4), sigcontext().value);
  EXPECT_EQ(cpu().get(Ppc::r5), 0xa000000000000005u);
}

TEST_F(SignalFramePpc64, TakesVectorsAsTheMsrSays) {
  ASSERT_TRUE(setup());
  const GuestVa msr = sigcontext() + 64 + 8 * 33;
  cpu().set(Ppc::r1, frame().value);
  const GuestVa at(cpu().get(Ppc::r1));
  ASSERT_TRUE(t.mm.write_word(msr, 0x800000000000f032, 8));
  ASSERT_TRUE(ppc64_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  const machine::VsxState without = cpu().get_vsx_state();
  machine::VsxState wanted;
  for (std::size_t i = 0; i < 32; ++i) {
    std::ranges::copy(std::span(some_vsx(5).vsr[i]).first(8), wanted.vsr[i].begin());
  }
  wanted.fpscr = some_vsx(5).fpscr;
  wanted.vrsave = some_vsx(5).vrsave;
  EXPECT_EQ(without, wanted);
  // Another place for them, and bits of the MSR that are not the program's.
  cpu().set(Ppc::r1, at.value);
  const GuestVa vectors = kData + 0x1000;
  ASSERT_TRUE(t.mm.write_word(vectors, 0x5555, 8));
  ASSERT_TRUE(t.mm.write_word(at + 168 + 712, vectors.value, 8));
  ASSERT_TRUE(t.mm.write_word(msr, 0x0000000002800000, 8));
  const std::uint64_t before = cpu().get(Ppc::msr);
  ASSERT_TRUE(ppc64_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  EXPECT_EQ(cpu().get(Ppc::msr), before);
  EXPECT_EQ(isa::load_word(std::span(cpu().get_vsx_state().vsr[32]).first(8), std::endian::big), 0x5555u);
}

TEST_F(SignalFramePpc64, BadFramesAreRefused) {
  ASSERT_TRUE(setup());
  const GuestVa at = frame();
  cpu().set(Ppc::r1, at.value);
  const GuestVa vectors = at + 168 + 712;
  const std::uint64_t good = t.word(vectors);
  ASSERT_TRUE(t.mm.write_word(vectors, 0x1000, 8));
  EXPECT_FALSE(ppc64_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  ASSERT_TRUE(t.mm.write_word(vectors, good, 8));
  const GuestVa msr = at + 168 + 64 + 8 * 33;
  ASSERT_TRUE(t.mm.write_word(msr, 0x800000000280f033, 8));  // little-endian
  EXPECT_FALSE(ppc64_arch::rt_sigreturn(cpu(), t.mm, t.arch));
  cpu().set(Ppc::r1, 0x1000);
  EXPECT_FALSE(ppc64_arch::rt_sigreturn(cpu(), t.mm, t.arch));
}

TEST_F(SignalFramePpc64, UnwritableStacksAndUnreadableDescriptorsAreRefused) {
  action.handler = 0x5000;
  EXPECT_FALSE(setup());
  action.handler = kDescriptor.value;
  cpu().set(Ppc::r1, kCode.value + 0x8000);
  EXPECT_FALSE(setup());
  EXPECT_EQ(cpu().pc(), kCode + 0x10);
  EXPECT_EQ(cpu().get_vsx_state(), some_vsx(5));
  EXPECT_EQ(t.arch.trap, 0xc00u);
}

TEST_F(SignalFramePpc64, ChoosesTheAlternateStack) {
  stack = {kData + 0x8000, 0x4000, 0};
  action.flags |= kSaOnStack;
  ASSERT_TRUE(setup());
  EXPECT_EQ(frame(), kData + 0xc000 - 2400);
  EXPECT_EQ(t.word(frame() + 16), (kData + 0x8000).value);
  EXPECT_EQ(t.word(frame() + 32), 0x4000u);
  const GuestVa first = frame();
  ASSERT_TRUE(setup());
  EXPECT_EQ(frame(), first - 128 - 2400);
}

TEST_F(SignalFramePpc64, Elf2HandlersAreCode) {
  t.mm.elf2 = true;
  action.handler = kHandler;
  ASSERT_TRUE(setup());
  EXPECT_EQ(cpu().get(Ppc::ctr), kHandler);
  EXPECT_EQ(cpu().get(Ppc::r12), kHandler);
  EXPECT_EQ(cpu().get(Ppc::r2), 0xa000000000000002u);
}

TEST_F(SignalFramePpc64, WithoutAVdsoTheFrameHoldsTheTrampoline) {
  t.mm.vdso = GuestVa(0);
  ASSERT_TRUE(setup());
  EXPECT_EQ(cpu().pc(), frame() + 1712);
  EXPECT_EQ(t.word(frame() + 1712), 0x4e80042138210080u);
  EXPECT_EQ(t.word(frame() + 1720), 0x380000ac44000002u);
  EXPECT_EQ(t.word(frame() + 1744), frame().value + 1760);
  EXPECT_EQ(t.word(frame() + 1752), frame().value);
}

}  // namespace
}  // namespace trapline::kernel
