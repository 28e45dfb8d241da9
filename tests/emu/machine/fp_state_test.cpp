// The floating point and vector registers from outside, against what real instructions see of them.
#include <algorithm>

#include "bare_program.hpp"
#include "emu/machine/fp_state.hpp"
#include "isa/byte_order.hpp"

namespace trapline::machine {
namespace {

using isa::x86::Reg;

std::vector<std::byte> memory(BareProgram& p, GuestVa at, std::size_t size) {
  const auto bytes = p.machine.memory().bytes(p.space.translate(at)->address, size);
  return {bytes.begin(), bytes.end()};
}

// A state without two equal bytes side by side, as far as the registers allow.
FxsaveImage some_fxsave(unsigned top) {
  FxsaveImage image{};
  const std::span<std::byte> out(image);
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    isa::store_word(out.subspan(at, size), value, std::endian::little);
  };
  put(fxsave::kFcw, 0x0f7f, 2);
  put(fxsave::kFsw, 0x0100 | top << 11, 2);
  put(fxsave::kFtw, 0xa5, 1);
  put(fxsave::kMxcsr, 0x5f80, 4);
  put(fxsave::kMxcsrMask, fxsave::kMxcsrValid, 4);
  for (unsigned i = 0; i < 8; ++i) {
    put(fxsave::kSt + 16 * i, 0x8123456789abcd00 + i, 8);
    put(fxsave::kSt + 16 * i + 8, 0x4001 + i, 2);
  }
  for (unsigned i = 0; i < 16; ++i) {
    put(fxsave::kXmm + 16 * i, 0x0102030405060700 + i, 8);
    put(fxsave::kXmm + 16 * i + 8, 0x1112131415161700 + i, 8);
  }
  return image;
}

TEST(FpState, X86IsWhatFxsaveStores) {
  BareProgram p(isa::Isa::X86_64, Gear::WatchedPages,
                bytes({0x48, 0x0f, 0xae, 0x03,  // fxsave64 [rbx]
                       0xcc}));
  for (unsigned top = 0; top < 8; ++top) {
    const FxsaveImage image = some_fxsave(top);
    p.cpu().set_fp_state(image);
    EXPECT_EQ(p.cpu().get_fp_state(), image);
    p.cpu().set(Reg::rbx, kData.value);
    p.cpu().set_pc(kCode);
    EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
    EXPECT_TRUE(std::ranges::equal(memory(p, kData, 416), std::span(image).first(416))) << top;
    EXPECT_EQ(p.cpu().get_fp_state(), image);
  }
}

TEST(FpState, X86ShowsTheStackOfTheX87FromItsTop) {
  BareProgram p(isa::Isa::X86_64, Gear::WatchedPages,
                bytes({0xdb, 0xe3,              // fninit
                       0xd9, 0xee,              // fldz
                       0xd9, 0xeb,              // fldpi
                       0xd9, 0xe8,              // fld1
                       0xdd, 0xc1,              // ffree st1
                       0x66, 0x0f, 0x76, 0xc9,  // pcmpeqd xmm1, xmm1
                       0xcc}));
  EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
  const FxsaveImage image = p.cpu().get_fp_state();
  const auto word = [&](std::size_t at, std::size_t size) {
    return isa::load_word(std::span(image).subspan(at, size), std::endian::little);
  };
  EXPECT_EQ(word(fxsave::kFcw, 2), fxsave::kInitialFcw);
  EXPECT_EQ(word(fxsave::kFsw, 2) >> 11 & 7, 5u);
  EXPECT_EQ(word(fxsave::kFtw, 1), 0b10100000u);
  EXPECT_EQ(word(fxsave::kMxcsr, 4), fxsave::kInitialMxcsr);
  EXPECT_EQ(word(fxsave::kSt, 8), 0x8000000000000000u);  // 1
  EXPECT_EQ(word(fxsave::kSt + 8, 2), 0x3fffu);
  EXPECT_EQ(word(fxsave::kSt + 16, 8), 0xc90fdaa22168c235u);  // pi
  EXPECT_EQ(word(fxsave::kSt + 32, 8), 0u);
  EXPECT_EQ(word(fxsave::kXmm + 16, 8), ~0ull);
  EXPECT_EQ(word(fxsave::kXmm + 24, 8), ~0ull);
  EXPECT_EQ(word(fxsave::kXmm, 8), 0u);
}

TEST(FpState, X86DropsWhatMxcsrDoesNotHave) {
  BareProgram p(isa::Isa::X86_64, Gear::WatchedPages, bytes({0xcc}));
  FxsaveImage image = some_fxsave(0);
  std::fill_n(image.begin() + fxsave::kMxcsr, 4, std::byte{0xff});
  p.cpu().set_fp_state(image);
  const FxsaveImage back = p.cpu().get_fp_state();
  EXPECT_EQ(isa::load_word(std::span(back).subspan(fxsave::kMxcsr, 4), std::endian::little),
            fxsave::kMxcsrValid);
}

VsxState some_vsx() {
  VsxState state;
  unsigned byte = 1;
  for (auto& reg : state.vsr) {
    for (std::byte& each : reg) each = static_cast<std::byte>(byte = byte * 5 + 7);
  }
  state.fpscr = 0x1;  // round towards zero
  state.vscr = kVscrNj | kVscrSat;
  state.vrsave = 0x89abcdef;
  return state;
}

// Stores all of it at r3, and VRSAVE in r7.
std::vector<std::byte> store_everything() {
  std::vector<std::uint32_t> code;
  for (std::uint32_t n = 0; n < 64; ++n) {
    code.push_back(0x7c001f98 | (n & 31) << 21 | n >> 5);  // stxvd2x vsn, 0, r3
    code.push_back(0x38630010);                            // addi r3, r3, 16
  }
  code.push_back(0x10000604);  // mfvscr v0
  code.push_back(0x7c0019ce);  // stvx v0, 0, r3
  code.push_back(0x7ce042a6);  // mfspr r7, 256
  code.push_back(0x7fe00008);  // trap
  std::vector<std::byte> bytes(code.size() * 4);
  for (std::size_t i = 0; i < code.size(); ++i) {
    isa::store_word(std::span(bytes).subspan(4 * i, 4), code[i], std::endian::big);
  }
  return bytes;
}

TEST(FpState, Ppc64IsWhatInstructionsStore) {
  BareProgram p(isa::Isa::Ppc64, Gear::WatchedPages, store_everything());
  using isa::ppc64::Reg;
  const VsxState all = some_vsx();
  for (const std::uint32_t vscr : {kVscrNj | kVscrSat, kVscrNj, kVscrSat, 0u}) {
    VsxState state = all;
    state.vscr = vscr;
    p.cpu().set(Reg::r31, 0x1234);
    p.cpu().set_vsx_state(state);
    EXPECT_EQ(p.cpu().get_vsx_state(), state);
    EXPECT_EQ(p.cpu().get(Reg::r31), 0x1234u);
    p.cpu().set(Reg::r3, kData.value);
    p.cpu().set_pc(kCode);
    EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
    for (std::size_t n = 0; n < 64; ++n) {
      EXPECT_TRUE(std::ranges::equal(memory(p, kData + 16 * n, 16), state.vsr[n])) << n;
    }
    EXPECT_EQ(p.word(kData + 16 * 64 + 12, 4), vscr);
    EXPECT_EQ(p.cpu().get(Reg::r7), state.vrsave);
  }
}

TEST(FpState, Ppc64RoundsAndSaturatesByIt) {
  BareProgram p(isa::Isa::Ppc64, Gear::WatchedPages,
                words({0xfc60081c,  // fctiw f3, f1
                       0x10432380,  // vaddsws v2, v3, v4
                       0x7fe00008}));
  VsxState state;
  const std::uint64_t value = 0x3ffe666666666666;  // 1.9
  isa::store_word(std::span(state.vsr[1]).first(8), value, std::endian::big);
  state.vsr[32 + 3].fill(std::byte{0x7f});
  state.vsr[32 + 4].fill(std::byte{0x7f});
  for (const auto& [fpscr, rounded] : {std::pair{0u, 2u}, std::pair{1u, 1u}}) {
    state.fpscr = fpscr;
    p.cpu().set_vsx_state(state);
    p.cpu().set_pc(kCode);
    EXPECT_TRUE(std::holds_alternative<SoftwareBreakpoint>(p.cpu().run(kNoLimit)));
    const VsxState after = p.cpu().get_vsx_state();
    EXPECT_EQ(isa::load_word(std::span(after.vsr[3]).subspan(4, 4), std::endian::big), rounded);
    EXPECT_EQ(after.vscr, kVscrSat);
    EXPECT_EQ(after.vsr[32 + 2][0], std::byte{0x7f});
    EXPECT_EQ(after.vsr[32 + 2][1], std::byte{0xff});
    EXPECT_NE(after.fpscr, fpscr);  // inexact
  }
}

class SavedState : public testing::TestWithParam<isa::Isa> {};
INSTANTIATE_TEST_SUITE_P(Isas, SavedState, testing::Values(isa::Isa::X86_64, isa::Isa::Ppc64),
                         [](const auto& test) { return test.param == isa::Isa::X86_64 ? "X86" : "Ppc64"; });

// Of many states, each comes back whole, in any order, moved or overwritten in between.
TEST_P(SavedState, ComesBackWhole) {
  const bool x86 = GetParam() == isa::Isa::X86_64;
  BareProgram p(GetParam(), Gear::WatchedPages, x86 ? bytes({0xcc}) : words({0x7fe00008}));
  Cpu& cpu = p.cpu();
  const auto fill = [&](unsigned seed) {
    cpu.load_fresh();
    cpu.set_pc(kCode + 4ul * seed);
    if (x86) {
      cpu.set(Reg::r12, seed);
      FxsaveImage image = some_fxsave(seed % 8);
      image[fxsave::kXmm] = static_cast<std::byte>(seed);
      cpu.set_fp_state(image);
    } else {
      if (seed % 3 != 0) cpu.set(isa::ppc64::gpr(seed % 32), seed);
      VsxState state = some_vsx();
      if (seed % 2 == 0) state = {};
      state.vsr[seed % 64].fill(static_cast<std::byte>(seed));
      cpu.set_vsx_state(state);
    }
  };
  const auto expect = [&](unsigned seed) {
    EXPECT_EQ(cpu.pc(), kCode + 4ul * seed);
    if (x86) {
      EXPECT_EQ(cpu.get(Reg::r12), seed);
      FxsaveImage image = some_fxsave(seed % 8);
      image[fxsave::kXmm] = static_cast<std::byte>(seed);
      EXPECT_EQ(cpu.get_fp_state(), image);
    } else {
      EXPECT_EQ(cpu.get(isa::ppc64::gpr(seed % 32)), seed % 3 != 0 ? seed : 0);
      EXPECT_EQ(cpu.get(isa::ppc64::gpr((seed + 1) % 32)), 0u);
      VsxState state = some_vsx();
      if (seed % 2 == 0) state = {};
      state.vsr[seed % 64].fill(static_cast<std::byte>(seed));
      EXPECT_EQ(cpu.get_vsx_state(), state);
    }
  };
  std::vector<CpuState> states;
  for (unsigned seed = 0; seed < 70; ++seed) {
    fill(seed);
    cpu.copy_to(states.emplace_back());
  }
  for (unsigned i = 0; i < 70; ++i) {
    const unsigned seed = i * 37 % 70;
    cpu.use(&states[seed]);
    expect(seed);
  }
  cpu.use(nullptr);
  for (unsigned seed = 0; seed < 70; ++seed) {
    fill(seed + 1);
    cpu.copy_to(states[seed]);  // over an old one
  }
  for (unsigned seed = 70; seed-- > 0;) {
    cpu.use(&states[seed]);
    expect(seed + 1);
    cpu.use(nullptr);
    cpu.load_fresh();
    EXPECT_EQ(cpu.pc(), GuestVa(0));
  }
}

}  // namespace
}  // namespace trapline::machine
