// What the library's schedule(), kthread.c, timer.c and smp.c stand on (scenarios/kernel/lib/gates.h): tasks
// of the kernel's own, sleeping and waking, and functions that are to run on a CPU at a point of time.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/exported/task_struct.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/timespec.hpp"

namespace trapline::kernel {

namespace {

using Value = std::optional<std::uint64_t>;

// TASK_*
constexpr std::uint64_t kRunning = 0;
constexpr std::uint64_t kInterruptible = 1;
constexpr std::uint64_t kUninterruptible = 2;
constexpr std::uint64_t kWakeKill = 0x100;

std::uint64_t state_of(const KernelSpace& space, GuestVa task_struct) {
  return space.read_word(task_struct + task_fields::kState, 4).value_or(kRunning);
}

void set_state(KernelSpace& space, GuestVa task_struct, std::uint64_t state) {
  (void)space.write_word(task_struct + task_fields::kState, state, 4);
}

// signal_pending_state()
bool signal_ends_sleep(Kernel& kernel, const Task& task, std::uint64_t state) {
  if ((state & kInterruptible) != 0) return kernel.signals().pending(task);
  return (state & kWakeKill) != 0 && kernel.signals().fatal_pending(task);
}

// schedule() and its like: entered again until it is over.
Value schedule(ExportedCall& call, const KernelSleep& wanted) {
  KernelFrame& frame = call.task.kernel->frames.back();
  const GuestVa self = call.exported.task_struct(call.task);
  if (!frame.sleep) {
    if (frame.call.atomic() || call.task.kernel->preempt_count != 0) {
      if (wanted.kind != KernelSleep::Kind::Sleep) return 0;
      call.exported.scheduling_while_atomic(call);
      if (frame.call.atomic()) return 0;
    }
    frame.sleep = wanted;
    call.task.step = Step::Schedule;
    return std::nullopt;
  }
  const std::uint64_t state = state_of(call.space(), self);
  const bool sleeps = frame.sleep->kind == KernelSleep::Kind::Sleep && state != kRunning &&
                      !frame.call.sleeps_in_call && !frame.sleep->timed_out &&
                      !signal_ends_sleep(call.kernel, call.task, state);
  if (sleeps) {
    call.task.step = Step::Schedule;
    return std::nullopt;
  }
  if (frame.sleep->kind == KernelSleep::Kind::Sleep) set_state(call.space(), self, kRunning);
  frame.sleep.reset();
  return 0;
}

// (ns): asleep until then, as task_struct::__state says
Value schedule_until(ExportedCall& call) { return schedule(call, {.until = call.argument(0)}); }
Value cond_resched(ExportedCall& call) { return schedule(call, {.kind = KernelSleep::Kind::CondResched}); }
Value yield(ExportedCall& call) { return schedule(call, {.kind = KernelSleep::Kind::Yield}); }

// try_to_wake_up(): (task, states)
Value wake_up_state(ExportedCall& call) {
  Task* const task = call.exported.task_of(call.address(0));
  if (task == nullptr || !task->alive()) return 0;
  if ((state_of(call.space(), call.address(0)) & call.argument(1)) == 0) return 0;
  set_state(call.space(), call.address(0), kRunning);
  KernelContext& context = *task->kernel;
  if (task->is_kernel_thread && !std::exchange(context.started, true))
    call.kernel.scheduler().wake_up_new(*task);
  else if (task->sleeps() && KernelCode::inside(*task) && context.frames.back().sleep)
    call.kernel.scheduler().wake_up(*task);
  return 1;
}

// (function, argument, name, cpu)
Value kernel_thread(ExportedCall& call) {
  const int cpu = call.integer(3);
  if (cpu >= static_cast<int>(call.kernel.machine().cpus())) return error_value(EINVAL);
  const unsigned first = cpu < 0 ? call.cpu.index() : static_cast<unsigned>(cpu);
  const Result<Task*> made =
      call.kernel.lifecycle().kernel_thread(call.text(2).substr(0, kCommLength), first);
  if (!made) return error_value(made.error().number);
  Task& task = **made;
  call.kernel.kernel_half().variables().task_made();
  if (cpu >= 0) {
    task.affinity = std::uint64_t{1} << first;
    task.bound_cpu = first;
  }
  const GuestVa self = call.exported.task_struct(task);
  if (self.value == 0) {
    call.kernel.lifecycle().release_task(task);
    return error_value(ENOMEM);
  }
  set_state(call.space(), self, kUninterruptible);
  call.exported.link_task(task);
  call.exported.code().call(task,
                            {.function = call.address(0),
                             .arguments = {call.argument(1)},
                             .reason = fmt::format("the kernel thread {}", task.comm),
                             .returned = [&kernel = call.kernel, &task](std::uint64_t result) {
                               kernel.lifecycle().begin_exit(task, {static_cast<std::int32_t>(result), 0});
                             }});
  return self.value;
}

// do_exit()
Value exit_task(ExportedCall& call) {
  call.exported.code().abandon(call.cpu, call.task);
  call.kernel.kernel_half().kprobes().abandon(call.cpu);
  call.kernel.lifecycle().begin_exit(call.task, {call.integer(0), 0});
  return std::nullopt;
}

// --- Interrupts ---

// (ns, cpu, soft, function, argument)
Value kernel_call_at(ExportedCall& call) {
  const auto cpu = static_cast<std::uint32_t>(call.argument(1));
  if (cpu >= call.kernel.machine().cpus()) return 0;
  call.kernel.kernel_half().interrupts().raise_at(call.argument(0), cpu,
                                                  {call.address(3), call.argument(4), call.integer(2) != 0});
  return 0;
}

Value kernel_call_cancel(ExportedCall& call) {
  return call.kernel.kernel_half().interrupts().cancel(call.address(0), call.argument(1)) ? 1 : 0;
}

// --- What a task is like ---

// (task, cpumask)
Value set_cpus_allowed(ExportedCall& call) {
  Task* const task = call.exported.task_of(call.address(0));
  const auto mask = call.space().read_word(call.address(1));
  if (task == nullptr || !mask) return error_value(EINVAL);
  const std::uint64_t allowed = *mask & call.kernel.scheduler().online_mask();
  if (allowed == 0) return error_value(EINVAL);
  // One that runs is moved once it gives its CPU up or returns.
  call.kernel.scheduler().set_affinity(*task, allowed);
  return 0;
}

Value set_user_nice(ExportedCall& call) {
  Task* const task = call.exported.task_of(call.address(0));
  if (task == nullptr) return 0;
  SchedParameters parameters = task->sched.parameters;
  parameters.nice = std::clamp(call.integer(1), kLowestNice, kHighestNice);
  call.kernel.scheduler().set_parameters(*task, parameters);
  return 0;
}

Value set_fifo(ExportedCall& call) {
  constexpr int kHalf = 50;  // MAX_RT_PRIO / 2
  Task* const task = call.exported.task_of(call.address(0));
  if (task == nullptr) return 0;
  SchedParameters parameters = task->sched.parameters;
  parameters.policy = Policy::Fifo;
  parameters.priority = kHalf;
  call.kernel.scheduler().set_parameters(*task, parameters);
  return 0;
}

Value signal_pending(ExportedCall& call) {
  const Task* const task = call.exported.task_of(call.address(0));
  return task != nullptr && call.kernel.signals().pending(*task) ? 1 : 0;
}

Value fatal_signal_pending(ExportedCall& call) {
  const Task* const task = call.exported.task_of(call.address(0));
  return task != nullptr && call.kernel.signals().fatal_pending(*task) ? 1 : 0;
}

// (signal, task, priv)
Value send_sig(ExportedCall& call) {
  Task* const task = call.exported.task_of(call.address(1));
  const int signal = call.integer(0);
  if (task == nullptr) return error_value(ESRCH);
  if (signal < 0 || signal > isa::linux_abi::kSignals) return error_value(EINVAL);
  if (signal == 0) return 0;
  (void)call.kernel.signals().send(SigInfo(call.kernel.isa(), signal, isa::linux_abi::kSiKernel), *task);
  return 0;
}

// A kernel thread takes that signal, which then pends until flush_signals().
Value allow_signal(ExportedCall& call) {
  const int signal = call.integer(0);
  constexpr std::uint64_t kSigKthread = 2;  // SIG_KTHREAD
  if (signal < 1 || signal > isa::linux_abi::kSignals) return 0;
  (*call.task.actions)[static_cast<std::size_t>(signal)].handler = kSigKthread;
  return 0;
}

Value flush_signals(ExportedCall& call) {
  if (Task* const task = call.exported.task_of(call.address(0))) {
    task->pending.discard(~SignalSet{0});
    task->process->pending.discard(~SignalSet{0});
  }
  return 0;
}

constexpr std::array kThreadFunctions{
    ExportedEntry{"__schedule_until", schedule_until},
    ExportedEntry{"__cond_resched", cond_resched},
    ExportedEntry{"yield", yield},
    ExportedEntry{"wake_up_state", wake_up_state},
    ExportedEntry{"__kernel_thread", kernel_thread},
    ExportedEntry{"__exit_task", exit_task},
    ExportedEntry{"__kernel_call_at", kernel_call_at},
    ExportedEntry{"__kernel_call_cancel", kernel_call_cancel},
    ExportedEntry{"ktime_get_ns", [](ExportedCall& call) -> Value { return call.cpu.clock(); }},
    ExportedEntry{"ktime_get", [](ExportedCall& call) -> Value { return call.cpu.clock(); }},
    ExportedEntry{"ktime_get_boottime", [](ExportedCall& call) -> Value { return call.cpu.clock(); }},
    ExportedEntry{"sched_clock", [](ExportedCall& call) -> Value { return call.cpu.clock(); }},
    ExportedEntry{"ktime_get_real_ns",
                  [](ExportedCall& call) -> Value { return kWallClockStart + call.cpu.clock(); }},
    ExportedEntry{"ktime_get_real",
                  [](ExportedCall& call) -> Value { return kWallClockStart + call.cpu.clock(); }},
    ExportedEntry{"set_cpus_allowed_ptr", set_cpus_allowed},
    ExportedEntry{"set_user_nice", set_user_nice},
    ExportedEntry{"sched_set_fifo", set_fifo},
    ExportedEntry{"signal_pending", signal_pending},
    ExportedEntry{"fatal_signal_pending", fatal_signal_pending},
    ExportedEntry{"send_sig", send_sig},
    ExportedEntry{"allow_signal", allow_signal},
    ExportedEntry{"flush_signals", flush_signals},
};

}  // namespace

std::span<const ExportedEntry> thread_functions() { return kThreadFunctions; }

// --- The scheduler's side ---

bool KernelHalf::sleeps_in_schedule(const machine::Cpu& cpu, Task& task) {
  const bool interruptible = task.state == TaskState::Interruptible;
  if ((!interruptible && task.state != TaskState::Killable) || !schedule_is_watched(cpu)) return false;
  set_state(code_.space(), exported_.task_struct(task),
            interruptible ? kInterruptible : kUninterruptible | kWakeKill);
  // Who wakes it up before it sleeps takes it out of there.
  task.waits_in.enter(task.kernel->sleeping);
  task.state = TaskState::Running;
  code_.call(task, {.function = schedule_.function, .reason = "schedule()", .sleeps_in_call = true});
  return true;
}

bool KernelHalf::makes_way_in_schedule(const machine::Cpu& cpu, Task& task) {
  if (!schedule_is_watched(cpu)) return false;
  set_state(code_.space(), exported_.task_struct(task), kRunning);
  code_.call(task, {.function = schedule_.function, .reason = "schedule()"});
  return true;
}

void KernelHalf::schedule(machine::Cpu& cpu, Task& task) {
  KernelSleep& sleep = *task.kernel->frames.back().sleep;
  if (sleep.kind == KernelSleep::Kind::Yield) return kernel_.scheduler().yield(task);
  const std::uint64_t state = state_of(code_.space(), task.kernel->task_struct);
  if (sleep.kind == KernelSleep::Kind::CondResched || state == kRunning) {
    (void)kernel_.scheduler().preempt(cpu.index());
    return;
  }
  const bool in_call = task.kernel->frames.back().call.sleeps_in_call;
  if (signal_ends_sleep(kernel_, task, state) || (in_call && task.kernel->sleeping.empty())) {
    // The system call looks again what it waited for.
    task.waits_in.leave();
    task.sleep_timer.cancel();
    return;
  }
  if (sleep.until <= kernel_.scheduler().now()) {
    sleep.timed_out = true;
    return;
  }
  task.state = (state & kInterruptible) != 0 ? TaskState::Interruptible : TaskState::Killable;
  if (sleep.until != ~std::uint64_t{0}) {
    task.sleep_timer = kernel_.timers().set(sleep.until, [this, &task, &sleep] {
      sleep.timed_out = true;
      kernel_.scheduler().wake_up(task);
    });
  }
  kernel_.scheduler().leave(task);
}

}  // namespace trapline::kernel
