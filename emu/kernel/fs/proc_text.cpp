#include "emu/kernel/fs/proc_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <iterator>
#include <set>
#include <string_view>

#include "emu/kernel/release.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"

namespace trapline::kernel {

namespace {

// What the engine's CPU model is: the Westmere of x86-64; and the processor that has the debug unit. `flags`
// are those of its CPUID that programs ask about.
constexpr std::string_view kX86Cpu =
    "processor\t: {0}\n"
    "vendor_id\t: GenuineIntel\n"
    "cpu family\t: 6\n"
    "model\t\t: 44\n"
    "model name\t: Westmere E56xx/L56xx/X56xx (Nehalem-C)\n"
    "stepping\t: 1\n"
    "cpu MHz\t\t: 1000.000\n"
    "physical id\t: {0}\n"
    "siblings\t: 1\n"
    "core id\t\t: 0\n"
    "cpu cores\t: 1\n"
    "apicid\t\t: {0}\n"
    "initial apicid\t: {0}\n"
    "fpu\t\t: yes\n"
    "fpu_exception\t: yes\n"
    "cpuid level\t: 11\n"
    "wp\t\t: yes\n"
    "flags\t\t: fpu de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush mmx fxsr sse "
    "sse2 "
    "syscall nx lm pni pclmulqdq ssse3 cx16 sse4_1 sse4_2 popcnt aes hypervisor lahf_lm\n"
    "bugs\t\t:\n"
    "bogomips\t: 2000.00\n"
    "clflush size\t: 64\n"
    "cache_alignment\t: 64\n"
    "address sizes\t: 40 bits physical, 48 bits virtual\n"
    "power management:\n\n";
constexpr std::string_view kPpc64Cpu =
    "processor\t: {0}\n"
    "cpu\t\t: {1} (architected)\n"
    "clock\t\t: 1000.000000MHz\n"
    "revision\t: {2}\n\n";
constexpr std::string_view kPpc64Machine =
    "timebase\t: 1000000000\n"
    "platform\t: pSeries\n"
    "model\t\t: Trapline\n"
    "machine\t\t: CHRP Trapline\n"
    "MMU\t\t: Hash\n";

struct Ppc64Processor {
  std::string_view name;
  std::string_view revision;
};
constexpr Ppc64Processor ppc64_processor(debugunit::Model unit) {
  switch (unit) {
    case debugunit::Model::Dawr:
      return {"POWER8", "2.0 (pvr 004d 0200)"};
    case debugunit::Model::Dawr2:
      return {"POWER10", "2.0 (pvr 0080 0200)"};
    default:
      return {"POWER7", "2.3 (pvr 003f 0203)"};
  }
}

}  // namespace

std::string proc_cpuinfo(const ProcContext& context) {
  const machine::Machine& machine = context.sources.machine;
  const auto [name, revision] = ppc64_processor(machine.spec().debug_unit);
  std::string text;
  for (unsigned cpu = 0; cpu < machine.cpus(); ++cpu) {
    if (!context.sources.scheduler.online(cpu)) continue;
    switch (machine.isa()) {
      case isa::Isa::X86_64:
        fmt::format_to(std::back_inserter(text), kX86Cpu, cpu);
        break;
      case isa::Isa::Ppc64:
        fmt::format_to(std::back_inserter(text), kPpc64Cpu, cpu, name, revision);
        break;
    }
  }
  if (machine.isa() == isa::Isa::Ppc64) text += kPpc64Machine;
  return text;
}

namespace {

constexpr std::uint64_t kTicksPerSecond = 100;
constexpr std::uint64_t kStart = 946684800;  // when the machine was started, for its guests: 2000-01-01

std::uint64_t busy_ticks(const ProcContext& context, unsigned cpu) {
  return context.sources.machine.cpu(cpu).clock() / kClockTick;
}
// A CPU without work has a clock that stands still.
std::uint64_t idle_ticks(const ProcContext& context, unsigned cpu) {
  const std::uint64_t now = context.sources.scheduler.now() / kClockTick;
  return now - std::min(now, busy_ticks(context, cpu));
}

std::size_t runnable(const ProcContext& context) { return context.sources.scheduler.runnable(); }

}  // namespace

// Nobody keeps the averages.
std::string machine_loadavg(const ProcContext& context) {
  const TaskTable& tasks = context.sources.tasks;
  return fmt::format("0.00 0.00 0.00 {}/{} {}\n", runnable(context), tasks.size(), tasks.last());
}

std::string machine_meminfo(const ProcContext& context) {
  const machine::PhysicalMemory& memory = context.sources.machine.memory();
  std::string text;
  const auto line = [&](std::string_view name, std::uint64_t bytes) {
    fmt::format_to(std::back_inserter(text), "{:<16}{:8} kB\n", fmt::format("{}:", name), bytes / 1024);
  };
  const std::uint64_t free = memory.free_frames() * memory.frame_size();
  line("MemTotal", memory.size());
  line("MemFree", free);
  line("MemAvailable", free);
  for (const std::string_view none : {"Buffers", "Cached", "SwapCached"}) line(none, 0);
  line("Active", memory.size() - free);
  for (const std::string_view none : {"Inactive", "SwapTotal", "SwapFree", "Dirty", "Writeback"})
    line(none, 0);
  line("AnonPages", memory.size() - free);
  for (const std::string_view none : {"Mapped", "Shmem", "Slab"}) line(none, 0);
  line("CommitLimit", memory.size() / 2);
  return text;
}

std::string machine_stat(const ProcContext& context) {
  std::string cpus;
  std::uint64_t busy = 0, idle = 0;
  for (unsigned cpu = 0; cpu < context.sources.machine.cpus(); ++cpu) {
    busy += busy_ticks(context, cpu);
    idle += idle_ticks(context, cpu);
    if (!context.sources.scheduler.online(cpu)) continue;
    fmt::format_to(std::back_inserter(cpus), "cpu{} {} 0 0 {} 0 0 0 0 0 0\n", cpu, busy_ticks(context, cpu),
                   idle_ticks(context, cpu));
  }
  return fmt::format(
      "cpu  {} 0 0 {} 0 0 0 0 0 0\n{}intr 0\nctxt {}\nbtime {}\nprocesses {}\nprocs_running {}\n"
      "procs_blocked 0\n",
      busy, idle, cpus, context.sources.scheduler.switches(), kStart, context.sources.tasks.made(),
      runnable(context));
}

std::string machine_uptime(const ProcContext& context) {
  const std::uint64_t up = context.sources.scheduler.now() / kClockTick;
  std::uint64_t idle = 0;
  for (unsigned cpu = 0; cpu < context.sources.machine.cpus(); ++cpu) idle += idle_ticks(context, cpu);
  return fmt::format("{}.{:02} {}.{:02}\n", up / kTicksPerSecond, up % kTicksPerSecond,
                     idle / kTicksPerSecond, idle % kTicksPerSecond);
}

std::string machine_version(const ProcContext&) {
  return fmt::format("Linux version {} (trapline@trapline) (gcc) #1 SMP\n", kRelease);
}

// What uname(2) says.
std::string hostname(const ProcContext&) { return "trapline\n"; }
std::string ostype(const ProcContext&) { return "Linux\n"; }

std::string threads_max(const ProcContext&) { return fmt::format("{}\n", TaskTable::kMost); }

std::string machine_cmdline(const ProcContext&) { return "\n"; }

// The numbers of admin-guide/devices.rst that are in use here.
std::string machine_devices(const ProcContext&) {
  return "Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n\nBlock devices:\n";
}

// No device interrupts a CPU here.
std::string machine_interrupts(const ProcContext& context) {
  std::string text(11, ' ');
  for (unsigned cpu = 0; cpu < context.sources.machine.cpus(); ++cpu) {
    if (context.sources.scheduler.online(cpu)) text += fmt::format("{:<11}", fmt::format("CPU{}", cpu));
  }
  return text + "\n";
}

std::string machine_partitions(const ProcContext&) { return "major minor  #blocks  name\n\n"; }
std::string machine_swaps(const ProcContext&) { return "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"; }
std::string machine_vmstat(const ProcContext& context) {
  const machine::PhysicalMemory& memory = context.sources.machine.memory();
  return fmt::format("nr_free_pages {}\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n", memory.free_frames());
}
std::string nothing(const ProcContext&) { return {}; }

// How many files are open, and how many may be.
std::string file_nr(const ProcContext& context) {
  std::set<const File*> files;
  for (const auto& [tid, task] : context.sources.tasks.all()) {
    if (!task->files) continue;
    for (const auto& [fd, entry] : task->files->entries()) files.insert(entry.file.get());
  }
  return fmt::format("{}\t0\t9223372036854775807\n", files.size());
}

std::string osrelease(const ProcContext&) { return fmt::format("{}\n", kRelease); }

std::string breakpoint_pmu_type(const ProcContext& /*context*/) { return "5\n"; }  // PERF_TYPE_BREAKPOINT

namespace {

// As bitmap_print_to_pagebuf() does: "0,2-3".
std::string ranges(std::uint64_t mask) {
  std::string text;
  while (mask != 0) {
    const auto first = static_cast<unsigned>(std::countr_zero(mask));
    const auto count = static_cast<unsigned>(std::countr_one(mask >> first));
    if (!text.empty()) text += ',';
    text += count == 1 ? fmt::format("{}", first) : fmt::format("{}-{}", first, first + count - 1);
    if (first + count == 64) break;
    mask &= ~std::uint64_t{0} << (first + count);
  }
  return text + "\n";
}

}  // namespace

std::string cpu_list(const ProcContext& context) { return ranges(context.sources.scheduler.possible_mask()); }
std::string cpus_online(const ProcContext& context) {
  return ranges(context.sources.scheduler.online_mask());
}
std::string cpus_offline(const ProcContext& context) {
  return ranges(context.sources.scheduler.possible_mask() & ~context.sources.scheduler.online_mask());
}
std::string cpu_kernel_max(const ProcContext& /*context*/) { return "63\n"; }  // CONFIG_NR_CPUS - 1

}  // namespace trapline::kernel
