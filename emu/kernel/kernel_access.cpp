#include "emu/kernel/kernel_access.hpp"

#include <utility>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

KernelAccesses::KernelAccesses(Kernel& kernel) : kernel_(kernel), witness_(kernel.machine()) {}

bool KernelAccesses::begin(const Mm& mm, const isa::Access& access, bool remote) {
  const auto active = kernel_.scheduler().active_cpu();
  if (!active) return false;
  machine::Cpu& cpu = kernel_.machine().cpu(*active);
  Task* const task = kernel_.current(cpu);
  if (task == nullptr) return false;
  Pending pending{&cpu, task, &mm, access, {}};
  // Debug registers know virtual addresses: those of a mapping of the kernel's own are not watched.
  if (!remote && task->mm.get() == &mm && cpu.watches_data() &&
      cpu.debug_unit().match(access, {.privilege = debugunit::Privilege::Kernel}))
    pending.before = cpu.watched_bytes();
  const bool observed = kernel_.machine().observers().matches(access);
  if (!pending.before && !observed) return false;
  pending_ = pending;
  witness_.begin();
  if (observed) witness_.before(access, mm.space());
  return true;
}

void KernelAccesses::done() {
  const Pending done = std::exchange(pending_, {});
  // It may have another task's registers just now, which the call is about (Kernel::with_registers()).
  machine::CpuState* const borrowed = done.cpu->state();
  done.cpu->use(&done.task->registers);
  witness_.tell({.cpu = *done.cpu, .space = done.mm->space(), .kernel = true, .instruction = done.cpu->pc()});
  if (done.before) {
    kernel_.arch().kernel_access(*done.cpu, *done.task, done.access, *done.before);
    kernel_.perf().send_traps();
  }
  done.cpu->use(borrowed);
}

}  // namespace trapline::kernel
