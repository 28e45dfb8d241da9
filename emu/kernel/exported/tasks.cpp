// Tasks and CPUs as kernel code sees them: current, struct task_struct, smp_processor_id().
#include <algorithm>
#include <array>
#include <vector>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/exported/task_struct.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

// preempt_count()
constexpr std::uint64_t kSoftIrq = 1u << 8;   // SOFTIRQ_OFFSET: one is served
constexpr unsigned kSoftIrqsOff = 2u << 8;    // SOFTIRQ_DISABLE_OFFSET
constexpr std::uint64_t kHardIrq = 1u << 16;  // HARDIRQ_OFFSET

std::optional<std::uint64_t> find_task(ExportedCall& call) {
  Task* const task = call.kernel.tasks().find(call.integer(0));
  return task == nullptr ? 0 : call.exported.task_struct(*task).value;
}

// An exception or interrupt comes with interrupts off; only a soft one lets others in.
bool in_exception(const ExportedCall& call) {
  const KernelCall& innermost = call.task.kernel->frames.back().call;
  return innermost.atomic() && innermost.context != KernelCall::Context::SoftInterrupt;
}
bool are_irqs_off(const ExportedCall& call) { return in_exception(call) || call.task.kernel->irqs_disabled; }

std::optional<std::uint64_t> count_preemption(ExportedCall& call, unsigned by) {
  call.task.kernel->preempt_count += by;
  return 0;
}
std::optional<std::uint64_t> uncount_preemption(ExportedCall& call, unsigned by) {
  unsigned& count = call.task.kernel->preempt_count;
  count -= std::min(count, by);
  return 0;
}

// Round its process.
std::optional<std::uint64_t> next_thread(ExportedCall& call) {
  Task* const task = call.exported.task_of(call.address(0));
  if (task == nullptr) return call.argument(0);
  const std::vector<Task*> threads(task->process->threads.begin(), task->process->threads.end());
  const auto place = std::ranges::find(threads, task);
  if (place == threads.end()) return call.argument(0);
  Task* const next = std::next(place) == threads.end() ? threads.front() : *std::next(place);
  return call.exported.task_struct(*next).value;
}

// (pid, signal)
std::optional<std::uint64_t> kill_pid(ExportedCall& call) {
  Task* const task = call.kernel.tasks().find(call.integer(0));
  const int signal = call.integer(1);
  if (task == nullptr) return error_value(ESRCH);
  if (signal < 0 || signal > isa::linux_abi::kSignals) return error_value(EINVAL);
  if (signal != 0)
    (void)call.kernel.signals().send(SigInfo(call.kernel.isa(), signal, isa::linux_abi::kSiKernel),
                                     *task->process);
  return 0;
}

constexpr std::array kTaskFunctions{
    ExportedEntry{"get_current",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return call.exported.task_struct(call.task).value;
                  }},
    ExportedEntry{"__smp_processor_id",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.cpu.index(); }},
    ExportedEntry{"preempt_count",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return preempt_count(call); }},
    // Nothing takes the CPU from kernel code as it is (CONFIG_PREEMPT_VOLUNTARY).
    ExportedEntry{
        "preempt_disable",
        [](ExportedCall& call) -> std::optional<std::uint64_t> { return count_preemption(call, 1); }},
    ExportedEntry{
        "preempt_enable",
        [](ExportedCall& call) -> std::optional<std::uint64_t> { return uncount_preemption(call, 1); }},
    ExportedEntry{"local_bh_disable",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return count_preemption(call, kSoftIrqsOff);
                  }},
    ExportedEntry{"local_bh_enable",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    return uncount_preemption(call, kSoftIrqsOff);
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
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    call.exported.hold_task(call.address(0));
                    return call.argument(0);
                  }},
    ExportedEntry{"put_task_struct",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    call.exported.let_go_of_task(call.address(0));
                    return 0;
                  }},
    // struct pid stands for its task: here they are one.
    ExportedEntry{"find_get_pid", find_task},
    ExportedEntry{"find_vpid", find_task},
    ExportedEntry{"pid_task",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"get_pid_task",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"get_task_pid",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"task_pid",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"get_pid",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> { return call.argument(0); }},
    ExportedEntry{"pid_nr",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const Task* const task = call.exported.task_of(call.address(0));
                    return task == nullptr ? 0 : static_cast<std::uint64_t>(task->tid());
                  }},
    ExportedEntry{"find_task_by_vpid", find_task},
    ExportedEntry{"next_thread", next_thread},
    ExportedEntry{"kill_pid_nr", kill_pid},
    // struct mm_struct stands for its task, as `mm` says.
    ExportedEntry{"get_task_mm",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const Task* const task = call.exported.task_of(call.address(0));
                    return task != nullptr && task->mm ? call.argument(0) : 0;
                  }},
    ExportedEntry{"mmput", [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }},
    ExportedEntry{"task_pt_regs",
                  [](ExportedCall& call) -> std::optional<std::uint64_t> {
                    const Task* const task = call.exported.task_of(call.address(0));
                    return task != nullptr && KernelCode::inside(*task)
                               ? task->kernel->frames.front().registers.value
                               : 0;
                  }},
    ExportedEntry{"put_pid", [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }},
};

}  // namespace

std::uint64_t preempt_count(const ExportedCall& call) {
  const KernelContext& context = *call.task.kernel;
  std::uint64_t count = context.preempt_count;
  for (const KernelFrame& frame : context.frames) {
    if (!frame.call.atomic()) continue;
    count += frame.call.context == KernelCall::Context::SoftInterrupt ? kSoftIrq : kHardIrq;
  }
  return count;
}

std::span<const ExportedEntry> task_functions() { return kTaskFunctions; }

GuestVa Exported::task_struct(Task& task) {
  KernelSpace& space = code_.space();
  GuestVa& at = code_.context_of(task).task_struct;
  const bool fresh = at.value == 0;
  if (fresh) at = space.kmalloc(task_fields::kSize);
  if (at.value == 0) return at;
  constexpr std::uint64_t kKernelThread = 0x200000;  // PF_KTHREAD
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
  put(task_fields::kFlags, task.is_kernel_thread ? kKernelThread : 0, 4);
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

// --- The list of all processes (init_task.tasks), as for_each_process() walks it ---

void Exported::link_task(Task& task) {
  const GuestVa self = task_struct(task);
  if (self.value == 0 || !task.leader()) return;
  KernelSpace& space = code_.space();
  const GuestVa head = init_task_ + task_fields::kTasks;
  const GuestVa link = self + task_fields::kTasks;
  const GuestVa last(space.read_word(head + 8).value_or(head.value));
  (void)space.write_word(link, head.value);
  (void)space.write_word(link + 8, last.value);
  (void)space.write_word(last, link.value);
  (void)space.write_word(head + 8, link.value);
}

void Exported::unlink_task(Task& task) {
  if (!task.kernel || task.kernel->task_struct.value == 0 || !task.leader()) return;
  KernelSpace& space = code_.space();
  const GuestVa link = task.kernel->task_struct + task_fields::kTasks;
  const auto next = space.read_word(link);
  const auto previous = space.read_word(link + 8);
  if (!next || !previous || *next == link.value) return;
  (void)space.write_word(GuestVa(*previous), *next);
  (void)space.write_word(GuestVa(*next) + 8, *previous);
  (void)space.write_word(link, link.value);
  (void)space.write_word(link + 8, link.value);
}

Task* Exported::task_of(GuestVa task_struct) const {
  if (task_struct.value == 0) return nullptr;
  const auto is_it = [task_struct](const std::shared_ptr<Task>& task) {
    return task && task->kernel && task->kernel->task_struct == task_struct;
  };
  for (const auto& [tid, task] : kernel_.tasks().all()) {
    if (is_it(task)) return task.get();
  }
  const auto& idle = kernel_.kernel_half().interrupts().idle_tasks();
  if (const auto found = std::ranges::find_if(idle, is_it); found != idle.end()) return found->get();
  const auto held = held_tasks_.find(task_struct.value);
  return held == held_tasks_.end() ? nullptr : held->second.task.get();
}

void Exported::hold_task(GuestVa task_struct) {
  Task* const task = task_of(task_struct);
  if (task == nullptr) return;
  HeldTask& held = held_tasks_[task_struct.value];
  held.task = task->shared_from_this();
  ++held.count;
}

void Exported::let_go_of_task(GuestVa task_struct) {
  const auto held = held_tasks_.find(task_struct.value);
  if (held != held_tasks_.end() && --held->second.count == 0) held_tasks_.erase(held);
}

}  // namespace trapline::kernel
