// Tasks and CPUs as kernel code sees them: current, struct task_struct, smp_processor_id().
#include <array>

#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

// struct task_struct of the headers for modules: bytes.
namespace task_fields {
constexpr std::uint64_t kSize = 128;
constexpr std::uint64_t kPid = 8;
constexpr std::uint64_t kTgid = 12;
constexpr std::uint64_t kPrio = 16;
constexpr std::uint64_t kStaticPrio = 20;
constexpr std::uint64_t kCpu = 24;
constexpr std::uint64_t kExitCode = 28;
constexpr std::uint64_t kComm = 32;
constexpr std::uint64_t kMm = 48;
constexpr std::uint64_t kRealParent = 56;
constexpr std::uint64_t kParent = 64;
constexpr std::uint64_t kGroupLeader = 72;
constexpr std::uint64_t kTasks = 80;
constexpr std::uint64_t kStartTime = 96;
constexpr std::uint64_t kStack = 120;
}  // namespace task_fields

constexpr std::uint64_t kHardIrq = 1u << 16;  // HARDIRQ_OFFSET

std::optional<std::uint64_t> find_task(ExportedCall& call) {
  Task* const task = call.kernel.tasks().find(call.integer(0));
  return task == nullptr ? 0 : call.exported.task_struct(*task).value;
}

// An exception comes with interrupts off.
bool in_exception(const ExportedCall& call) { return call.task.kernel->frames.back().call.atomic; }
bool are_irqs_off(const ExportedCall& call) { return in_exception(call) || call.task.kernel->irqs_disabled; }

constexpr std::array kTaskFunctions{
    ExportedEntry{"get_current",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return call.exported.task_struct(call.task).value;
                  }},
    ExportedEntry{"__smp_processor_id",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.cpu.index(); }},
    ExportedEntry{"preempt_count",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return call.task.kernel->preempt_count + (in_exception(call) ? kHardIrq : 0);
                  }},
    // Nothing takes the CPU from kernel code as it is (CONFIG_PREEMPT_VOLUNTARY); interrupts wait for it.
    ExportedEntry{"preempt_disable",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    ++call.task.kernel->preempt_count;
                    return 0;
                  }},
    ExportedEntry{"preempt_enable",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    unsigned& count = call.task.kernel->preempt_count;
                    if (count > 0) --count;
                    return 0;
                  }},
    ExportedEntry{"__local_irq_save",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const bool before = are_irqs_off(call);
                    call.task.kernel->irqs_disabled = true;
                    return before ? 1 : 0;
                  }},
    ExportedEntry{"__local_irq_restore",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    call.task.kernel->irqs_disabled = call.argument(0) != 0 && !in_exception(call);
                    return 0;
                  }},
    ExportedEntry{"local_irq_disable",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    call.task.kernel->irqs_disabled = true;
                    return 0;
                  }},
    ExportedEntry{"local_irq_enable",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    call.task.kernel->irqs_disabled = false;
                    return 0;
                  }},
    ExportedEntry{
        "irqs_disabled",
        [](ExportedCall& call) -> std::optional<std::uint64_t> { return are_irqs_off(call) ? 1 : 0; }},
    ExportedEntry{"get_task_struct",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"put_task_struct", [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }},
    // struct pid stands for its task: here they are one.
    ExportedEntry{"find_get_pid", find_task},
    ExportedEntry{"find_vpid", find_task},
    ExportedEntry{"pid_task",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"get_pid_task",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"put_pid", [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }},
};

}  // namespace

std::span<const ExportedEntry> task_functions() { return kTaskFunctions; }

GuestVa Exported::task_struct(Task& task) {
  KernelSpace& space = code_.space();
  GuestVa& at = code_.context_of(task).task_struct;
  const bool fresh = at.value == 0;
  if (fresh) at = space.kmalloc(task_fields::kSize);
  if (at.value == 0) return at;
  const auto put = [&](std::uint64_t offset, std::uint64_t value, std::size_t size) {
    (void)space.write_word(at + offset, value, size);
  };
  put(task_fields::kPid, static_cast<std::uint64_t>(task.tid()), 4);
  put(task_fields::kTgid, static_cast<std::uint64_t>(task.tgid()), 4);
  constexpr int kDefaultPrio = 120;
  put(task_fields::kPrio, kDefaultPrio, 4);
  put(task_fields::kStaticPrio, kDefaultPrio, 4);
  put(task_fields::kCpu, task.cpu, 4);
  put(task_fields::kExitCode, static_cast<std::uint64_t>(task.exit_status.wait_status()), 4);
  std::array<std::byte, kCommLength + 1> comm{};
  for (std::size_t i = 0; i < task.comm.size() && i < kCommLength; ++i)
    comm.at(i) = static_cast<std::byte>(task.comm[i]);
  (void)space.write(at + task_fields::kComm, comm);
  put(task_fields::kMm, task.mm ? at.value : 0, 8);
  put(task_fields::kStartTime, task.start_time, 8);
  put(task_fields::kStack, task.kernel->stack.value, 8);
  if (!fresh) return at;
  put(task_fields::kTasks, (at + task_fields::kTasks).value, 8);
  put(task_fields::kTasks + 8, (at + task_fields::kTasks).value, 8);
  Task* const leader = task.process->leader;
  put(task_fields::kGroupLeader, leader == nullptr || leader == &task ? at.value : task_struct(*leader).value,
      8);
  Process* const parent = task.process->parent;
  const GuestVa above = parent == nullptr || parent->leader == nullptr ? at : task_struct(*parent->leader);
  put(task_fields::kRealParent, above.value, 8);
  put(task_fields::kParent, above.value, 8);
  return at;
}

Task* Exported::task_of(GuestVa task_struct) const {
  if (task_struct.value == 0) return nullptr;
  for (const auto& [tid, task] : kernel_.tasks().all()) {
    if (task->kernel && task->kernel->task_struct == task_struct) return task.get();
  }
  return nullptr;
}

}  // namespace trapline::kernel
