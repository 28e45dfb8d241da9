// CPUs that go away and come back while the machine runs (kernel/cpu.c).
#pragma once

#include <cstdint>

#include "emu/kernel/result.hpp"
#include "emu/machine/machine.hpp"

namespace trapline::kernel {

class PerfCore;
class Scheduler;
class Task;
class TaskTable;

struct CpuHotplugUses {
  machine::Machine& machine;
  Scheduler& scheduler;
  PerfCore& perf;
  TaskTable& tasks;
  // A CPU that comes has the breakpoints that it had, as PPC64's start_secondary() loaded them before there
  // was perf.
  bool loads_registers = false;
};

class CpuHotplug {
 public:
  explicit CpuHotplug(const CpuHotplugUses& uses) : uses_(uses) {}

  // Whether it can go away at all: not the one that x86 starts with.
  bool hotpluggable(unsigned cpu) const;

  // The whole way down and up (_cpu_down(), _cpu_up()). EBUSY: it is the last. Of a CPU that is there
  // already, or away, nothing is done.
  Status down(unsigned cpu);
  void up(unsigned cpu);

  // The stations of it, where kernel code has some in between (scenarios/kernel/lib/cpu.c): its events go,
  // and then all that runs there, but for `by`, which does it on that CPU and stays until it sleeps.
  void perf_exit(unsigned cpu);
  void take_cpu_down(unsigned cpu, const Task* by);
  void bringup_cpu(unsigned cpu);
  void perf_init(unsigned cpu);

 private:
  void trace(unsigned cpu, const char* what);

  CpuHotplugUses uses_;
};

}  // namespace trapline::kernel
