// PPC64's vDSO as a C library and an unwinder see it: through libelf and libdw, in frames that were set up
// for handlers.
#include "emu/kernel/arch/ppc64/vdso.hpp"

#include <dwarf.h>
#include <elf.h>
#include <elfutils/libdw.h>
#include <gelf.h>
#include <libelf.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/arch/ppc64/signal_frame.hpp"
#include "isa/ppc64/registers.hpp"
#include "thread_support.hpp"

namespace trapline::kernel {
namespace {

using isa::ppc64::gpr;
using Ppc = isa::ppc64::Reg;

struct End {
  void operator()(Elf* elf) const { elf_end(elf); }
  void operator()(Dwarf_CFI* cfi) const { dwarf_cfi_end(cfi); }
  void operator()(Dwarf_Frame* frame) const { std::free(frame); }  // NOLINT(cppcoreguidelines-no-malloc)
};

struct Vdso : ::testing::Test {
  Vdso() {
    elf_version(EV_CURRENT);
    elf.reset(elf_memory(reinterpret_cast<char*>(image.data()), image.size()));
  }
  std::optional<GElf_Phdr> segment(unsigned type) const {
    std::size_t count = 0;
    EXPECT_EQ(elf_getphdrnum(elf.get(), &count), 0);
    for (int i = 0; i < static_cast<int>(count); ++i) {
      GElf_Phdr header;
      if (gelf_getphdr(elf.get(), i, &header) != nullptr && header.p_type == type) return header;
    }
    return std::nullopt;
  }
  std::uint64_t word(std::uint64_t at, std::size_t size) const {
    return isa::load_word(std::span(image).subspan(at, size), std::endian::big);
  }
  std::string text(std::uint64_t at) const { return reinterpret_cast<const char*>(&image.at(at)); }

  std::vector<std::byte> image = ppc64_arch::vdso_image();
  std::unique_ptr<Elf, End> elf;
};

TEST_F(Vdso, IsASharedObjectOfOnePage) {
  GElf_Ehdr header;
  ASSERT_NE(gelf_getehdr(elf.get(), &header), nullptr);
  EXPECT_EQ(header.e_ident[EI_CLASS], ELFCLASS64);
  EXPECT_EQ(header.e_ident[EI_DATA], ELFDATA2MSB);
  EXPECT_EQ(header.e_type, ET_DYN);
  EXPECT_EQ(header.e_machine, EM_PPC64);
  const auto load = segment(PT_LOAD);
  ASSERT_TRUE(load);
  EXPECT_EQ(load->p_offset, 0u);
  EXPECT_EQ(load->p_vaddr, 0u);
  EXPECT_EQ(load->p_filesz, image.size());
  EXPECT_EQ(load->p_flags, unsigned{PF_R | PF_X});
  EXPECT_LE(image.size(), machine::linux_page_size(isa::Isa::Ppc64));
  // glibc relocates a dynamic section in its place unless it is only readable.
  ASSERT_TRUE(segment(PT_DYNAMIC));
  EXPECT_EQ(segment(PT_DYNAMIC)->p_flags, unsigned{PF_R});
}

// As a C library does (dl_vdso_vsym() of glibc): System V ABI, chapter 5.
TEST_F(Vdso, HasTheTrampolinesSymbolAndNoOther) {
  const auto dynamic = segment(PT_DYNAMIC);
  ASSERT_TRUE(dynamic);
  std::map<std::uint64_t, std::uint64_t> tags;
  for (std::uint64_t at = dynamic->p_offset; word(at, 8) != DT_NULL; at += 16)
    tags[word(at, 8)] = word(at + 8, 8);
  const std::uint64_t strings = tags.at(DT_STRTAB);
  EXPECT_EQ(text(strings + tags.at(DT_SONAME)), "linux-vdso64.so.1");

  const auto version_of = [&](std::uint64_t index) {
    std::uint64_t at = tags.at(DT_VERDEF);
    for (std::uint64_t i = 1; i < tags.at(DT_VERDEFNUM) && word(at + 4, 2) != index; ++i)
      at += word(at + 16, 4);
    std::string name = text(strings + word(at + word(at + 12, 4), 4));
    EXPECT_EQ(word(at + 8, 4), elf_hash(name.c_str()));
    return name;
  };
  const auto look_up = [&](const char* name) -> std::optional<std::uint64_t> {
    const std::uint64_t hash = tags.at(DT_HASH), buckets = word(hash, 4);
    std::uint64_t index = word(hash + 8 + 4 * (elf_hash(name) % buckets), 4);
    for (; index != STN_UNDEF; index = word(hash + 8 + 4 * (buckets + index), 4)) {
      const std::uint64_t symbol = tags.at(DT_SYMTAB) + tags.at(DT_SYMENT) * index;
      if (text(strings + word(symbol, 4)) != name) continue;
      EXPECT_EQ(version_of(word(tags.at(DT_VERSYM) + 2 * index, 2)), "LINUX_2.6.15");
      return word(symbol + 8, 8);
    }
    return std::nullopt;
  };
  const auto trampoline = look_up("__kernel_sigtramp_rt64");
  EXPECT_EQ(trampoline, ppc64_arch::kStartSigtramp + 4);
  // What GCC's unwinder and GDB know it by: addi r1, r1, 128; li r0, 172; sc
  EXPECT_EQ(word(*trampoline, 8), 0x38210080'380000acu);
  EXPECT_EQ(word(*trampoline + 8, 4), 0x44000002u);
  EXPECT_FALSE(look_up("__kernel_clock_gettime"));
  EXPECT_FALSE(look_up("__kernel_start_sigtramp_rt64"));
}

// --- Unwinding ---

struct VdsoFrames : Vdso {
  VdsoFrames() {
    for (unsigned i = 0; i < 32; ++i) t.cpu().set(gpr(i), 0xa000000000000000 + i);
    t.cpu().set(Ppc::r1, kStack);
    t.cpu().set(Ppc::lr, 0x1212);
    t.cpu().set(Ppc::cr, 0x24004028);
    t.cpu().set_pc(kCode + 0x10);
    t.cpu().set_vsx_state(state);
    t.mm.elf2 = true;  // handlers without descriptors
    ppc64_arch::map_vdso(t.mm);
    EXPECT_TRUE(
        ppc64_arch::setup_rt_frame(t.cpu(), t.mm, t.arch, {SigInfo(isa::Isa::Ppc64, 10, 0), {}, 0, {}}));
    cfi.reset(dwarf_getcfi_elf(elf.get()));
    Dwarf_Frame* found = nullptr;
    if (dwarf_cfi_addrframe(cfi.get(), ppc64_arch::kStartSigtramp + 4, &found) == 0) frame.reset(found);
  }

  // The value of an expression of the operations that are used (DWARF 4, 2.5.1).
  std::uint64_t evaluate(const Dwarf_Op* operations, std::size_t count) {
    std::uint64_t top = 0;
    for (const Dwarf_Op& operation : std::span(operations, count)) {
      if (operation.atom == DW_OP_call_frame_cfa) {
        top = cfa();
      } else if (operation.atom == DW_OP_breg1) {
        top = t.cpu().get(Ppc::r1) + operation.number;
      } else if (operation.atom == DW_OP_deref) {
        top = t.word(GuestVa(top));
      } else if (operation.atom == DW_OP_plus_uconst) {
        top += operation.number;
      } else {
        ADD_FAILURE() << "operation " << int{operation.atom};
      }
    }
    return top;
  }
  std::uint64_t cfa() {
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    EXPECT_EQ(dwarf_frame_cfa(frame.get(), &operations, &count), 0);
    return evaluate(operations, count);
  }
  // Where the interrupted code's value of a register is.
  GuestVa place_of(int column) {
    std::array<Dwarf_Op, 3> memory{};
    Dwarf_Op* operations = nullptr;
    std::size_t count = 0;
    EXPECT_EQ(dwarf_frame_register(frame.get(), column, memory.data(), &operations, &count), 0);
    EXPECT_NE(count, 0u) << "column " << column << " has no place";
    return GuestVa(evaluate(operations, count));
  }
  bool holds(int column, std::span<const std::byte> wanted) {
    return std::ranges::equal(t.bytes(place_of(column), wanted.size()), wanted);
  }

  static constexpr std::uint64_t kStack = kStackTop.value - 0x1000;
  Thread t{isa::Isa::Ppc64};
  const machine::VsxState state = some_vsx(5);
  std::unique_ptr<Dwarf_CFI, End> cfi;
  std::unique_ptr<Dwarf_Frame, End> frame;
};

TEST_F(VdsoFrames, TheTrampolineHasTheFrameOfASignal) {
  ASSERT_NE(frame, nullptr);
  Dwarf_Addr start = 0, end = 0;
  bool signal = false;
  EXPECT_EQ(dwarf_frame_info(frame.get(), &start, &end, &signal), 67);
  EXPECT_TRUE(signal);
  EXPECT_EQ(start, ppc64_arch::kStartSigtramp);
  EXPECT_EQ(end, ppc64_arch::kStartSigtramp + 16);
}

// The columns are those of GCC's .eh_frame.
TEST_F(VdsoFrames, TellsWhereTheInterruptedRegistersAre) {
  ASSERT_NE(frame, nullptr);
  EXPECT_EQ(cfa(), kStack);
  EXPECT_EQ(t.word(place_of(0)), 0xa000000000000000);
  for (int i = 2; i < 32; ++i) EXPECT_EQ(t.word(place_of(i)), 0xa000000000000000 + static_cast<unsigned>(i));
  for (int i = 0; i < 32; ++i) {
    const auto n = static_cast<std::size_t>(i);
    EXPECT_TRUE(holds(32 + i, std::span(state.vsr[n]).first(8))) << i;
    EXPECT_TRUE(holds(77 + i, state.vsr[32 + n])) << i;
  }
  EXPECT_EQ(t.word(place_of(65)), 0x1212u);
  EXPECT_EQ(t.word(place_of(67)), (kCode + 0x10).value);
  for (int field = 68; field <= 75; ++field) EXPECT_EQ(t.word(place_of(field), 4), 0x24004028u);
  EXPECT_EQ(t.word(place_of(109), 4), state.vrsave);
  EXPECT_EQ(t.word(place_of(110), 4), state.vscr);
}

// --- In memory ---

TEST(VdsoMapping, IsForgottenWhenUnmappedAndFollowedWhenMoved) {
  Thread t(isa::Isa::Ppc64);
  ppc64_arch::map_vdso(t.mm);
  const GuestVa first = t.mm.vdso;
  ASSERT_NE(first.value, 0u);
  EXPECT_EQ(t.bytes(first, 4),
            (std::vector{std::byte{0x7f}, std::byte{'E'}, std::byte{'L'}, std::byte{'F'}}));
  const std::uint64_t page = t.mm.page_size();
  const auto forked = t.mm.fork();
  ASSERT_NE(forked, nullptr);
  EXPECT_EQ(forked->vdso, first);

  const GuestVa to = kData + 16 * page;
  ASSERT_TRUE(t.mm.remap({.old = first, .old_size = page, .new_size = page, .may_move = true, .to = to}));
  EXPECT_EQ(t.mm.vdso, to);
  EXPECT_EQ(t.word(to, 4), 0x7f454c46u);

  ASSERT_TRUE(t.mm.unmap(to + page, page));
  EXPECT_EQ(t.mm.vdso, to);
  ASSERT_TRUE(t.mm.unmap(to - page, 2 * page));
  EXPECT_EQ(t.mm.vdso, GuestVa());
  EXPECT_EQ(forked->vdso, first);
}

}  // namespace
}  // namespace trapline::kernel
