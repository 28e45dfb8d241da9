// What perf samples of a thread: registers, and call chains from stacks laid out by hand.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "emu/kernel/arch/ppc64/perf_regs.hpp"
#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "emu/kernel/arch/ppc64/vdso.hpp"
#include "emu/kernel/arch/x86/perf_regs.hpp"
#include "isa/ppc64/registers.hpp"
#include "isa/x86/registers.hpp"
#include "thread_support.hpp"

namespace trapline::kernel {
namespace {

using Words = std::vector<std::uint64_t>;

Words entries(const PerfCallchain& chain) { return {chain.entries().begin(), chain.entries().end()}; }

struct X86Thread : Thread {
  X86Thread() : Thread(isa::Isa::X86_64) {}
  // A frame as `push rbp; mov rbp, rsp` makes it.
  void frame(GuestVa at, GuestVa next, std::uint64_t return_address) {
    EXPECT_TRUE(mm.write_word(at, next.value, 8));
    EXPECT_TRUE(mm.write_word(at + 8, return_address, 8));
  }
  Words chain(std::uint16_t max_stack = kMaxStack) {
    PerfCallchain chain(max_stack);
    x86_arch::perf_callchain_user(cpu(), mm, chain);
    return entries(chain);
  }
};

TEST(PerfRegsX86, AreInTheOrderOfTheirBits) {
  X86Thread thread;
  thread.cpu().set(isa::x86::Reg::rax, 0x11);
  thread.cpu().set(isa::x86::Reg::rsi, 0x22);
  thread.cpu().set(isa::x86::Reg::rsp, 0x33);
  thread.cpu().set(isa::x86::Reg::r8, 0x44);
  thread.cpu().set(isa::x86::Reg::r15, 0x55);
  thread.cpu().set_pc(kCode);
  std::array<std::uint64_t, 64> out{};
  const std::uint64_t mask = 1u << 0 | 1u << 4 | 1u << 7 | 1u << 8 | 1u << 10 | 1u << 16 | 1u << 23;
  ASSERT_EQ(x86_arch::perf_regs(thread.cpu(), mask, out), 7u);
  EXPECT_EQ(Words(out.begin(), out.begin() + 7),
            (Words{0x11, 0x22, 0x33, kCode.value, isa::x86::kUserCs, 0x44, 0x55}));
}

TEST(PerfCallchainX86, FollowsFramePointers) {
  X86Thread thread;
  const GuestVa inner = kStackTop - 0x100;
  const GuestVa outer = kStackTop - 0x80;
  thread.frame(inner, outer, 0x400010);
  thread.frame(outer, GuestVa(0), 0x400020);
  thread.cpu().set(isa::x86::Reg::rbp, inner.value);
  EXPECT_EQ(thread.chain(), (Words{0x400010, 0x400020}));
}

TEST(PerfCallchainX86, EndsWhereTheNextFrameIsNotThere) {
  X86Thread thread;
  const GuestVa inner = kStackTop - 0x100;
  thread.frame(inner, kStackTop - 0x10000, 0x400010);  // a page that nobody has touched
  thread.cpu().set(isa::x86::Reg::rbp, inner.value);
  EXPECT_EQ(thread.chain(), Words{0x400010});
  EXPECT_EQ(thread.mm.space().page(kStackTop - 0x10000), nullptr);  // nor does perf
}

TEST(PerfCallchainX86, EndsInTheMiddleOfACircle) {
  X86Thread thread;
  const GuestVa frame = kStackTop - 0x100;
  thread.frame(frame, frame, 0x400010);
  thread.cpu().set(isa::x86::Reg::rbp, frame.value);
  EXPECT_EQ(thread.chain(3), (Words{0x400010, 0x400010, 0x400010}));
  EXPECT_EQ(thread.chain().size(), kMaxStack);
}

struct Ppc64Thread : Thread {
  Ppc64Thread() : Thread(isa::Isa::Ppc64) {
    cpu().set_pc(kCode);
    cpu().set(isa::ppc64::Reg::lr, 0x400010);
  }
  void frame(GuestVa at, GuestVa caller, std::uint64_t lr_save) {
    EXPECT_TRUE(mm.write_word(at, caller.value, 8));
    EXPECT_TRUE(mm.write_word(at + 16, lr_save, 8));
  }
  Words chain() {
    PerfCallchain chain(kMaxStack);
    ppc64_arch::perf_callchain_user(cpu(), mm, chain);
    return entries(chain);
  }
};

TEST(PerfRegsPpc64, AreInTheOrderOfTheirBits) {
  Ppc64Thread thread;
  thread.cpu().set(isa::ppc64::gpr(3), 0x33);
  thread.arch.trap = 0x300;
  thread.arch.orig = 0x44;
  thread.arch.error_code = 0x02000000;
  std::array<std::uint64_t, 64> out{};
  const std::uint64_t all = ppc64_arch::kPerfRegs;
  ASSERT_EQ(ppc64_arch::perf_regs(thread.cpu(), thread.arch, all, out), 45u);
  EXPECT_EQ(out[3], 0x33u);
  EXPECT_EQ(out[32], kCode.value);
  EXPECT_EQ(out[34], 0x44u);
  EXPECT_EQ(out[36], 0x400010u);
  EXPECT_EQ(out[40], 0x300u);
  EXPECT_EQ(out[42], 0x02000000u);
  ASSERT_EQ(ppc64_arch::perf_regs(thread.cpu(), thread.arch, std::uint64_t{1} << 36 | 1u << 3, out), 2u);
  EXPECT_EQ(out[0], 0x33u);
  EXPECT_EQ(out[1], 0x400010u);
}

TEST(PerfCallchainPpc64, FollowsTheBackChain) {
  Ppc64Thread thread;
  const GuestVa inner = kStackTop - 0x200;
  const GuestVa outer = kStackTop - 0x100;
  thread.frame(inner, outer, 0xbad);  // of a function that it does not call
  thread.frame(outer, GuestVa(0), 0x400020);
  thread.cpu().set(isa::ppc64::Reg::r1, inner.value);
  EXPECT_EQ(thread.chain(), (Words{0x400010, 0x400020}));
}

TEST(PerfCallchainPpc64, EndsAtAStackPointerThatIsNone) {
  Ppc64Thread thread;
  thread.cpu().set(isa::ppc64::Reg::r1, kStackTop.value - 0x204);
  EXPECT_EQ(thread.chain(), Words{});
}

// From a handler it goes on where the signal came, after another marker.
TEST(PerfCallchainPpc64, GoesThroughASignalFrame) {
  Ppc64Thread thread;
  thread.mm.elf2 = true;
  ppc64_arch::map_vdso(thread.mm);
  const GuestVa stack = kStackTop - 0x200;
  thread.frame(stack, GuestVa(0), 0xbad);
  thread.cpu().set(isa::ppc64::Reg::r1, stack.value);
  const SigInfo info(isa::Isa::Ppc64, isa::linux_abi::kSigUsr1, 0);
  const SignalAction action{.handler = 0x400100};
  const AlternateStack none{};
  ASSERT_TRUE(ppc64_arch::setup_rt_frame(thread.cpu(), thread.mm, thread.arch, {info, action, 0, none}));
  thread.cpu().set_pc(GuestVa(0x400100));  // the trampoline called the handler
  thread.cpu().set(isa::ppc64::Reg::lr, thread.mm.vdso.value + 4);
  EXPECT_EQ(thread.chain(), (Words{kPerfContextUser, kCode.value, 0x400010}));
}

}  // namespace
}  // namespace trapline::kernel
