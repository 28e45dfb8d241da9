#include "emu/kernel/fs/proc_text.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "emu/kernel/task/task.hpp"

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

std::string proc_maps(const ProcContext& context) {
  // The path of a mapping starts in this column, counted from 0.
  constexpr std::size_t kPathColumn = 73;
  std::string text;
  const Mm& mm = *context.task.mm;
  for (const auto& [start, vma] : mm.vmas()) {
    const std::string_view name = mm.name_of(vma);
    const bool from_file = vma.file || vma.object || name.starts_with('/');
    // The nameless files of shared memory have numbers in a file system of their own.
    const std::uint64_t inode = vma.object  ? vma.object->number()
                                : from_file ? context.inode_of(vma.name)
                                            : 0;
    std::string line =
        fmt::format("{:08x}-{:08x} {}{}{}{} {:08x} {:02x}:{:02x} {} ", vma.start.value, vma.end.value,
                    vma.permissions.read ? 'r' : '-', vma.permissions.write ? 'w' : '-',
                    vma.permissions.execute ? 'x' : '-', vma.shared ? 's' : 'p',
                    vma.anonymous() ? 0 : vma.file_offset, 0, from_file ? FileStatus{}.device : 0, inode);
    if (!name.empty()) {
      if (line.size() < kPathColumn) line.resize(kPathColumn, ' ');
      for (const char c : name) {
        if (c == '\n') {
          line += "\\012";  // the one character that would break the format
        } else {
          line += c;
        }
      }
    }
    text += line + '\n';
  }
  return text;
}

std::string proc_comm(const ProcContext& context) { return context.task.comm + '\n'; }

std::string proc_cmdline(const ProcContext& context) {
  std::string text;
  for (const std::string& argument : context.task.arguments) text += argument + '\0';
  return text;
}

std::string proc_cpuinfo(const ProcContext& context) {
  const bool x86 = context.isa == isa::Isa::X86_64;
  std::string text;
  for (unsigned cpu = 0; cpu < context.cpus; ++cpu) {
    const auto [name, revision] = ppc64_processor(context.unit);
    fmt::format_to(std::back_inserter(text), fmt::runtime(x86 ? kX86Cpu : kPpc64Cpu), cpu, name, revision);
  }
  if (!x86) text += kPpc64Machine;
  return text;
}

// The default since Linux 4.6 (perf_event_open(2)); root is not bound by it.
std::string perf_event_paranoid(const ProcContext&) { return "2\n"; }

std::string osrelease(const ProcContext&) { return "6.1.0\n"; }

std::string breakpoint_pmu_type(const ProcContext& /*context*/) { return "5\n"; }  // PERF_TYPE_BREAKPOINT

std::string cpu_list(const ProcContext& context) {
  return context.cpus == 1 ? "0\n" : fmt::format("0-{}\n", context.cpus - 1);
}

}  // namespace trapline::kernel
