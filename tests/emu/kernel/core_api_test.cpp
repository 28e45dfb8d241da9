// The core API of breakpoints (include/linux/hw_breakpoint.h), as code of the kernel's own uses it:
// registered for a task, changed, and one on each CPU.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/support/tiny_kernel.hpp"

namespace trapline::kernel {
namespace {

using isa::GuestVa;
using isa::Isa;

constexpr GuestVa kFirst = support::kImageData;
constexpr GuestVa kSecond = support::kImageData + 8;
constexpr unsigned kStores = 3;  // of a byte to kFirst, kSecond, and again

// Stores to both in turn, and exit(0).
std::vector<std::byte> program(Isa isa) {
  if (isa == Isa::Ppc64) {
    std::vector<std::uint32_t> code{0x3d201010};  // lis 9, 0x1010
    for (unsigned i = 0; i < kStores; ++i) {
      code.push_back(0x99290000);  // stb 9, 0(9)
      code.push_back(0x99290008);  // stb 9, 8(9)
    }
    code.insert(code.end(), {0x38000001, 0x38600000, 0x44000002});  // li 0, 1; li 3, 0; sc
    return support::ppc64_code(code);
  }
  std::vector<int> code;
  for (unsigned i = 0; i < kStores; ++i) {
    code.insert(code.end(), {0xc6, 0x04, 0x25, 0x00, 0x00, 0x10, 0x10, 0x01});  // movb $1, 0x10100000
    code.insert(code.end(), {0xc6, 0x04, 0x25, 0x08, 0x00, 0x10, 0x10, 0x01});  // movb $1, 0x10100008
  }
  code.insert(code.end(),
              {0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05});  // mov $60, %eax; xor %edi, %edi; syscall
  std::vector<std::byte> bytes;
  for (const int byte : code) bytes.push_back(static_cast<std::byte>(byte));
  return bytes;
}

machine::MachineSpec spec(Isa isa) {
  machine::MachineSpec spec = machine::MachineSpec::defaults(isa);
  spec.memory = 16u << 20;
  spec.cpus = 2;
  if (isa == Isa::Ppc64) spec.debug_unit = debugunit::Model::Dawr2;
  return spec;
}

PerfEventAttr stores_to(GuestVa address) {
  PerfEventAttr attr = hw_breakpoint_init();
  attr.bp_addr = address;
  attr.bp_len = 1;
  attr.bp_type = kHwBreakpointW;
  return attr;
}

class CoreApi : public testing::TestWithParam<Isa> {
 protected:
  HwBreakpoints& breakpoints() { return tiny_.kernel.hw_breakpoints(); }
  PerfEvent::OverflowHandler remember() {
    return [this](PerfEvent& event, const BreakpointHit& hit) {
      EXPECT_EQ(hit.task, tiny_.task);
      EXPECT_EQ(hit.access.address, event.attr.bp_addr);
      EXPECT_EQ(hit.address, event.attr.bp_addr);
      hits_.push_back(hit.address);
    };
  }
  void run() { EXPECT_EQ(tiny_.kernel.run().wait_status(), 0); }

  std::vector<GuestVa> hits_;
  support::TinyKernel tiny_{spec(GetParam()), program(GetParam())};
};

TEST_P(CoreApi, CallsTheHandlerAtEachHit) {
  const auto first = breakpoints().register_user_hw_breakpoint(stores_to(kFirst), remember(), *tiny_.task);
  const auto second = breakpoints().register_user_hw_breakpoint(stores_to(kSecond), remember(), *tiny_.task);
  ASSERT_TRUE(first && second);
  run();
  EXPECT_EQ(hits_, (std::vector{kFirst, kSecond, kFirst, kSecond, kFirst, kSecond}));
  EXPECT_EQ((*first)->count, kStores);
}

TEST_P(CoreApi, OneThatIsGoneCallsNobody) {
  auto first = breakpoints().register_user_hw_breakpoint(stores_to(kFirst), remember(), *tiny_.task);
  ASSERT_TRUE(first);
  first->reset();
  run();
  EXPECT_TRUE(hits_.empty());
}

TEST_P(CoreApi, ModifiesFromWithinAHit) {
  // After the first hit it watches the other, and after that one's first hit nothing.
  const auto handler = [this, seen = remember()](PerfEvent& event, const BreakpointHit& hit) {
    seen(event, hit);
    PerfEventAttr attr = stores_to(kSecond);
    attr.disabled = hits_.size() == 2;
    EXPECT_TRUE(breakpoints().modify_user_hw_breakpoint(event, attr));
  };
  const auto event = breakpoints().register_user_hw_breakpoint(stores_to(kFirst), handler, *tiny_.task);
  ASSERT_TRUE(event);
  run();
  EXPECT_EQ(hits_, (std::vector{kFirst, kSecond}));
}

TEST_P(CoreApi, WhatIsRefusedLeavesItAsItWas) {
  const auto event = breakpoints().register_user_hw_breakpoint(stores_to(kFirst), remember(), *tiny_.task);
  ASSERT_TRUE(event);
  PerfEventAttr wrong = stores_to(kSecond);
  wrong.bp_len = 0;
  const Status modified = breakpoints().modify_user_hw_breakpoint(**event, wrong);
  ASSERT_FALSE(modified);
  EXPECT_EQ(modified.error().number, EINVAL);
  run();
  EXPECT_EQ(hits_, (std::vector{kFirst, kFirst, kFirst}));
}

TEST_P(CoreApi, OnEachCpuItSeesWhoeverRunsThere) {
  const auto events = breakpoints().register_wide_hw_breakpoint(stores_to(kFirst), remember(), {0, 1});
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 2u);
  run();
  EXPECT_EQ(hits_.size(), kStores);
  EXPECT_EQ((*events)[0]->count + (*events)[1]->count, kStores);
}

TEST_P(CoreApi, OnEachCpuOrOnNone) {
  const unsigned slots = tiny_.kernel.slots();
  std::vector<PerfEventRef> full;
  for (unsigned i = 0; i < slots; ++i) {
    auto events = breakpoints().register_wide_hw_breakpoint(stores_to(kFirst), remember(), {1});
    ASSERT_TRUE(events);
    full.push_back(std::move(events->front()));
  }
  const auto refused = breakpoints().register_wide_hw_breakpoint(stores_to(kFirst), remember(), {0, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, ENOSPC);
  // Nothing is left of it on the CPU where there was room.
  for (unsigned i = 0; i < slots; ++i) {
    auto events = breakpoints().register_wide_hw_breakpoint(stores_to(kFirst), remember(), {0});
    ASSERT_TRUE(events);
    full.push_back(std::move(events->front()));
  }
}

INSTANTIATE_TEST_SUITE_P(Isas, CoreApi, testing::ValuesIn(isa::kAllIsas),
                         [](const auto& isa) { return isa.param == Isa::X86_64 ? "X86_64" : "Ppc64"; });

}  // namespace
}  // namespace trapline::kernel
