// The texts that the kernel shows under /proc and /sys (proc(5)).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "isa/isa.hpp"

namespace trapline::kernel {

class Kernel;
class Task;

struct ProcContext {
  Kernel& kernel;
  Task* task = nullptr;  // whom it is about; null for what is about the machine
  bool whole = true;     // the process of the task, and not the thread alone
  std::function<std::uint64_t(const std::string& path)> inode_of{};
};

// --- A task: its state (proc_task.cpp) ---
std::string proc_comm(const ProcContext& context);
std::string proc_limits(const ProcContext& context);
std::string proc_stat(const ProcContext& context);
std::string proc_status(const ProcContext& context);
std::string proc_wchan(const ProcContext& context);
std::string proc_fdinfo(const ProcContext& context, int fd);

// --- A task: its memory (proc_memory.cpp). Empty where it has none any more. ---
std::string proc_auxv(const ProcContext& context);
std::string proc_cmdline(const ProcContext& context);
std::string proc_environ(const ProcContext& context);
std::string proc_maps(const ProcContext& context);
std::string proc_statm(const ProcContext& context);

// What status, stat and statm say of a program's memory, in bytes.
class Mm;
struct MemoryUse {
  std::uint64_t anonymous = 0;  // resident, by what it comes from
  std::uint64_t file = 0;
  std::uint64_t shared = 0;
  std::uint64_t data = 0;  // VmData and so on: mapped
  std::uint64_t stack = 0;
  std::uint64_t code = 0;
  std::uint64_t libraries = 0;
};
MemoryUse memory_use(const Mm& mm);

// --- What is mounted (proc_mounts.cpp) ---
std::string proc_mounts(const ProcContext& context);
std::string proc_mountinfo(const ProcContext& context);
std::string machine_filesystems(const ProcContext& context);

// --- The machine (proc_text.cpp) ---
std::string proc_cpuinfo(const ProcContext& context);
std::string machine_loadavg(const ProcContext& context);
std::string machine_meminfo(const ProcContext& context);
std::string machine_stat(const ProcContext& context);
std::string machine_uptime(const ProcContext& context);
std::string machine_version(const ProcContext& context);
std::string hostname(const ProcContext& context);
std::string osrelease(const ProcContext& context);
std::string ostype(const ProcContext& context);
std::string perf_event_max_sample_rate(const ProcContext& context);
std::string perf_event_mlock_kb(const ProcContext& context);
std::string perf_event_paranoid(const ProcContext& context);
std::string pid_max(const ProcContext& context);
std::string randomize_va_space(const ProcContext& context);
std::string threads_max(const ProcContext& context);
std::string breakpoint_pmu_type(const ProcContext& context);
std::string cpu_list(const ProcContext& context);  // /sys/devices/system/cpu/online and its like

}  // namespace trapline::kernel
