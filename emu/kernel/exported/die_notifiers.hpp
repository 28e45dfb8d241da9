// Kernel code that is told of traps (register_die_notifier(), kernel/notifier.c): functions of guest code
// that are called while the trap is handled, behind the breakpoints' own handler.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/module/kernel_code.hpp"

namespace trapline::kernel {

class Kernel;

// enum die_val, by what both instruction sets have of the kind.
enum class GuestDieVal : std::uint8_t { Oops, Breakpoint, Debug, SingleStep, DabrMatch };

class DieNotifiers {
 public:
  DieNotifiers(Kernel& kernel, KernelCode& code);

  // struct notifier_block.
  void add(GuestVa block);
  bool remove(GuestVa block);
  bool empty() const { return blocks_.empty(); }

  struct What {
    std::uint64_t val = 0;  // enum die_val of the instruction set
    std::string_view text{};
    std::int64_t error = 0;
    std::uint64_t* pointed = nullptr;  // the error is a pointer to this, which notifiers may change
    std::int32_t trap = 0;
    std::int32_t signal = 0;
  };
  // notify_die()
  Notify call(machine::Cpu& cpu, Task& task, const What& what);
  // The chain's answer, as a notifier gave it last.
  std::uint64_t answer() const { return answer_; }
  std::uint64_t value(GuestDieVal val) const;

 private:
  Kernel& kernel_;
  KernelCode& code_;
  std::vector<GuestVa> blocks_;  // who is called first, first
  std::uint64_t answer_ = 0;
};

}  // namespace trapline::kernel
