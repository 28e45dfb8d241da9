// What perf_event_open(2) does for whoever opens an event: the checks that concern more than the event's
// kind, and the event.
#pragma once

#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel {

class PerfCore;

struct PerfEventOpen {
  PerfEventAttr attr;           // as check_perf_event_attr() allows it
  Task* task = nullptr;         // null: bound to `cpu` alone
  int cpu = -1;                 // -1: all
  PerfEvent* group = nullptr;   // in which it shall be
  PerfEvent* output = nullptr;  // PERF_FLAG_FD_OUTPUT: into whose buffer it writes
  bool cgroup = false;          // PERF_FLAG_PID_CGROUP
  PerfEvent::Observer observer{};
  PerfEvent::Observer stray{};
  std::string label{};  // PerfEvent::label
};

// The event counts nothing before it is installed (PerfCore::install).
Result<PerfEventRef> perf_event_open(PerfCore& core, const PerfEventOpen& request);

}  // namespace trapline::kernel
