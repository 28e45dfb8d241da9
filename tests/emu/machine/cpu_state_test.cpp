// Registers outside of a CPU: who works with them, and that nobody does any more when they are gone.
#include "emu/machine/cpu_state.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "emu/machine/machine.hpp"

namespace trapline::machine {
namespace {

MachineSpec two_cpus() {
  MachineSpec spec = MachineSpec::defaults(isa::Isa::X86_64);
  spec.cpus = 2;
  return spec;
}

TEST(CpuState, ThatMovesToAnotherCpuIsTheFormerOnesNoMore) {
  Machine machine(two_cpus());
  auto state = std::make_unique<CpuState>();
  machine.cpu(0).use(state.get());
  machine.cpu(0).set(isa::x86::Reg::rax, 7);
  machine.cpu(1).use(state.get());
  EXPECT_EQ(machine.cpu(1).get(isa::x86::Reg::rax), 7u);
  EXPECT_NE(machine.cpu(0).state(), state.get());
  state.reset();
  EXPECT_EQ(machine.cpu(0).get(isa::x86::Reg::rax), 0u);
  EXPECT_EQ(machine.cpu(1).get(isa::x86::Reg::rax), 0u);
}

}  // namespace
}  // namespace trapline::machine
