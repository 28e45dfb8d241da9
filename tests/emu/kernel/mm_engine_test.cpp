// What a program on the engine sees of fork: its TLB must not remember what was taken away.
#include <gtest/gtest.h>

#include <variant>

#include "isa/ppc64/registers.hpp"
#include "isa/x86/registers.hpp"
#include "mm_support.hpp"

namespace trapline::kernel::testing {
namespace {

using isa::Isa;

constexpr std::uint64_t kCode = 0x400000;
constexpr std::uint64_t kAt = 0x10000000;

class MmEngine : public ::testing::TestWithParam<std::tuple<Isa, machine::Gear>> {
 public:
  MmEngine() : page(machine::linux_page_size(std::get<0>(GetParam()))), machine(spec()) {
    // Loads the word at an address and stores another one there: mov rax,[rdi]; mov [rdi],rsi; syscall, and
    // ld r3,0(r5); std r4,0(r5); sc.
    constexpr std::array<unsigned, 8> kX86{0x48, 0x8b, 0x07, 0x48, 0x89, 0x37, 0x0f, 0x05};
    constexpr std::array<unsigned, 12> kPpc64{0xe8, 0x65, 0, 0, 0xf8, 0x85, 0, 0, 0x44, 0, 0, 0x02};
    std::vector<std::byte> code;
    if (x86()) {
      for (const unsigned byte : kX86) code.push_back(static_cast<std::byte>(byte));
    } else {
      for (const unsigned byte : kPpc64) code.push_back(static_cast<std::byte>(byte));
    }
    parent = std::make_shared<Mm>(machine);
    EXPECT_TRUE(parent->map(anonymous(kCode, page, kReadExecute)));
    EXPECT_TRUE(parent->poke(GuestVa(kCode), code));
    EXPECT_TRUE(parent->map(anonymous(kAt, 4 * page)));
  }

  static bool x86() { return std::get<0>(GetParam()) == Isa::X86_64; }
  static machine::MachineSpec spec() {
    machine::MachineSpec spec = Memory::spec(std::get<0>(GetParam()), 64);
    spec.gear = std::get<1>(GetParam());
    return spec;
  }

  // What was at `address` before `value` was stored there.
  std::uint64_t exchange(Mm& mm, std::uint64_t address, std::uint64_t value) {
    machine::Cpu& cpu = machine.cpu(0);
    cpu.set_address_space(&mm.space());
    cpu.set_pc(GuestVa(kCode));
    if (x86()) {
      cpu.set(isa::x86::Reg::rdi, address);
      cpu.set(isa::x86::Reg::rsi, value);
    } else {
      cpu.set(isa::ppc64::Reg::r5, address);
      cpu.set(isa::ppc64::Reg::r4, value);
    }
    for (int i = 0; i < 10; ++i) {
      const machine::Stop stop = cpu.run(cpu.clock() + 1000);
      if (std::holds_alternative<machine::SystemCall>(stop)) {
        return x86() ? cpu.get(isa::x86::Reg::rax) : cpu.get(isa::ppc64::Reg::r3);
      }
      const auto* const fault = std::get_if<machine::PageFault>(&stop);
      if (fault == nullptr || mm.handle_fault(fault->address, fault->kind)) break;
    }
    ADD_FAILURE() << "did not come to its end";
    return 0;
  }

  std::uint64_t page;
  machine::Machine machine;
  std::shared_ptr<Mm> parent;
};
INSTANTIATE_TEST_SUITE_P(All, MmEngine,
                         ::testing::Combine(::testing::Values(Isa::X86_64, Isa::Ppc64),
                                            ::testing::Values(machine::Gear::WatchedPages,
                                                              machine::Gear::Everything)));

TEST_P(MmEngine, ParentAndChildTakeTurns) {
  EXPECT_EQ(exchange(*parent, kAt, 1), 0u);
  EXPECT_EQ(exchange(*parent, kAt, 2), 1u);
  auto child = parent->fork();
  EXPECT_EQ(exchange(*parent, kAt, 3), 2u);
  EXPECT_EQ(exchange(*child, kAt, 10), 2u);
  EXPECT_EQ(exchange(*parent, kAt, 4), 3u);
  EXPECT_EQ(exchange(*child, kAt, 11), 10u);
  auto grandchild = child->fork();
  EXPECT_EQ(exchange(*grandchild, kAt, 20), 11u);
  EXPECT_EQ(exchange(*child, kAt, 12), 11u);
  EXPECT_EQ(exchange(*grandchild, kAt, 21), 20u);
}

// The page only gains a permission, and the TLB holds it without.
TEST_P(MmEngine, WritingIsGivenBackInPlace) {
  EXPECT_EQ(exchange(*parent, kAt, 1), 0u);
  for (std::uint64_t i = 1; i < 10; ++i) {
    parent->fork().reset();
    EXPECT_EQ(exchange(*parent, kAt, i + 1), i);
  }
}

TEST_P(MmEngine, ANewSpaceInThePlaceOfAnOldOne) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto child = parent->fork();
    EXPECT_EQ(exchange(*child, kAt + page, i + 1), 0u);
    EXPECT_EQ(exchange(*child, kAt + page, i + 2), i + 1);
  }
  EXPECT_EQ(exchange(*parent, kAt + page, 0), 0u);
}

TEST_P(MmEngine, TextThatIsPokedInOneProcessOnly) {
  EXPECT_EQ(exchange(*parent, kAt, 1), 0u);
  const auto child = parent->fork();
  EXPECT_EQ(exchange(*child, kAt, 2), 1u);
  // The store becomes one of another register: mov [rdi],rdi, and std r5,0(r5).
  const std::vector<std::byte> other =
      x86() ? std::vector{std::byte{0x48}, std::byte{0x89}, std::byte{0x3f}}
            : std::vector{std::byte{0xf8}, std::byte{0xa5}, std::byte{0}, std::byte{0}};
  ASSERT_TRUE(child->poke(GuestVa(kCode + (x86() ? 3 : 4)), other));
  EXPECT_EQ(exchange(*child, kAt, 3), 2u);
  EXPECT_EQ(exchange(*child, kAt, 3), kAt);
  EXPECT_EQ(exchange(*parent, kAt, 5), 1u);
  EXPECT_EQ(exchange(*parent, kAt, 6), 5u);
}

TEST_P(MmEngine, SharedMemory) {
  ASSERT_TRUE(parent->map(anonymous(kAt, page, kReadWrite, true)));
  const auto child = parent->fork();
  EXPECT_EQ(exchange(*child, kAt, 1), 0u);
  EXPECT_EQ(exchange(*parent, kAt, 2), 1u);
  EXPECT_EQ(exchange(*child, kAt, 3), 2u);
  ASSERT_TRUE(parent->advise(GuestVa(kAt), page, 9));  // MADV_REMOVE
  EXPECT_EQ(exchange(*child, kAt, 4), 0u);
}

}  // namespace
}  // namespace trapline::kernel::testing
