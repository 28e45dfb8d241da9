// x86-64's vDSO as a debugger sees it, and its functions in a processor whose clock is known.
#include "emu/kernel/arch/x86/vdso.hpp"

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <libelf.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "emu/kernel/syscall/timespec.hpp"
#include "isa/x86/registers.hpp"
#include "thread_support.hpp"

namespace trapline::kernel {
namespace {

using isa::x86::Reg;

constexpr std::uint64_t kMillisecond = 1'000'000;

struct End {
  void operator()(Elf* elf) const { elf_end(elf); }
  void operator()(Dwarf_CFI* cfi) const { dwarf_cfi_end(cfi); }
  void operator()(Dwarf_Frame* frame) const { std::free(frame); }  // NOLINT(cppcoreguidelines-no-malloc)
};

struct X86Vdso : ::testing::Test {
  X86Vdso() {
    elf_version(EV_CURRENT);
    elf.reset(elf_memory(reinterpret_cast<char*>(image.data()), image.size()));
    read_symbols();
    vdso.map(t.mm);
  }

  // By its sections, as a debugger does.
  void read_symbols() {
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf.get(), section)) != nullptr;) {
      GElf_Shdr header;
      ASSERT_NE(gelf_getshdr(section, &header), nullptr);
      if (header.sh_type != SHT_DYNSYM) continue;
      Elf_Data* const data = elf_getdata(section, nullptr);
      for (int i = 1; i < static_cast<int>(header.sh_size / header.sh_entsize); ++i) {
        GElf_Sym symbol;
        ASSERT_NE(gelf_getsym(data, i, &symbol), nullptr);
        symbols[elf_strptr(elf.get(), header.sh_link, symbol.st_name)] = symbol;
      }
    }
  }

  // Returns to a breakpoint's instruction.
  std::uint64_t call(const std::string& function, std::uint64_t first, std::uint64_t second) {
    constexpr std::byte kInt3{0xcc};
    const GuestVa stack = kStackTop - 256;
    EXPECT_TRUE(t.mm.poke(kCode, std::span(&kInt3, 1)));
    EXPECT_TRUE(t.mm.write_word(stack, kCode.value, 8));
    t.cpu().set(Reg::rsp, stack.value);
    t.cpu().set(Reg::rdi, first);
    t.cpu().set(Reg::rsi, second);
    t.cpu().set_pc(t.mm.vdso + symbols.at(function).st_value);
    EXPECT_TRUE(std::holds_alternative<machine::SoftwareBreakpoint>(t.run())) << function;
    EXPECT_EQ(t.cpu().get(Reg::rsp), stack.value + 8);
    return t.cpu().get(Reg::rax);
  }
  std::uint64_t time_at(GuestVa at) { return t.word(at) * kSecond + t.word(at + 8); }

  std::vector<std::byte> image = x86_arch::vdso_image();
  std::unique_ptr<Elf, End> elf;
  std::map<std::string, GElf_Sym> symbols;
  Thread t{isa::Isa::X86_64};
  x86_arch::Vdso vdso{t.machine};
};

TEST_F(X86Vdso, FitsAPageAndHasEachFunctionTwice) {
  EXPECT_LE(image.size(), machine::kGranule);
  EXPECT_EQ(symbols.size(), 10u);
  for (const std::string name : {"clock_gettime", "clock_getres", "gettimeofday", "time", "getcpu"}) {
    const GElf_Sym& weak = symbols.at(name);
    const GElf_Sym& strong = symbols.at("__vdso_" + name);
    EXPECT_EQ(GELF_ST_BIND(weak.st_info), STB_WEAK);
    EXPECT_EQ(GELF_ST_BIND(strong.st_info), STB_GLOBAL);
    EXPECT_EQ(weak.st_value, strong.st_value);
    EXPECT_GT(strong.st_size, 0u);
  }
}

TEST_F(X86Vdso, UnwindsFromEveryInstruction) {
  const std::unique_ptr<Dwarf_CFI, End> cfi(dwarf_getcfi_elf(elf.get()));
  for (const auto& [name, symbol] : symbols) {
    for (const std::uint64_t at : {symbol.st_value, symbol.st_value + symbol.st_size - 1}) {
      Dwarf_Frame* found = nullptr;
      ASSERT_EQ(dwarf_cfi_addrframe(cfi.get(), at, &found), 0) << name;
      const std::unique_ptr<Dwarf_Frame, End> frame(found);
      Dwarf_Op* operations = nullptr;
      std::size_t count = 0;
      ASSERT_EQ(dwarf_frame_cfa(frame.get(), &operations, &count), 0);
      ASSERT_EQ(count, 1u);
      constexpr std::uint64_t kRsp = 7;
      EXPECT_EQ(operations[0].atom, DW_OP_bregx);
      EXPECT_EQ(operations[0].number, kRsp);
      EXPECT_EQ(operations[0].number2, 8u);
    }
  }
}

TEST_F(X86Vdso, TellsTheTimeToTheCycle) {
  for (const std::uint64_t clock : {1u, 4u, 6u, 7u}) {
    t.cpu().charge(7 * kMillisecond);
    const std::uint64_t before = t.cpu().clock();
    EXPECT_EQ(call("clock_gettime", clock, kData.value), 0u);
    EXPECT_GT(time_at(kData), before);
    EXPECT_LT(time_at(kData), t.cpu().clock());
    EXPECT_EQ(time_at(kData), t.machine.latest_counter());
  }
  for (const std::uint64_t clock : {0u, 5u, 11u}) {
    EXPECT_EQ(call("__vdso_clock_gettime", clock, kData.value), 0u);
    EXPECT_EQ(time_at(kData), kWallClockStart + t.machine.latest_counter());
  }
  EXPECT_EQ(call("gettimeofday", kData.value, kData.value + 16), 0u);
  EXPECT_EQ(t.word(kData) * kSecond + t.word(kData + 8) * 1000,
            (kWallClockStart + t.machine.latest_counter()) / 1000 * 1000);
  EXPECT_EQ(t.word(kData + 16), 0u);
  EXPECT_EQ(call("time", kData.value, 0), t.word(kData));
  EXPECT_EQ(t.word(kData), (kWallClockStart + t.machine.latest_counter()) / kSecond);
  EXPECT_EQ(call("clock_getres", 1, kData.value), 0u);
  EXPECT_EQ(time_at(kData), 1u);
}

TEST_F(X86Vdso, TellsNoTimeBeforeOneThatWasTold) {
  const std::uint64_t ahead = t.cpu().clock() + kMillisecond;
  vdso.update(ahead);
  EXPECT_EQ(call("clock_gettime", 1, kData.value), 0u);
  EXPECT_EQ(time_at(kData), ahead);
  t.cpu().charge(2 * kMillisecond);
  EXPECT_EQ(call("clock_gettime", 1, kData.value), 0u);
  EXPECT_GT(time_at(kData), ahead);
}

// All programs have the same pages, and a fork copies none of them.
TEST_F(X86Vdso, CostsAProgramNoMemory) {
  EXPECT_EQ(t.word(t.mm.vdso, 4), 0x464c457fu);
  EXPECT_EQ(call("clock_gettime", 1, kData.value), 0u);
  Mm other(t.machine);
  vdso.map(other);
  EXPECT_EQ(other.vdso, t.mm.vdso);
  EXPECT_EQ(other.space().pages(), 0u);
  EXPECT_EQ(other.read_word(other.vdso, 4), 0x464c457fu);
  EXPECT_EQ(other.space().page(other.vdso)->frame, t.mm.space().page(t.mm.vdso)->frame);
  const auto forked = t.mm.fork();
  ASSERT_NE(forked, nullptr);
  EXPECT_EQ(forked->space().page(t.mm.vdso), nullptr);
  EXPECT_EQ(forked->read_word(t.mm.vdso, 4), 0x464c457fu);
  EXPECT_EQ(forked->space().page(t.mm.vdso)->frame, t.mm.space().page(t.mm.vdso)->frame);

  // What a tracer writes is this program's own.
  const std::vector<std::byte> breakpoint{std::byte{0xcc}};
  ASSERT_TRUE(t.mm.poke(t.mm.vdso, breakpoint));
  EXPECT_EQ(t.word(t.mm.vdso, 4), 0x464c45ccu);
  EXPECT_EQ(forked->read_word(t.mm.vdso, 4), 0x464c457fu);
  EXPECT_EQ(t.mm.fork()->read_word(t.mm.vdso, 4), 0x464c45ccu);
}

TEST_F(X86Vdso, WorksWhereverItIsMovedWithItsData) {
  constexpr std::uint64_t kPage = machine::kGranule;
  const GuestVa to(0x10000000);
  ASSERT_TRUE(t.mm.remap({.old = t.mm.vdso - 4 * kPage,
                          .old_size = 4 * kPage,
                          .new_size = 4 * kPage,
                          .may_move = true,
                          .to = to}));
  ASSERT_TRUE(t.mm.remap({.old = t.mm.vdso,
                          .old_size = 2 * kPage,
                          .new_size = 2 * kPage,
                          .may_move = true,
                          .to = to + 4 * kPage}));
  EXPECT_EQ(t.mm.vdso, to + 4 * kPage);
  EXPECT_EQ(call("clock_gettime", 0, kData.value), 0u);
  EXPECT_EQ(time_at(kData), kWallClockStart + t.machine.latest_counter());
}

}  // namespace
}  // namespace trapline::kernel
