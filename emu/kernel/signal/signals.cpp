#include "emu/kernel/signal/signals.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/costs.hpp"
#include "emu/kernel/ptrace/ptrace.hpp"
#include "emu/kernel/task/lifecycle.hpp"
#include "emu/kernel/task/process_timers.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals

constexpr SignalSet kStops =
    signal_bit(kSigStop) | signal_bit(kSigTstp) | signal_bit(kSigTtin) | signal_bit(kSigTtou);
// Faults of the task itself, which it cannot pass: they come first (SYNCHRONOUS_MASK).
constexpr SignalSet kSynchronous = signal_bit(kSigSegv) | signal_bit(kSigBus) | signal_bit(kSigIll) |
                                   signal_bit(kSigTrap) | signal_bit(kSigFpe) | signal_bit(kSigSys);
constexpr SignalSet kIgnoredByDefault =
    signal_bit(kSigChld) | signal_bit(kSigCont) | signal_bit(kSigUrg) | signal_bit(kSigWinch);
constexpr int kFirstRealTime = 32;

bool in(SignalSet set, int signal) { return (set & signal_bit(signal)) != 0; }

const SignalAction& action_of(const Task& task, int signal) {
  return (*task.actions)[static_cast<std::size_t>(signal)];
}

}  // namespace

Signals::Signals(const SignalUses& uses)
    : isa_(uses.scheduler.machine().isa()),
      arch_(uses.arch),
      scheduler_(uses.scheduler),
      tasks_(uses.tasks),
      ptrace_(uses.ptrace),
      timers_(uses.timers),
      lifecycle_(uses.lifecycle) {}

// --- Sending
// -----------------------------------------------------------------------------------------------------

bool Signals::ignored(const Task& task, int signal) const {
  // A blocked signal may have another action by the time it is unblocked, and a tracer wants to see all.
  if (in(task.blocked, signal)) return false;
  if (task.ptrace.traced() && signal != kSigKill) return false;
  const std::uint64_t handler = action_of(task, signal).handler;
  return handler == kSigIgn || (handler == kSigDfl && in(kIgnoredByDefault, signal));
}

void Signals::discard(Process& process, SignalSet signals) {
  process.pending.discard(signals);
  for (Task* const thread : process.threads) thread->pending.discard(signals);
}

// What a signal does by being sent. False: nothing else comes of it.
bool Signals::prepare(Task& target, int signal, bool force) {
  Process& process = *target.process;
  if (process.group_exit) return false;
  if (in(kStops, signal)) {
    discard(process, signal_bit(kSigCont));
  } else if (signal == kSigCont) {
    discard(process, kStops);
    for (Task* const thread : process.threads) {
      thread->job_control.stop_pending = 0;
      thread->job_control.consume = false;
      thread->job_control.stop_dequeued = false;
      if (!thread->ptrace.seized) {
        if (thread->state == TaskState::Stopped) scheduler_.wake_up(*thread);
      } else {
        ptrace_.notify_trap(*thread);
      }
    }
    const int why = process.stopped ? kContinued : process.stops_awaited != 0 ? kStopped : 0;
    if (why != 0) {
      process.stopped = false;
      process.continued = true;
      process.stops_awaited = 0;
      process.stop_signal = 0;
      process.child_notice = why;
    }
  }
  return force || !ignored(target, signal);
}

Status Signals::send(const SigInfo& info, Task& target, SignalShare share) {
  return send(info, target, Scope::Thread, false, std::move(share));
}
Status Signals::send(const SigInfo& info, Process& target, SignalShare share) {
  return send(info, *target.leader, Scope::Process, false, std::move(share));
}

SignalShare Signals::share(const Process& process) const {
  const auto used = static_cast<std::uint64_t>(user_.use_count() - 1);
  if (used >= process.limits[Resource::PendingSignals].soft) return nullptr;
  return std::make_shared<std::shared_ptr<const char>>(user_);
}

Status Signals::send(const SigInfo& info, Task& target, Scope scope, bool force, SignalShare share) {
  const int signal = info.signal();
  if (target.state == TaskState::Dead || (scope == Scope::Thread && !target.alive())) return Done{};
  if (!prepare(target, signal, force)) return Done{};
  Process& process = *target.process;
  PendingSignals& pending = scope == Scope::Thread ? target.pending : process.pending;
  if (signal < kFirstRealTime && pending.holds(signal)) return Done{};
  if (!share) share = this->share(process);
  // Of standard signals by kill(2) and from the kernel there is always what is known of them.
  const bool beyond_limit = signal < kFirstRealTime && info.code() >= 0;
  if (share || beyond_limit) {
    pending.add(info, std::move(share));
  } else {
    // Linux loses what is known of a signal that kill(2) sent, and refuses one that was queued.
    if (signal >= kFirstRealTime && info.code() != kUser) return Error{EAGAIN};
    pending.add_bare(signal);
  }
  process.signal_arrivals.wake_all();
  complete(target, signal, scope);
  return Done{};
}

// Finds the thread that takes the signal, and wakes it.
void Signals::complete(Task& target, int signal, Scope scope) {
  const auto takes = [&](const Task& task) {
    if (in(task.blocked & ~task.awaited, signal) || !task.alive()) return false;
    return signal == kSigKill || (task.state != TaskState::Stopped && task.state != TaskState::Traced);
  };
  Process& process = *target.process;
  Task* chosen = takes(target) ? &target : nullptr;
  if (chosen == nullptr && scope == Scope::Process) {
    const auto thread = std::ranges::find_if(process.threads, [&](const Task* t) { return takes(*t); });
    if (thread != process.threads.end()) chosen = *thread;
  }
  if (chosen == nullptr) return;
  const std::uint64_t handler = action_of(target, signal).handler;
  const bool deadly =
      handler == kSigDfl && !in(chosen->blocked, signal) && !in(kIgnoredByDefault | kStops, signal);
  if (signal == kSigKill || (deadly && !chosen->ptrace.traced() && !isa::linux_abi::dumps_core(signal))) {
    lifecycle_.do_group_exit(process, {0, signal});
    return;
  }
  wake(*chosen, signal == kSigKill);
}

// signal_wake_up: a sleep ends, that of a stopped task only for a deadly signal.
void Signals::wake(Task& task, bool fatal) {
  switch (task.state) {
    case TaskState::Interruptible:
      scheduler_.wake_up(task);
      break;
    case TaskState::Killable:
    case TaskState::Stopped:
    case TaskState::Traced:
      if (fatal) scheduler_.wake_up(task);
      break;
    default:
      break;
  }
}

void Signals::force_sig_fault(Task& task, const SignalInfo& info) {
  if (machine::Cpu* const cpu = scheduler_.cpu_of(task)) {
    cpu->trace(machine::Layer::FrontEnd, "force_sig_fault",
               {{"signal", std::string(isa::linux_abi::name(info.signal))},
                {"code", std::int64_t{info.code}},
                {"address", machine::Hex{info.address.value}}});
  }
  force(task, SigInfo(isa_, info.signal, info.code).address(info.address));
}

void Signals::force(Task& task, const SigInfo& info) {
  const int signal = info.signal();
  SignalAction& action = (*task.actions)[static_cast<std::size_t>(signal)];
  if (in(task.blocked, signal) || action.handler == kSigIgn) {
    action.handler = kSigDfl;
    task.blocked &= ~signal_bit(signal);
  }
  (void)send(info, task, Scope::Thread, true, nullptr);
}

void Signals::force_fatal(Task& task, int signal) {
  (*task.actions)[static_cast<std::size_t>(signal)].handler = kSigDfl;
  force(task, SigInfo(isa_, signal, kSiKernel));
}

bool Signals::fatal_pending(const Task& task) const { return task.pending.holds(kSigKill); }

bool Signals::pending(const Task& task) const {
  const SignalSet set = task.pending.set() | task.process->pending.set();
  return (set & ~task.blocked) != 0 || task.job_control.any() || fatal_pending(task);
}

void Signals::set_blocked(Task& task, SignalSet blocked) {
  task.blocked = blocked & ~kUnblockable;
  // What the process got and this thread does not take any more, another one may.
  const SignalSet waiting = task.process->pending.set();
  if (waiting == 0) return;
  for (Task* const thread : task.process->threads) {
    if (thread != &task && (waiting & ~thread->blocked) != 0) wake(*thread, false);
  }
}

std::optional<Signals::Dequeued> Signals::dequeue(Task& task, SignalSet blocked) {
  for (PendingSignals* const pending : {&task.pending, &task.process->pending}) {
    const SignalSet set = pending->set() & ~blocked;
    if (set == 0) continue;
    const SignalSet first = (set & kSynchronous) != 0 ? set & kSynchronous : set;
    const int signal = std::countr_zero(first) + 1;
    // collect_signal() goes through all of them, to see whether another one of the signal stays.
    scheduler_.spend(costs::beyond_free(pending->queued()) * costs::kEach);
    SigInfo info = pending->take(isa_, signal);
    if (in(kStops, signal)) task.job_control.stop_dequeued = true;
    if (signal == kSigAlrm && pending == &task.process->pending) timers_.restart_real_timer(*task.process);
    if (info.code() == kTimer) timers_.posix_timer_delivered(*task.process, info);
    return Dequeued{.info = info, .of_process = pending == &task.process->pending};
  }
  return std::nullopt;
}

// --- Job control
// -----------------------------------------------------------------------------------------------------

bool Signals::set_stop_pending(Task& task, int signal, bool consume) const {
  if (!task.alive() || fatal_pending(task)) return false;
  task.job_control.stop_pending = signal;
  task.job_control.stop_signal = signal;
  task.job_control.consume = consume;
  return true;
}

// The parent may run in a stopped process: a tracer can let it go on.
void Signals::join_group_stop(const Task& parent, Task& thread) const {
  Process& process = *thread.process;
  const bool under_way = process.stops_awaited != 0;
  if (!under_way && !process.stopped) return;
  const int signal = parent.job_control.stop_signal;
  if (set_stop_pending(thread, signal != 0 ? signal : kSigStop, under_way) && under_way)
    ++process.stops_awaited;
}

// True: the task was the last to stop, so the process is stopped now.
bool Signals::take_part_in_stop(Task& task) {
  Process& process = *task.process;
  const bool counts = task.job_control.consume;
  task.job_control.stop_pending = 0;
  task.job_control.consume = false;
  if (!counts) return false;
  if (process.stops_awaited != 0) --process.stops_awaited;
  if (process.stops_awaited != 0 || process.stopped) return false;
  process.stopped = true;
  process.continued = false;
  process.child_notice = 0;
  return true;
}

// do_signal_stop(): true where the task is stopped now. A traced one will report the stop to its tracer
// instead.
bool Signals::stop(Task& task, int signal) {
  Process& process = *task.process;
  if (task.job_control.stop_pending == 0) {
    if (!task.job_control.stop_dequeued || process.group_exit || process.executing) return false;
    if (!process.stopped) process.stop_signal = signal;
    process.stops_awaited = 0;
    const bool running = !process.stopped;
    if (set_stop_pending(task, signal, running) && running) ++process.stops_awaited;
    for (Task* const thread : process.threads) {
      if (thread == &task || thread->state == TaskState::Stopped) continue;
      if (!set_stop_pending(*thread, signal, running)) continue;
      if (running) ++process.stops_awaited;
      if (thread->ptrace.seized) {
        ptrace_.notify_trap(*thread);
      } else {
        wake(*thread, false);
      }
    }
  }
  if (task.ptrace.traced()) {
    task.job_control.trap_stop = true;
    return false;
  }
  const bool last = take_part_in_stop(task);
  task.state = TaskState::Stopped;
  scheduler_.leave(task);
  if (last) notify_parent_of_stop(task, false, kStopped);
  return true;
}

void Signals::notify_parent_of_stop(Task& task, bool for_tracer, int why) {
  Process& process = *task.process;
  Process* const parent = for_tracer ? task.ptrace.tracer->process.get() : process.parent;
  if (parent == nullptr) return;
  int status = 0;
  switch (why) {
    case kContinued:
      status = kSigCont;
      break;
    case kStopped:
      status = process.stop_signal & 0x7f;
      break;
    default:
      status = task.ptrace.exit_code & 0x7f;
  }
  SigInfo info(isa_, kSigChld, why);
  info.child(for_tracer ? task.tid() : process.pid, 0, status, 0, 0);
  const SignalAction& action = action_of(*parent->leader, kSigChld);
  if (action.handler != kSigIgn && (action.flags & kSaNoCldStop) == 0) (void)send(info, *parent);
  parent->child_exit.wake_all();
}

// SIGCONT found the process stopped, or on its way there: the parent hears of it when the process next runs.
void Signals::give_child_notice(Task& task) {
  Process& process = *task.process;
  const int why = std::exchange(process.child_notice, 0);
  if (why == 0 || process.group_exit) return;
  notify_parent_of_stop(task, false, why);
  const PtraceState& leader = process.leader->ptrace;
  if (leader.traced() && leader.tracer->process.get() != process.parent)
    notify_parent_of_stop(*process.leader, true, why);
}

// --- Delivery
// -----------------------------------------------------------------------------------------------------

// The next signal with a handler; or nothing; or the task goes away, stopped or to its end.
Signals::Outcome Signals::get(machine::Cpu& cpu, Task& task, std::optional<Ready>& ready) {
  for (;;) {
    if (fatal_pending(task)) {
      // Whom another thread's execve(2) ends, nobody has killed.
      const ExitStatus alone = task.process->executing ? ExitStatus{} : ExitStatus{0, kSigKill};
      lifecycle_.begin_exit(task, task.process->group_exit.value_or(alone));
      return Outcome::Away;
    }
    std::optional<SigInfo> info;
    if (task.ptrace.reporting_signal) {
      info = ptrace_.signal_after_stop(task);
      if (!info) continue;
    } else {
      if (task.job_control.stop_pending != 0 && stop(task, 0)) return Outcome::Away;
      if (task.job_control.trap_stop || task.job_control.trap_notify) {
        if (ptrace_.job_control_trap(task)) return Outcome::Away;
        continue;
      }
      if (task.job_control.stop_pending != 0) continue;
      const auto dequeued = dequeue(task, task.blocked);
      if (!dequeued) return Outcome::None;
      info = dequeued->info;
      if (task.ptrace.traced() && info->signal() != kSigKill) {
        ptrace_.stop_for_signal(task, *info, dequeued->of_process);
        return Outcome::Away;
      }
    }
    const int signal = info->signal();
    SignalAction& action = (*task.actions)[static_cast<std::size_t>(signal)];
    if (action.handler == kSigIgn) continue;
    if (action.handler != kSigDfl) {
      ready.emplace(Ready{*info, action});
      if ((action.flags & kSaResetHand) != 0) action.handler = kSigDfl;
      return Outcome::Ready;
    }
    if (in(kIgnoredByDefault, signal)) continue;
    if (in(kStops, signal)) {
      if (signal != kSigStop && tasks_.orphaned(task.process->group)) continue;
      if (stop(task, signal)) return Outcome::Away;
      continue;
    }
    cpu.trace(machine::Layer::Task, "fatal signal", {{"signal", std::string(isa::linux_abi::name(signal))}});
    if (fatal_) fatal_(task, *info);
    lifecycle_.do_group_exit(*task.process, {0, signal});
    lifecycle_.begin_exit(task, *task.process->group_exit);
    return Outcome::Away;
  }
}

void Signals::run_handler(machine::Cpu& cpu, Task& task, const Ready& ready) {
  if (const int error = arch_.interrupted_call(cpu, task.arch); error != 0) {
    const bool restart =
        error == kErestartNoIntr || (error == kErestartSys && (ready.action.flags & kSaRestart) != 0);
    if (restart) {
      arch_.restart_call(cpu, task.arch, false);
    } else {
      arch_.set_syscall_result(cpu, Error{EINTR});
    }
  }
  arch_.no_more_restart(task.arch);
  // The tracer sees the handler's first instruction, and its frame without the flag of the step.
  const bool stepping = task.arch.user_single_step;
  if (stepping) ptrace_.disable_single_step(task);

  arch_.thread_change_pc(cpu, task);
  const SignalSet mask = task.saved_mask.value_or(task.blocked);
  task.saved_mask.reset();
  const int signal = ready.info.signal();
  const SignalDelivery delivery{ready.info, ready.action, mask, task.alternate_stack};
  if (!arch_.setup_rt_frame(cpu, *task.mm, task.arch, delivery)) {
    if (signal == kSigSegv) {
      force_fatal(task, kSigSegv);
    } else {
      force(task, SigInfo(isa_, kSigSegv, kSiKernel));
    }
    return;
  }
  if ((task.alternate_stack.flags & AlternateStack::kAutoDisarm) != 0) task.alternate_stack = {};
  SignalSet blocked = task.blocked | ready.action.mask;
  if ((ready.action.flags & kSaNoDefer) == 0) blocked |= signal_bit(signal);
  set_blocked(task, blocked);
  cpu.trace(machine::Layer::Task, "signal handler",
            {{"signal", std::uint64_t(signal)}, {"handler", machine::Hex{ready.action.handler}}});
  if (stepping) ptrace_.notify(task, kSigTrap, 0);
}

bool Signals::deliver(machine::Cpu& cpu, Task& task) {
  for (;;) {
    give_child_notice(task);
    if (!pending(task) && !task.ptrace.reporting_signal) break;
    std::optional<Ready> ready;
    switch (get(cpu, task, ready)) {
      case Outcome::Away:
        return false;
      case Outcome::Ready:
        run_handler(cpu, task, *ready);
        if (task.state != TaskState::Running) return false;
        continue;
      case Outcome::None:
        break;
    }
    break;
  }
  if (const int error = arch_.interrupted_call(cpu, task.arch); error != 0) {
    arch_.restart_call(cpu, task.arch, error == kErestartRestartBlock);
  }
  arch_.no_more_restart(task.arch);
  if (task.saved_mask) {
    set_blocked(task, *task.saved_mask);
    task.saved_mask.reset();
    if (pending(task)) return deliver(cpu, task);
  }
  return true;
}

}  // namespace trapline::kernel
