// What a switch of tasks means to perf: the events of the one come off the CPU, those of the other go onto
// it.
#pragma once

#include "emu/kernel/task/scheduler.hpp"

namespace trapline::kernel {

class PerfCore;
class SoftwareEvents;

class ContextSwitch final : public SwitchHooks {
 public:
  ContextSwitch(PerfCore& perf, SoftwareEvents& software) : perf_(perf), software_(software) {}

  void switch_in(Task& task, machine::Cpu& cpu, const TaskIds& previous) override;
  void switch_out(Task& task, machine::Cpu& cpu, const TaskIds& next, bool preempted) override;

 private:
  PerfCore& perf_;
  SoftwareEvents& software_;
};

}  // namespace trapline::kernel
