// /sys/devices/system/cpu/cpuN/online: CPUs that a program takes away and brings back.
#pragma once

#include <functional>

#include "emu/kernel/fs/made_files.hpp"

namespace trapline::kernel {

class CpuHotplug;
class Scheduler;

// Has the CPU go away, or come, for the task that runs: what device_offline() and device_online() return.
// kSleeps: it is on its way, and the write is to be made again.
using SwitchCpu = std::function<SyscallResult(unsigned cpu, bool online)>;

// For each of so many CPUs that can go away.
void add_cpu_files(MadeFiles& files, const CpuHotplug& hotplug, Scheduler& scheduler, unsigned cpus,
                   const SwitchCpu& switch_cpu);

}  // namespace trapline::kernel
