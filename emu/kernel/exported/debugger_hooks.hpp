// Where a kernel debugger such as xmon hangs on (arch/powerpc/include/asm/debug.h): pointers to functions
// that exceptions in kernel code are offered to, breakpoints that are nobody else's after the notifiers.
// PPC64 only.
#pragma once

#include <array>
#include <cstdint>

#include "emu/kernel/arch/notifier.hpp"
#include "emu/kernel/module/modules.hpp"

namespace trapline::kernel {

class Kernel;

class DebuggerHooks {
 public:
  // Joins the die chain, as the last.
  DebuggerHooks(Kernel& kernel, KernelCode& code, Modules& modules);

  // A trap instruction in kernel code. True: it was the debugger's.
  bool debugger_bpt(machine::Cpu& cpu, Task& task);

 private:
  enum class Hook : std::uint8_t { Bpt, SStep, BreakMatch };
  bool call(Hook hook, machine::Cpu& cpu, Task& task);

  Kernel& kernel_;
  KernelCode& code_;
  std::array<GuestVa, 3> hooks_{};  // the variables; of other instruction sets there are none
};

}  // namespace trapline::kernel
