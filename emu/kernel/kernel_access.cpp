#include "emu/kernel/kernel_access.hpp"

#include <utility>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

KernelAccesses::KernelAccesses(Scheduler& scheduler, Arch& arch, PerfCore& perf)
    : scheduler_(scheduler), arch_(arch), perf_(perf), witness_(scheduler.machine()) {}

bool KernelAccesses::begin(const Mm& mm, const isa::Access& access, bool remote) {
  const auto active = scheduler_.active_cpu();
  if (!active) return false;
  machine::Cpu& cpu = scheduler_.machine().cpu(*active);
  Task* const task = scheduler_.running(cpu.index());
  if (task == nullptr) return false;
  Pending pending{&cpu, task, &mm, access, {}};
  // Debug registers know virtual addresses: those of a mapping of the kernel's own are not watched.
  if (!remote && task->mm.get() == &mm && cpu.watches_data() &&
      cpu.debug_unit().match(access, {.privilege = debugunit::Privilege::Kernel}))
    pending.before = cpu.watched_bytes();
  const bool observed = scheduler_.machine().observers().matches(access);
  if (!pending.before && !observed) return false;
  pending_ = pending;
  witness_.begin();
  if (observed) witness_.before(access, mm.space());
  return true;
}

void KernelAccesses::done() {
  const Pending done = std::exchange(pending_, {});
  // It may have another task's registers just now, which the call is about (Scheduler::with_registers()).
  machine::CpuState* const borrowed = done.cpu->state();
  done.cpu->use(&done.task->registers);
  witness_.tell({.cpu = *done.cpu, .space = done.mm->space(), .kernel = true, .instruction = done.cpu->pc()});
  if (done.before) {
    arch_.kernel_access(*done.cpu, *done.task, done.access, *done.before);
    perf_.send_traps();
  }
  done.cpu->use(borrowed);
}

}  // namespace trapline::kernel
