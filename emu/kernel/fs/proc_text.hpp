// The texts that the kernel shows under /proc and /sys (proc(5)).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "emu/kernel/result.hpp"
#include "isa/address.hpp"
#include "isa/isa.hpp"

namespace trapline::machine {
class Machine;
class PhysicalMemory;
}  // namespace trapline::machine

namespace trapline::kernel {

class Arch;
class MadeFiles;
class Scheduler;
class Task;
class TaskTable;

// What the texts are made of.
struct ProcSources {
  machine::Machine& machine;
  Scheduler& scheduler;
  TaskTable& tasks;
  Arch& arch;
  bool root_writable = false;
  const MadeFiles* made = nullptr;
};

struct ProcContext {
  const ProcSources& sources;
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
class Mm;
struct Vma;
std::string proc_maps_line(const ProcContext& context, const Mm& mm, const Vma& vma);
std::string proc_statm(const ProcContext& context);

// --- A task: page by page (proc_smaps.cpp) ---
std::string proc_smaps(const ProcContext& context);
std::string proc_smaps_rollup(const ProcContext& context);
std::uint64_t pagemap_entry(const machine::PhysicalMemory& memory, const Mm& mm, isa::GuestVa address);

// --- A task: what else is told and set (proc_settings.cpp) ---
std::string proc_cgroup(const ProcContext& context);
std::string proc_cpuset(const ProcContext& context);
std::string proc_coredump_filter(const ProcContext& context);
std::string proc_io(const ProcContext& context);
std::string proc_no_audit_id(const ProcContext& context);
std::string proc_oom_score(const ProcContext& context);
std::string proc_oom_score_adj(const ProcContext& context);
std::string proc_personality(const ProcContext& context);
std::string proc_schedstat(const ProcContext& context);
std::string proc_syscall(const ProcContext& context);
std::string proc_timerslack_ns(const ProcContext& context);
Status clear_refs(const ProcContext& context, std::string_view text);
Status set_coredump_filter(const ProcContext& context, std::string_view text);
Status set_oom_score_adj(const ProcContext& context, std::string_view text);
Status set_timerslack_ns(const ProcContext& context, std::string_view text);

// What status, stat and statm say of a program's memory, in bytes.
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
std::string machine_cmdline(const ProcContext& context);
std::string machine_devices(const ProcContext& context);
std::string machine_interrupts(const ProcContext& context);
std::string machine_partitions(const ProcContext& context);
std::string machine_swaps(const ProcContext& context);
std::string machine_vmstat(const ProcContext& context);
std::string file_nr(const ProcContext& context);
std::string nothing(const ProcContext& context);
std::string machine_stat(const ProcContext& context);
std::string machine_uptime(const ProcContext& context);
std::string machine_version(const ProcContext& context);
std::string hostname(const ProcContext& context);
std::string osrelease(const ProcContext& context);
std::string ostype(const ProcContext& context);
std::string threads_max(const ProcContext& context);
std::string breakpoint_pmu_type(const ProcContext& context);
std::string cpu_list(const ProcContext& context);  // /sys/devices/system/cpu: possible and present
std::string cpus_online(const ProcContext& context);
std::string cpus_offline(const ProcContext& context);
std::string cpu_kernel_max(const ProcContext& context);

}  // namespace trapline::kernel
