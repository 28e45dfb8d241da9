// What the library's cpu.c and reboot.c stand on (scenarios/kernel/lib/gates.h).
#include <array>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

using Value = std::optional<std::uint64_t>;

unsigned cpu_argument(const ExportedCall& call) { return static_cast<unsigned>(call.argument(0)); }

constexpr std::array kHotplugFunctions{
    ExportedEntry{"__cpu_hotpluggable",
                  [](ExportedCall& call) -> Value {
                    return call.kernel.cpu_hotplug().hotpluggable(cpu_argument(call)) ? 1 : 0;
                  }},
    // (cpu, online)
    ExportedEntry{"__perf_event_cpu",
                  [](ExportedCall& call) -> Value {
                    if ((call.argument(1) & 1) != 0)
                      call.kernel.cpu_hotplug().perf_init(cpu_argument(call));
                    else
                      call.kernel.cpu_hotplug().perf_exit(cpu_argument(call));
                    return 0;
                  }},
    ExportedEntry{"__take_cpu_down",
                  [](ExportedCall& call) -> Value {
                    call.kernel.cpu_hotplug().take_cpu_down(cpu_argument(call), &call.task);
                    call.kernel.kernel_half().interrupts().leave_cpu(cpu_argument(call));
                    return 0;
                  }},
    ExportedEntry{"__machine_stop",
                  [](ExportedCall& call) -> Value {
                    call.kernel.power_off();
                    return std::nullopt;
                  }},
    ExportedEntry{
        "__kexec_loaded",
        [](ExportedCall& call) -> Value { return call.kernel.kernel_half().kexec().loaded() ? 1 : 0; }},
    ExportedEntry{"__machine_kexec",
                  [](ExportedCall& call) -> Value {
                    const Status started = call.kernel.kernel_half().kexec().start(call.cpu, call.task);
                    if (!started) return error_value(started.error().number);
                    return std::nullopt;
                  }},
    ExportedEntry{"__bringup_cpu",
                  [](ExportedCall& call) -> Value {
                    call.kernel.cpu_hotplug().bringup_cpu(cpu_argument(call));
                    return 0;
                  }},
};

}  // namespace

std::span<const ExportedEntry> hotplug_functions() { return kHotplugFunctions; }

}  // namespace trapline::kernel
