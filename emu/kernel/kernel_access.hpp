// What the kernel itself accesses of user memory, shown to the breakpoints on it and to observers, as one
// access a copy.
#pragma once

#include <array>
#include <optional>

#include "emu/kernel/mm/access_watch.hpp"
#include "emu/machine/cpu.hpp"
#include "emu/machine/observers.hpp"

namespace trapline::kernel {

class Arch;
class PerfCore;
class Scheduler;
class Task;

class KernelAccesses final : public AccessWatch {
 public:
  KernelAccesses(Scheduler& scheduler, Arch& arch, PerfCore& perf);

  bool begin(const Mm& mm, const isa::Access& access, bool remote) override;
  void done() override;

 private:
  // The access under way.
  struct Pending {
    machine::Cpu* cpu = nullptr;
    Task* task = nullptr;
    const Mm* mm = nullptr;
    isa::Access access{};
    std::optional<machine::Cpu::Before> before;  // of the watched bytes, where a breakpoint matches
  };

  Scheduler& scheduler_;
  Arch& arch_;
  PerfCore& perf_;
  machine::Witness witness_;
  Pending pending_;
};

}  // namespace trapline::kernel
