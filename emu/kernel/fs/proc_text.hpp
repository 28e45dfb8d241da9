// The texts that the kernel shows under /proc and /sys (proc(5)).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "debugunit/debug_unit.hpp"
#include "isa/isa.hpp"

namespace trapline::kernel {

class Task;

// Who asks, and about which machine.
struct ProcContext {
  const Task& task;
  isa::Isa isa;
  unsigned cpus;
  std::function<std::uint64_t(const std::string& path)> inode_of;
  debugunit::Model unit = debugunit::Model::Dabr;  // PPC64: that of which processor
};

std::string proc_maps(const ProcContext& context);
std::string proc_comm(const ProcContext& context);
std::string proc_cmdline(const ProcContext& context);
std::string proc_cpuinfo(const ProcContext& context);
std::string perf_event_paranoid(const ProcContext& context);
std::string osrelease(const ProcContext& context);
std::string breakpoint_pmu_type(const ProcContext& context);
std::string cpu_list(const ProcContext& context);  // /sys/devices/system/cpu/online and its like

}  // namespace trapline::kernel
