#include "emu/kernel/fs/cpu_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <optional>
#include <string>

#include "emu/kernel/task/cpu_hotplug.hpp"
#include "emu/kernel/task/scheduler.hpp"

namespace trapline::kernel {

namespace {

// kstrtobool()
std::optional<bool> truth(std::span<const std::byte> bytes) {
  const auto at = [bytes](std::size_t n) {
    return n < bytes.size() ? std::to_integer<char>(bytes[n]) : '\0';
  };
  switch (at(0)) {
    case 'y':
    case 'Y':
    case '1':
      return true;
    case 'n':
    case 'N':
    case '0':
      return false;
    case 'o':
    case 'O':
      if (at(1) == 'n' || at(1) == 'N') return true;
      if (at(1) == 'f' || at(1) == 'F') return false;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

void add_cpu_files(MadeFiles& files, const CpuHotplug& hotplug, Scheduler& scheduler, unsigned cpus,
                   const SwitchCpu& switch_cpu) {
  for (unsigned cpu = 0; cpu < cpus; ++cpu) {
    if (!hotplug.hotpluggable(cpu)) continue;
    const auto make = [&scheduler, cpu] { return std::string(scheduler.online(cpu) ? "1\n" : "0\n"); };
    const auto store = [cpu, switch_cpu](std::span<const std::byte> bytes) -> SyscallResult {
      const auto online = truth(bytes);
      if (!online) return Error{EINVAL};
      const SyscallResult done = switch_cpu(cpu, *online);
      return done ? SyscallResult(bytes.size()) : done;
    };
    (void)files.add(fmt::format("/sys/devices/system/cpu/cpu{}/online", cpu),
                    {.content = MadeText{make, store}, .permissions = 0644});
  }
}

}  // namespace trapline::kernel
