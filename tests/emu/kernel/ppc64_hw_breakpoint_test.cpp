// Hardware breakpoints on PPC64 below the front ends: what each unit takes, which register an event gets, and
// how a tracer's breakpoints differ from the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "isa/linux/constants.hpp"
#include "tests/support/tiny_kernel.hpp"

namespace trapline::kernel {
namespace {

using debugunit::Model;
using isa::GuestVa;
using isa::linux_abi::kSigTrap;

constexpr std::uint64_t kData = support::kImageData.value;

constexpr std::uint32_t kLisR9 = 0x3d201010;                                      // lis 9, 0x1010: kData
constexpr std::uint32_t std_r9(unsigned offset) { return 0xf9290000u | offset; }  // std 9, offset(9)
constexpr std::uint32_t stb_r9(unsigned offset) { return 0x99290000u | offset; }  // stb 9, offset(9)
constexpr std::uint32_t kStvx = 0x7c0049ce;                                       // stvx 0, 0, 9
const std::vector<std::uint32_t> kExit{0x38000001, 0x38600000, 0x44000002};       // exit(0)

std::vector<std::uint32_t> then_exit(std::vector<std::uint32_t> code) {
  code.insert(code.begin(), kLisR9);
  code.insert(code.end(), kExit.begin(), kExit.end());
  return code;
}

class Ppc64HwBreakpoints : public testing::Test {
 protected:
  void boot(Model unit, const std::vector<std::uint32_t>& code = then_exit({}), unsigned cpus = 1) {
    machine::MachineSpec spec = machine::MachineSpec::defaults(isa::Isa::Ppc64);
    spec.debug_unit = unit;
    spec.cpus = cpus;
    spec.memory = 16u << 20;
    tiny_.emplace(spec, support::ppc64_code(code));
    machine_ = &tiny_->machine;
    kernel_ = &tiny_->kernel;
    task_ = tiny_->task;
    kernel_->set_trace([this](const machine::TraceEvent& event) { trace_ += to_json(event) + '\n'; });
  }

  static PerfEventAttr attr(std::uint64_t address, std::uint64_t length,
                            std::uint32_t type = kHwBreakpointW) {
    PerfEventAttr attr = hw_breakpoint_init();
    attr.bp_addr = GuestVa(address);
    attr.bp_len = length;
    attr.bp_type = type;
    return attr;
  }

  Result<ArchHwBreakpoint> parse(std::uint64_t address, std::uint64_t length,
                                 std::uint32_t type = kHwBreakpointW) {
    return kernel_->arch().hw_breakpoint_arch_parse(attr(address, length, type));
  }
  bool takes(std::uint64_t address, std::uint64_t length) { return bool{parse(address, length)}; }

  Result<PerfEventRef> open(std::uint64_t address, std::uint64_t length, bool ptrace,
                            PerfEvent::OverflowHandler handler = nullptr) {
    return kernel_->hw_breakpoints().register_user_hw_breakpoint(attr(address, length), std::move(handler),
                                                                 *task_, ptrace);
  }
  int error_of(const Result<PerfEventRef>& opened) { return opened ? 0 : opened.error().number; }

  // What ptrace_triggered() does: one hit, and no more.
  PerfEvent::OverflowHandler one_shot(std::vector<std::uint64_t>& hits) {
    return [this, &hits](PerfEvent& event, const BreakpointHit& hit) {
      EXPECT_EQ(hit.ip, hit.instruction);
      hits.push_back(hit.ip.value);
      kernel_->perf().disable(event);
    };
  }

  std::optional<support::TinyKernel> tiny_;
  machine::Machine* machine_ = nullptr;
  Kernel* kernel_ = nullptr;
  Task* task_ = nullptr;
  std::string trace_;
};

TEST_F(Ppc64HwBreakpoints, DabrTakesWhatLiesInOneDoubleword) {
  boot(Model::Dabr);
  EXPECT_TRUE(takes(kData, 8));
  EXPECT_TRUE(takes(kData + 7, 1));
  EXPECT_FALSE(takes(kData + 1, 8));
  EXPECT_FALSE(takes(kData, 9));
  EXPECT_FALSE(takes(kData, 0));
  EXPECT_FALSE(parse(kData, 8, kHwBreakpointX));
  EXPECT_TRUE(parse(kData, 8, kHwBreakpointX | kHwBreakpointR));  // the X is not looked at
}

TEST_F(Ppc64HwBreakpoints, DawrTakes512BytesInOneBlock) {
  boot(Model::Dawr);
  EXPECT_TRUE(takes(kData, 512));
  EXPECT_TRUE(takes(kData + 504, 8));
  EXPECT_TRUE(takes(kData + 1, 511));
  EXPECT_FALSE(takes(kData + 504, 9));
  EXPECT_FALSE(takes(kData + 511, 2));
  EXPECT_FALSE(takes(kData, 513));
  EXPECT_FALSE(takes(kData, 0));
}

TEST_F(Ppc64HwBreakpoints, Dawr2TakesARangeAnywhere) {
  boot(Model::Dawr2);
  EXPECT_TRUE(takes(kData + 504, 9));
  EXPECT_TRUE(takes(kData + 256, 512));
  EXPECT_FALSE(takes(kData + 257, 512));  // 65 doublewords
  EXPECT_FALSE(takes(kData, 513));
}

TEST_F(Ppc64HwBreakpoints, TheRegistersHoldTheRange) {
  boot(Model::Dawr2);
  PerfEventAttr wide = attr(kData + 9, 30, kHwBreakpointR | kHwBreakpointW);  // 4 doublewords
  wide.exclude_kernel = wide.exclude_hv = true;
  const auto first = kernel_->perf().open({wide, task_, -1});
  const auto second = kernel_->perf().open({attr(kData + 64, 8), task_, -1});
  ASSERT_TRUE(first && second);
  const machine::Cpu& cpu = machine_->cpu(0);
  EXPECT_EQ(cpu.read_debug_register(debugunit::Register::Dawr0), kData + 8);
  EXPECT_EQ(cpu.read_debug_register(debugunit::Register::Dawrx0), 3u << 10 | 0x60u | 0x10u | 1u);
  EXPECT_EQ(cpu.read_debug_register(debugunit::Register::Dawr1), kData + 64);
  EXPECT_EQ(cpu.read_debug_register(debugunit::Register::Dawrx1), 0x40u | 0x10u | 7u);
  kernel_->perf().disable(**first);
  EXPECT_EQ(cpu.read_debug_register(debugunit::Register::Dawrx0), 0u);
  EXPECT_NE(cpu.read_debug_register(debugunit::Register::Dawrx1), 0u);
  EXPECT_THAT(trace_, testing::HasSubstr(R"("register":"DAWR1","DAWR1":"0x10100040","DAWRX1":"0x57")"));
}

TEST_F(Ppc64HwBreakpoints, ATracersBreakpointComesBeforeTheAccessAndOnce) {
  for (const Model unit : {Model::Dabr, Model::Dawr, Model::Dawr2}) {
    SCOPED_TRACE(debugunit::name(unit));
    trace_.clear();
    boot(unit, then_exit({stb_r9(6), std_r9(0)}));
    std::vector<std::uint64_t> hits;
    // A byte of the same doubleword beside the request: for a tracer no hit is a stray one.
    const auto event = open(kData, 4, true, one_shot(hits));
    ASSERT_TRUE(event);
    EXPECT_EQ(kernel_->run().signal, kSigTrap);
    ASSERT_EQ(hits.size(), 1u);
    EXPECT_EQ((*event)->count, 1u);
    EXPECT_EQ((*event)->state, EventState::Exit);  // its task is gone
    EXPECT_EQ((*event)->stray_hits, 0u);
    EXPECT_EQ(task_->arch.fault_address, kData + 6);
    EXPECT_THAT(trace_, testing::HasSubstr("hw_breakpoint_handler: ptrace"));
    EXPECT_THAT(trace_, testing::Not(testing::HasSubstr("single_step_dabr_instruction")));
  }
}

TEST_F(Ppc64HwBreakpoints, OneAccessThatHitsBothKindsCountsForBothBeforeIt) {
  boot(Model::Dawr2, then_exit({kStvx}));
  std::vector<std::uint64_t> hits;
  const auto traced = open(kData, 8, true, one_shot(hits));
  const auto counted = open(kData + 8, 8, false);
  ASSERT_TRUE(traced && counted);
  EXPECT_EQ(kernel_->run().signal, kSigTrap);
  EXPECT_EQ(hits.size(), 1u);
  EXPECT_EQ((*counted)->count, 1u);
}

TEST_F(Ppc64HwBreakpoints, OthersDoNotDisturbATracersAndCountAfterTheAccess) {
  boot(Model::Dawr2, then_exit({std_r9(8), std_r9(8), kStvx}));
  const auto low = open(kData, 8, false);
  const auto high = open(kData + 8, 8, false);
  ASSERT_TRUE(low && high);
  EXPECT_EQ(kernel_->run().signal, 0);
  EXPECT_EQ((*low)->count, 1u);
  EXPECT_EQ((*high)->count, 3u);
}

TEST_F(Ppc64HwBreakpoints, ATracersAndAnotherMayNotShareADoubleword) {
  boot(Model::Dawr2);
  const auto counted = open(kData, 4, false);
  ASSERT_TRUE(counted);
  EXPECT_EQ(error_of(open(kData + 4, 4, true)), ENOSPC);
  EXPECT_EQ(error_of(open(kData + 4, 4, false)), 0);
  EXPECT_EQ(error_of(open(kData + 8, 4, true)), 0);
  // The slot of one that was refused is free again.
  const auto traced = open(kData + 8, 8, true);
  ASSERT_TRUE(traced);
  EXPECT_EQ(error_of(open(kData + 24, 8, true)), ENOSPC);
}

TEST_F(Ppc64HwBreakpoints, NorMayATracersAndOneOfACpu) {
  boot(Model::Dawr2, then_exit({}), 2);
  {
    const auto of_cpu = kernel_->perf().open({attr(kData, 8), nullptr, 1});
    ASSERT_TRUE(of_cpu);
    EXPECT_EQ(error_of(open(kData, 8, true)), ENOSPC);
    EXPECT_EQ(error_of(open(kData, 8, false)), 0);
  }
  const auto traced = open(kData, 8, true);
  ASSERT_TRUE(traced);
  const auto refused = kernel_->perf().open({attr(kData, 8), nullptr, 1});
  EXPECT_EQ(error_of(refused), ENOSPC);
}

TEST_F(Ppc64HwBreakpoints, ASignalInTheMiddleOfAStepArmsAnew) {
  boot(Model::Dawr2, then_exit({std_r9(0)}));
  const auto event = open(kData, 8, false);
  ASSERT_TRUE(event);
  machine::Cpu& cpu = machine_->cpu(0);
  const auto armed = cpu.read_debug_register(debugunit::Register::Dawrx0);
  task_->arch.last_hit[0].event = (*event)->id;
  kernel_->perf().disable(**event);
  kernel_->perf().enable(**event);  // while the step is under way
  EXPECT_EQ(cpu.read_debug_register(debugunit::Register::Dawrx0), 0u);
  kernel_->arch().thread_change_pc(cpu, *task_);
  EXPECT_EQ(cpu.read_debug_register(debugunit::Register::Dawrx0), armed);
  EXPECT_EQ(task_->arch.last_hit[0].event, 0u);
}

}  // namespace
}  // namespace trapline::kernel
