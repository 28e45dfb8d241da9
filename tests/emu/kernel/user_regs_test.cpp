// A thread's registers as ptrace(2) shows them, and the rules of writing them.
#if defined(__x86_64__)
#include <sys/user.h>
#endif

#include "emu/kernel/arch/ppc64/user_regs.hpp"
#include "emu/kernel/arch/x86/user_regs.hpp"
#include "isa/ppc64/registers.hpp"
#include "isa/x86/registers.hpp"
#include "thread_support.hpp"

namespace trapline::kernel {
namespace {

using X86 = isa::x86::Reg;
using Ppc = isa::ppc64::Reg;
using isa::ppc64::gpr;

constexpr std::uint64_t kTaskSize = 0x7ffffffff000;

#if defined(__x86_64__)
static_assert(sizeof(user_regs_struct) == x86_arch::kUserRegsSize);
static_assert(sizeof(user_fpregs_struct) == sizeof(machine::FxsaveImage));
static_assert(sizeof(user) + 2 * sizeof(long) ==
              x86_arch::kUserSize);  // the kernel has error_code and fault_address behind
static_assert(offsetof(user, u_debugreg) == x86_arch::kUserDebugRegs);
static_assert(offsetof(user_fpregs_struct, mxcsr) == machine::fxsave::kMxcsr);
static_assert(offsetof(user_fpregs_struct, st_space) == machine::fxsave::kSt);
static_assert(offsetof(user_fpregs_struct, xmm_space) == machine::fxsave::kXmm);
#endif

int error_of(const std::optional<Status>& status) { return *status ? 0 : status->error().number; }
int error_of(const Status& status) { return status ? 0 : status.error().number; }
template <class T>
int error_of(const Result<T>& result) {
  return result ? 0 : result.error().number;
}

// --- x86-64 ---

struct X86Word {
  std::size_t offset;
  X86 reg;
};
#if defined(__x86_64__)
#define TRAPLINE_AT(member) \
  X86Word { offsetof(user_regs_struct, member), X86::member }
constexpr std::array kX86Words{
    TRAPLINE_AT(r15), TRAPLINE_AT(r14),     TRAPLINE_AT(r13),     TRAPLINE_AT(r12), TRAPLINE_AT(rbp),
    TRAPLINE_AT(rbx), TRAPLINE_AT(r11),     TRAPLINE_AT(r10),     TRAPLINE_AT(r9),  TRAPLINE_AT(r8),
    TRAPLINE_AT(rax), TRAPLINE_AT(rcx),     TRAPLINE_AT(rdx),     TRAPLINE_AT(rsi), TRAPLINE_AT(rdi),
    TRAPLINE_AT(rip), TRAPLINE_AT(fs_base), TRAPLINE_AT(gs_base), TRAPLINE_AT(rsp),
};
#undef TRAPLINE_AT
constexpr std::size_t kOrigRax = offsetof(user_regs_struct, orig_rax);
constexpr std::size_t kEflags = offsetof(user_regs_struct, eflags);
constexpr std::size_t kCs = offsetof(user_regs_struct, cs);
constexpr std::size_t kSs = offsetof(user_regs_struct, ss);
constexpr std::size_t kDs = offsetof(user_regs_struct, ds);
constexpr std::size_t kFs = offsetof(user_regs_struct, fs);
constexpr std::size_t kGs = offsetof(user_regs_struct, gs);
#else
constexpr std::array kX86Words{X86Word{80, X86::rax}, X86Word{128, X86::rip}, X86Word{152, X86::rsp}};
constexpr std::size_t kOrigRax = 120, kEflags = 144, kCs = 136, kSs = 160, kDs = 184, kFs = 200, kGs = 208;
#endif

class UserRegsX86 : public testing::Test {
 protected:
  machine::Cpu& cpu() { return t.cpu(); }
  std::uint64_t peek(std::size_t offset) { return **x86_arch::peek_user(cpu(), t.arch, offset); }
  int poke(std::size_t offset, std::uint64_t value) {
    return error_of(x86_arch::poke_user(cpu(), t.arch, offset, value));
  }
  Thread t{isa::Isa::X86_64};
};

TEST_F(UserRegsX86, EveryRegisterIsInItsPlace) {
  for (const auto& [offset, reg] : kX86Words) cpu().set(reg, 0x10000 + offset);
  for (const auto& [offset, reg] : kX86Words) EXPECT_EQ(peek(offset), 0x10000 + offset);
  for (const auto& [offset, reg] : kX86Words) EXPECT_EQ(poke(offset, 0x20000 + offset), 0);
  for (const auto& [offset, reg] : kX86Words) EXPECT_EQ(cpu().get(reg), 0x20000 + offset);
  EXPECT_EQ(peek(kCs), 0x33u);
  EXPECT_EQ(peek(kSs), 0x2bu);
  EXPECT_EQ(peek(kOrigRax), ~0ull);
  EXPECT_EQ(poke(kOrigRax, 59), 0);
  EXPECT_EQ(t.arch.orig, 59u);
  const auto all = x86_arch::regset(cpu(), t.arch, kNtPrStatus);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 216u);
  for (std::size_t offset = 0; offset < 216; offset += 8) {
    EXPECT_EQ(isa::load_word(std::span(*all).subspan(offset, 8), std::endian::little), peek(offset));
  }
}

TEST_F(UserRegsX86, TheRestOfStructUserIsEmpty) {
  EXPECT_EQ(peek(216), 0u);
  EXPECT_EQ(peek(840), 0u);
  EXPECT_EQ(poke(216, 1), EIO);
  EXPECT_FALSE(x86_arch::peek_user(cpu(), t.arch, 848));
  EXPECT_FALSE(x86_arch::peek_user(cpu(), t.arch, 904));
  EXPECT_FALSE(x86_arch::poke_user(cpu(), t.arch, 904, 0));
  for (const std::uint64_t bad : {4ull, 928ull, 850ull, ~0ull, ~7ull}) {
    EXPECT_EQ(error_of(*x86_arch::peek_user(cpu(), t.arch, bad)), EIO) << bad;
    EXPECT_EQ(poke(bad, 0), EIO) << bad;
  }
}

TEST_F(UserRegsX86, SelectorsAndBasesAreChecked) {
  cpu().set(X86::fs_base, 0x5000);
  cpu().set(X86::gs_base, 0x6000);
  for (const std::size_t at : {kCs, kSs, kDs, kFs, kGs}) {
    EXPECT_EQ(poke(at, 0x28), EIO) << at;
    EXPECT_EQ(poke(at, 0x31), EIO) << at;
  }
  EXPECT_EQ(poke(kCs, 0), EIO);
  EXPECT_EQ(poke(kSs, 0), EIO);
  EXPECT_EQ(poke(kCs, 0x33), 0);
  EXPECT_EQ(poke(kSs, 0x1002b), 0);  // 16 bits count
  for (const std::size_t at : {kDs, kFs, kGs}) {
    EXPECT_EQ(poke(at, 0x3b), 0);
    EXPECT_EQ(peek(at), 0u);
    EXPECT_EQ(poke(at, 0), 0);
  }
  EXPECT_EQ(cpu().get(X86::fs_base), 0x5000u);
  EXPECT_EQ(cpu().get(X86::gs_base), 0x6000u);
  EXPECT_EQ(cpu().get(X86::cs), 0x33u);
  for (const X86Word& word : kX86Words) {
    if (word.reg != X86::fs_base && word.reg != X86::gs_base) continue;
    EXPECT_EQ(poke(word.offset, kTaskSize), EIO);
    EXPECT_EQ(poke(word.offset, kTaskSize - 1), 0);
    EXPECT_EQ(cpu().get(word.reg), kTaskSize - 1);
  }
}

TEST_F(UserRegsX86, FlagsOfTheKernelStay) {
  EXPECT_EQ(poke(kEflags, ~0ull & ~isa::x86::kTf), 0);
  EXPECT_EQ(cpu().get(X86::rflags), (0x54dd5u & ~isa::x86::kTf) | 0x202);
  EXPECT_EQ(poke(kEflags, 0), 0);
  EXPECT_EQ(cpu().get(X86::rflags), 0x202u);
}

TEST_F(UserRegsX86, ATracersStepIsHidden) {
  cpu().set_single_step(true);
  t.arch.user_single_step = t.arch.forced_tf = true;
  EXPECT_EQ(peek(kEflags), 0x202u);
  EXPECT_EQ(poke(kEflags, 1), 0);
  EXPECT_TRUE(cpu().single_step());
  EXPECT_EQ(peek(kEflags), 0x203u);
  EXPECT_EQ(poke(kEflags, isa::x86::kTf), 0);  // now the program's own
  EXPECT_FALSE(t.arch.forced_tf);
  EXPECT_EQ(peek(kEflags), 0x302u);
  EXPECT_EQ(poke(kEflags, 0), 0);
  EXPECT_FALSE(cpu().single_step());
}

TEST_F(UserRegsX86, RegistersAreSetUpToABadOne) {
  auto all = *x86_arch::regset(cpu(), t.arch, kNtPrStatus);
  const auto put = [&](std::size_t offset, std::uint64_t value) {
    isa::store_word(std::span(all).subspan(offset, 8), value, std::endian::little);
  };
  put(0, 15);  // r15
  put(kCs, 0x30);
  put(152, 99);  // rsp
  EXPECT_EQ(error_of(x86_arch::set_regset(cpu(), t.arch, kNtPrStatus, all)), EIO);
  EXPECT_EQ(cpu().get(X86::r15), 15u);
  EXPECT_EQ(cpu().get(X86::rsp), 0u);
  put(kCs, 0x33);
  put(0, 16);
  EXPECT_EQ(error_of(x86_arch::set_regset(cpu(), t.arch, kNtPrStatus, std::span(all).first(8))), 0);
  EXPECT_EQ(cpu().get(X86::r15), 16u);
  EXPECT_EQ(cpu().get(X86::rsp), 0u);
  EXPECT_EQ(error_of(x86_arch::set_regset(cpu(), t.arch, kNtPrStatus, all)), 0);
  EXPECT_EQ(cpu().get(X86::rsp), 99u);
}

TEST_F(UserRegsX86, FloatingPoint) {
  cpu().set_fp_state(some_fxsave(3));
  const auto got = x86_arch::regset(cpu(), t.arch, kNtPrFpReg);
  ASSERT_TRUE(got);
  EXPECT_TRUE(std::ranges::equal(*got, some_fxsave(3)));
  auto image = some_fxsave(4);
  EXPECT_EQ(error_of(x86_arch::set_regset(cpu(), t.arch, kNtPrFpReg, image)), 0);
  EXPECT_EQ(cpu().get_fp_state(), image);
  image[machine::fxsave::kMxcsr + 2] = std::byte{1};
  EXPECT_EQ(error_of(x86_arch::set_regset(cpu(), t.arch, kNtPrFpReg, image)), EINVAL);
  EXPECT_EQ(error_of(x86_arch::set_regset(cpu(), t.arch, kNtPrFpReg, std::span(image).first(504))), EINVAL);
  EXPECT_EQ(cpu().get_fp_state(), some_fxsave(4));
}

TEST_F(UserRegsX86, OtherSets) {
  EXPECT_EQ(error_of(x86_arch::regset(cpu(), t.arch, kNtX86XState)), ENODEV);
  EXPECT_EQ(error_of(x86_arch::regset(cpu(), t.arch, 0x100)), EINVAL);
  EXPECT_EQ(error_of(x86_arch::set_regset(cpu(), t.arch, kNtX86XState, {})), ENODEV);
  EXPECT_EQ(x86_arch::regset_of(kNtPrStatus)->unit, 8u);
  EXPECT_EQ(x86_arch::regset_request(kPtraceSetRegs)->size, 216u);
  EXPECT_TRUE(x86_arch::regset_request(kPtraceSetRegs)->set);
  EXPECT_EQ(x86_arch::regset_request(kPtraceGetFpRegs)->type, kNtPrFpReg);
  EXPECT_FALSE(x86_arch::regset_request(0x12));
}

// --- PPC64 ---

class UserRegsPpc64 : public testing::Test {
 protected:
  UserRegsPpc64() {
    for (unsigned i = 0; i < 32; ++i) cpu().set(gpr(i), 0xa000000000000000 + i);
    cpu().set(Ppc::nip, 0x1230);
    cpu().set(Ppc::ctr, 0xc0c0);
    cpu().set(Ppc::lr, 0x1212);
    cpu().set(Ppc::xer, 0x20000000);
    cpu().set(Ppc::cr, 0x24004028);
    cpu().set_vsx_state(some_vsx(3));
    t.arch.orig = 0x33;
    t.arch.trap = 0x300;
    t.arch.fault_address = 0xdead000;
    t.arch.error_code = 0x42000000;
  }
  machine::Cpu& cpu() { return t.cpu(); }
  std::uint64_t peek(std::size_t index) { return *ppc64_arch::peek_user(cpu(), t.arch, 8 * index); }
  int poke(std::size_t index, std::uint64_t value) {
    return error_of(ppc64_arch::poke_user(cpu(), t.arch, 8 * index, value));
  }
  std::vector<std::byte> get(unsigned type) { return *ppc64_arch::regset(cpu(), t.arch, type); }
  int set(unsigned type, std::span<const std::byte> bytes) {
    return error_of(ppc64_arch::set_regset(cpu(), t.arch, type, bytes));
  }
  Thread t{isa::Isa::Ppc64};
};

// PT_NIP to PT_RESULT, asm/ptrace.h.
constexpr std::array<std::uint64_t, 12> kSpecial{0x1230, 0x800000000280f032, 0x33,       0xc0c0,
                                                 0x1212, 0x20000000,         0x24004028, 1,
                                                 0x300,  0xdead000,          0x42000000, 0};

TEST_F(UserRegsPpc64, EveryRegisterIsInItsPlace) {
  for (std::size_t i = 0; i < 32; ++i) EXPECT_EQ(peek(i), 0xa000000000000000 + i);
  for (std::size_t i = 0; i < kSpecial.size(); ++i) EXPECT_EQ(peek(32 + i), kSpecial[i]) << i;
  EXPECT_EQ(peek(44), 0u);  // DSCR
  const auto state = some_vsx(3);
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_EQ(peek(48 + i), isa::load_word(std::span(state.vsr[i]).first(8), std::endian::big));
  }
  EXPECT_EQ(peek(80), state.fpscr);
  const auto all = get(kNtPrStatus);
  ASSERT_EQ(all.size(), 384u);
  for (std::size_t i = 0; i < 48; ++i) {
    EXPECT_EQ(isa::load_word(std::span(all).subspan(8 * i, 8), std::endian::big), i < 44 ? peek(i) : 0);
  }
  for (const std::uint64_t bad : {4ull, 8 * 45ull, 8 * 47ull, 8 * 81ull, ~7ull}) {
    EXPECT_EQ(error_of(ppc64_arch::peek_user(cpu(), t.arch, bad)), EIO) << bad;
    EXPECT_EQ(error_of(ppc64_arch::poke_user(cpu(), t.arch, bad, 0)), EIO) << bad;
  }
}

TEST_F(UserRegsPpc64, WhatMayBeWritten) {
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_EQ(poke(i, 0xb0 + i), 0);
    EXPECT_EQ(cpu().get(gpr(static_cast<unsigned>(i))), 0xb0 + i);
  }
  for (const std::size_t i : {32u, 34u, 35u, 36u, 38u}) {
    EXPECT_EQ(poke(i, 0x4440 + i * 4), 0);
    EXPECT_EQ(peek(i), 0x4440 + i * 4);
  }
  EXPECT_EQ(poke(37, 0xc0000005), 0);
  EXPECT_EQ(peek(37), 0xc0000005u);
  for (const std::size_t i : {39u, 41u, 42u, 43u}) EXPECT_EQ(poke(i, 5), EIO) << i;
  EXPECT_EQ(poke(40, 0xc01), 0);
  EXPECT_EQ(peek(40), 0xc00u);
  const std::uint64_t msr = cpu().get(Ppc::msr);
  EXPECT_EQ(poke(33, ~0ull), 0);
  EXPECT_EQ(cpu().get(Ppc::msr), msr | isa::ppc64::kMsrSe | isa::ppc64::kMsrBe);
  EXPECT_EQ(peek(33), 0x800000000280f632u);
  EXPECT_EQ(poke(33, 0), 0);
  EXPECT_EQ(cpu().get(Ppc::msr), msr);
  EXPECT_EQ(poke(48 + 7, 0x4000000000000001), 0);
  EXPECT_EQ(peek(48 + 7), 0x4000000000000001u);
  EXPECT_EQ(poke(80, 3), 0);
  EXPECT_EQ(cpu().get_vsx_state().fpscr, 3u);
  EXPECT_EQ(cpu().get_vsx_state().vsr[7][15], some_vsx(3).vsr[7][15]);
}

TEST_F(UserRegsPpc64, GeneralRegistersAsAWhole) {
  auto all = get(kNtPrStatus);
  for (std::byte& byte : all) byte = std::byte{0x11};
  EXPECT_EQ(set(kNtPrStatus, std::span(all).first(16)), 0);
  EXPECT_EQ(peek(1), 0x1111111111111111u);
  EXPECT_EQ(peek(2), 0xa000000000000002u);
  EXPECT_EQ(set(kNtPrStatus, all), 0);
  EXPECT_EQ(peek(31), 0x1111111111111111u);
  EXPECT_EQ(peek(34), 0x1111111111111111u);
  EXPECT_EQ(peek(38), 0x11111111u);
  EXPECT_EQ(peek(39), 1u);
  EXPECT_EQ(peek(40), 0x1110u);
  EXPECT_EQ(peek(41), 0xdead000u);
}

TEST_F(UserRegsPpc64, FloatingPointAndVectors) {
  const auto state = some_vsx(3);
  const auto fp = get(kNtPrFpReg);
  const auto vmx = get(kNtPpcVmx);
  const auto vsx = get(kNtPpcVsx);
  ASSERT_EQ(fp.size(), 264u);
  ASSERT_EQ(vmx.size(), 544u);
  ASSERT_EQ(vsx.size(), 256u);
  const auto equal = [](const std::vector<std::byte>& bytes, std::size_t at,
                        std::span<const std::byte> want) {
    return std::ranges::equal(std::span(bytes).subspan(at, want.size()), want);
  };
  for (std::size_t i = 0; i < 32; ++i) {
    EXPECT_TRUE(equal(fp, 8 * i, std::span(state.vsr[i]).first(8)));
    EXPECT_TRUE(equal(vmx, 16 * i, state.vsr[32 + i]));
    EXPECT_TRUE(equal(vsx, 8 * i, std::span(state.vsr[i]).last(8)));
  }
  EXPECT_EQ(isa::load_word(std::span(fp).subspan(256, 8), std::endian::big), state.fpscr);
  EXPECT_EQ(isa::load_word(std::span(vmx).subspan(524, 4), std::endian::big), state.vscr);
  EXPECT_EQ(isa::load_word(std::span(vmx).subspan(528, 4), std::endian::big), state.vrsave);
  cpu().set_vsx_state({});
  EXPECT_EQ(set(kNtPpcVsx, vsx), 0);
  EXPECT_EQ(set(kNtPrFpReg, fp), 0);
  EXPECT_EQ(set(kNtPpcVmx, std::span(vmx).first(512)), 0);
  EXPECT_EQ(cpu().get_vsx_state().vsr, state.vsr);
  EXPECT_EQ(cpu().get_vsx_state().vscr, 0u);
  EXPECT_EQ(set(kNtPpcVmx, std::span(vmx).first(532)), 0);
  EXPECT_EQ(cpu().get_vsx_state(), state);
}

TEST_F(UserRegsPpc64, OtherSets) {
  EXPECT_EQ(error_of(ppc64_arch::regset(cpu(), t.arch, 0x108)), ENODEV);  // NT_PPC_TM_CGPR
  EXPECT_EQ(error_of(ppc64_arch::regset(cpu(), t.arch, kNtX86XState)), EINVAL);
  EXPECT_EQ(ppc64_arch::regset_of(kNtPpcVmx)->unit, 16u);
  EXPECT_EQ(ppc64_arch::regset_request(kPtraceGetRegs)->size, 352u);
  EXPECT_EQ(ppc64_arch::regset_request(0x12)->size, 532u);
  EXPECT_EQ(ppc64_arch::regset_request(0x1c)->type, kNtPpcVsx);
  EXPECT_TRUE(ppc64_arch::regset_request(0x1c)->set);
}

}  // namespace
}  // namespace trapline::kernel
