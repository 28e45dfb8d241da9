// All that the perf core and the breakpoint PMU need around them, and nothing else: CPUs with clocks, a
// scheduler, tasks that run nothing, and an instruction set whose registers are numbers.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/perf/software.hpp"
#include "emu/kernel/task/context_switch.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "emu/kernel/task/timers.hpp"

namespace trapline::kernel::testing {

// Four registers a CPU; an address of zero is refused by the hardware when it is to go in.
class FourRegisters final : public PerfArch, public HwBreakpointArch {
 public:
  explicit FourRegisters(unsigned cpus) : registers(cpus) {}

  std::uint64_t perf_reg_mask() const override { return 0; }
  std::size_t perf_regs(machine::Cpu& /*cpu*/, const ThreadArch& /*thread*/, std::uint64_t /*mask*/,
                        std::span<std::uint64_t> /*out*/) const override {
    return 0;
  }
  void perf_callchain_user(machine::Cpu& /*cpu*/, const Mm& /*mm*/, PerfCallchain& /*chain*/) const override {
  }
  isa::GuestVa stack_pointer(machine::Cpu& /*cpu*/) const override { return {}; }

  Result<ArchHwBreakpoint> hw_breakpoint_arch_parse(const PerfEventAttr& attr) const override {
    if (attr.bp_len == 0) return Error{EINVAL};
    return ArchHwBreakpoint{.address = attr.bp_addr, .len = attr.bp_len};
  }
  bool arch_check_bp_in_kernelspace(const ArchHwBreakpoint& /*hw*/) const override { return false; }
  Status arch_install_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    auto& on = registers[cpu.index()];
    if (event.attr.bp_addr.value == 0 || on.size() == 4) return Error{EBUSY};
    on.push_back(&event);
    return Done{};
  }
  void arch_uninstall_hw_breakpoint(PerfEvent& event, machine::Cpu& cpu) override {
    std::erase(registers[cpu.index()], &event);
  }

  std::vector<std::vector<PerfEvent*>> registers;
};

class World final : private PerfUpcalls {
 public:
  explicit World(unsigned cpus = 2, bool share_slots = false)
      : machine(spec(cpus)),
        arch(cpus),
        switches(perf, software),
        scheduler(machine, switches, {}),
        perf({scheduler, timers, tasks, arch, *this}),
        software(perf, scheduler, timers),
        breakpoints(perf, arch, 4, share_slots) {}

  // A process of one thread, which wants a CPU.
  Task& make_task() {
    auto made = std::make_shared<Task>(*tasks.allocate(), "task", machine.memory());
    made->scheduler = &scheduler;
    Task& task = tasks.add(std::move(made));
    scheduler.wake_up_new(task);
    return task;
  }
  // The next task comes to its CPU.
  Task& run_next() { return *scheduler.take_turn(*scheduler.next()); }
  // The task has its CPU for so long.
  static void pass(machine::Cpu& cpu, std::uint64_t nanoseconds) { cpu.charge(nanoseconds); }
  machine::Cpu& cpu(unsigned index = 0) { return machine.cpu(index); }
  // Timers that are due by now.
  void fire_due() {
    while (timers.next() && *timers.next() <= cpu().clock()) {
      scheduler.enter_timer(*timers.next());
      timers.fire();
    }
    scheduler.enter_cpu(0);
  }

  PerfEventRef open(const PerfEventAttr& attr, Task* task, int cpu = -1, PerfEvent* group = nullptr,
                    PerfEvent::OverflowHandler handler = {}) {
    PerfCore::Request request{attr, task, cpu, group, std::move(handler)};
    auto made = perf.open(request);
    return made ? std::move(*made) : PerfEventRef{};
  }
  // `times` hits of an event, where its task runs.
  void hit(PerfEvent& event, std::uint64_t times = 1) {
    BreakpointHit hit{{.cpu = cpu(event.on_cpu), .task = event.task, .ip = isa::GuestVa(0x1000)}};
    perf.swevent(event, times, hit);
  }

  static PerfEventAttr watch(std::uint64_t address, std::uint64_t period = 0) {
    PerfEventAttr attr;
    attr.type = kPerfTypeBreakpoint;
    attr.bp_addr = isa::GuestVa(address);
    attr.bp_len = 4;
    attr.bp_type = kHwBreakpointW;
    attr.sample_period = period;
    return attr;
  }

  machine::Machine machine;
  Timers timers;
  TaskTable tasks;
  FourRegisters arch;
  ContextSwitch switches;
  Scheduler scheduler;
  PerfCore perf;
  SoftwareEvents software;
  HwBreakpoints breakpoints;
  std::vector<std::pair<int, int>> traps;  // whom a SIGTRAP was sent to, and its si_code

 private:
  static machine::MachineSpec spec(unsigned cpus) {
    machine::MachineSpec spec = machine::MachineSpec::defaults(isa::Isa::X86_64);
    spec.cpus = cpus;
    spec.memory = 1u << 20;
    return spec;
  }

  void send_sigtrap(const SigInfo& info, Task& task) override { traps.emplace_back(task.tid(), info.code()); }
  void send_sigio(const File& /*file*/, PollReason /*reason*/) override {}
  std::vector<isa::GuestVa> kernel_callers(machine::Cpu& /*cpu*/, const Task& /*task*/,
                                           std::size_t /*most*/) override {
    return {};
  }
  machine::CpuState* user_registers(const Task& /*task*/) override { return nullptr; }
  std::uint64_t inode_of(Task& /*task*/, const std::string& /*path*/) override { return 0; }
};

}  // namespace trapline::kernel::testing
