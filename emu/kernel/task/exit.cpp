// How tasks end, and what is left of them (kernel/exit.c).
#include <algorithm>
#include <utility>

#include "emu/kernel/futex/futex.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/ptrace/ptrace.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/task/lifecycle.hpp"
#include "emu/kernel/task/process_timers.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"

namespace trapline::kernel {

Lifecycle::Lifecycle(const LifecycleUses& uses)
    : machine_(uses.scheduler.machine()),
      isa_(machine_.isa()),
      arch_(uses.arch),
      scheduler_(uses.scheduler),
      tasks_(uses.tasks),
      signals_(uses.signals),
      ptrace_(uses.ptrace),
      futexes_(uses.futexes),
      perf_(uses.perf),
      timers_(uses.timers),
      accesses_(uses.accesses) {}

using isa::linux_abi::kSigChld;
using isa::linux_abi::kSigHup;
using isa::linux_abi::kSigKill;
using isa::linux_abi::kSignals;

void Lifecycle::begin_exit(Task& task, ExitStatus status) {
  if (!task.alive()) return;
  task.exit_status = status;
  task.pending.discard(signal_bit(kSigKill));  // it has done its work
  if (task.step != Step::ExitReported) task.step = Step::Exit;
}

void Lifecycle::do_group_exit(Process& process, ExitStatus status) {
  if (process.group_exit) return;
  process.group_exit = status;
  for (Task* const thread : process.threads) {
    if (!thread->alive() || thread->step == Step::ExitReported) continue;
    thread->pending.add_bare(kSigKill);
    signals_.wake(*thread, true);
  }
}

void Lifecycle::zap_other_threads(Task& task) {
  for (Task* const thread : task.process->threads) {
    if (thread == &task || !thread->alive()) continue;
    thread->pending.add_bare(kSigKill);
    signals_.wake(*thread, true);
  }
}

void Lifecycle::complete_vfork_done(Task& task) {
  Task* const parent = tasks_.find(std::exchange(task.vfork_parent, 0));
  if (parent == nullptr) return;
  parent->call.woken = true;
  if (parent->sleeps() || parent->sched.on_rq) scheduler_.wake_up(*parent);
}

// What a task does with its old memory before it lets go of it (mm_release).
void Lifecycle::mm_release(machine::Cpu& cpu, Task& task) {
  futexes_.exit_robust_list(task);
  if (const GuestVa word = std::exchange(task.clear_child_tid, GuestVa());
      word.value != 0 && task.mm.use_count() > 1) {
    (void)task.mm->write_word(word, 0, 4);
    futexes_.wake(*task.mm, word, true, 1);
  }
  complete_vfork_done(task);
  if (task.mm.use_count() == 1) cpu.charge(task.mm->take_work() + task.mm->work_to_end());
}

void Lifecycle::do_exit(machine::Cpu& cpu, Task& task) {
  cpu.trace(
      machine::Layer::Task, "exit",
      {{"code", std::int64_t{task.exit_status.code}}, {"signal", std::int64_t{task.exit_status.signal}}});
  // An oops may have come on its way to sleep.
  task.waits_in.leave();
  task.sleep_timer.cancel();
  for (TaskListener* const listener : listeners_) listener->ends(task);
  Process& process = *task.process;
  const bool last =
      std::ranges::none_of(process.threads, [&](const Task* t) { return t != &task && t->alive(); });
  ptrace_.exit_tracer(task);
  mm_release(cpu, task);
  perf_.exit_task(task);
  task.breakpoints = {};
  scheduler_.leave(task);
  cpu.set_address_space(nullptr);
  task.registers = {};
  task.files.reset();
  task.fs.reset();
  if (&task != first_) task.mm.reset();
  if (last) {
    for (IntervalTimer& timer : process.interval_timers) timer.timer.cancel();
    timers_.delete_posix_timers(process);
    if (process.group_exit) task.exit_status = *process.group_exit;
    if (process.leader->state == TaskState::Zombie && process.group_exit)
      process.leader->exit_status = *process.group_exit;
  }
  task.state = TaskState::Zombie;
  if (signals_.take_part_in_stop(task))
    signals_.notify_parent_of_stop(*process.leader, false, Signals::kStopped);
  leave_to_other_thread(task);
  if (last) forget_original_parent(process);
  process.thread_exit.wake_all();
  exit_notify(task);
}

// The children that a thread made are those of another thread of its process now (forget_original_parent), or
// of nobody yet. They learn of its death, where they asked to.
void Lifecycle::leave_to_other_thread(const Task& task) {
  const Process& process = *task.process;
  const auto heir = std::ranges::find_if(process.threads, [](const Task* thread) { return thread->alive(); });
  for (Process* const child : process.children) {
    for (Task* const thread : child->threads) {
      if (thread->real_parent != task.tid()) continue;
      thread->real_parent = heir == process.threads.end() ? TaskTable::kInit : (*heir)->tid();
      if (thread->parent_death_signal == 0 || !thread->alive()) continue;
      (void)signals_.send(SigInfo(isa_, thread->parent_death_signal, Signals::kUser).pid(process.pid),
                          *thread);
    }
  }
}

// Children of a process that is gone are those of the next subreaper above it, or of init, which waits for
// all.
void Lifecycle::forget_original_parent(Process& process) {
  const auto thread_of = [](const Process& reaper) {
    const auto thread = std::ranges::find_if(reaper.threads, [](const Task* t) { return t->alive(); });
    return thread == reaper.threads.end() ? nullptr : *thread;
  };
  Process* heir = process.parent;
  while (heir != nullptr && !(heir->subreaper && thread_of(*heir) != nullptr)) heir = heir->parent;
  // Stopped groups that this leaves without anybody who would continue them (kill_orphaned_pgrp).
  std::vector<int> held{process.group};
  for (const Process* const child : process.children) held.push_back(child->group);
  std::ranges::sort(held);
  held.erase(std::unique(held.begin(), held.end()), held.end());
  std::erase_if(held, [this](int group) { return tasks_.orphaned(group); });
  for (Process* const child : process.children.all()) {
    if (heir == nullptr) {
      child->parent.leave();
    } else {
      child->parent.join(heir->children);
    }
    child->exit_signal = kSigChld;
    for (Task* const thread : child->threads)
      thread->real_parent = heir == nullptr ? TaskTable::kInit : thread_of(*heir)->tid();
    Task& leader = *child->leader;
    if (leader.state == TaskState::Zombie && child->alone()) reap_or_notify(leader);
  }
  for (const int group : held) {
    if (!tasks_.orphaned(group, &process)) continue;
    const auto members = tasks_.group(group);
    if (std::ranges::none_of(members, [](const Process* member) { return member->stopped; })) continue;
    for (Process* const member : members) {
      if (member == &process) continue;
      (void)signals_.send(SigInfo(isa_, kSigHup, isa::linux_abi::kSiKernel), *member);
      (void)signals_.send(SigInfo(isa_, isa::linux_abi::kSigCont, isa::linux_abi::kSiKernel), *member);
    }
  }
}

// SIGCHLD, or what else the parent wants. True: the parent does not wait for children.
bool Lifecycle::do_notify_parent(Task& task, int signal) {
  Process& process = *task.process;
  process.ended.wake_all();
  Process* const parent = task.ptrace.traced() ? task.ptrace.tracer->process.get() : process.parent;
  if (parent == nullptr) return true;
  const ExitStatus& status = task.exit_status;
  bool nobody_waits = false;
  if (signal > 0 && signal <= kSignals) {
    SigInfo info(isa_, signal, status.signal != 0 ? Signals::kKilled : Signals::kExited);
    info.child(task.tid(), 0, status.signal != 0 ? status.signal : status.code,
               scheduler_.cpu_time(process) / kClockTick, 0);
    const SignalAction& action = (*parent->leader->actions)[static_cast<std::size_t>(kSigChld)];
    bool send = true;
    if (!task.ptrace.traced() && signal == kSigChld) {
      const bool ignored = action.handler == kSigIgn;
      nobody_waits = ignored || (action.flags & kSaNoCldWait) != 0;
      if (ignored) send = false;
    }
    if (send) (void)signals_.send(info, *parent);
  }
  parent->child_exit.wake_all();
  return nobody_waits;
}

void Lifecycle::exit_notify(Task& task) {
  Process& process = *task.process;
  if (&task == first_) return;  // Kernel::advance() takes it from here
  if (task.ptrace.traced()) {
    // A tracer that is not the parent is told as every parent is.
    const bool reparented = task.ptrace.tracer->process.get() != process.parent;
    const int signal = task.leader() && process.alone() && !reparented ? process.exit_signal : kSigChld;
    if (do_notify_parent(task, signal)) release_task(task);
    return;
  }
  if (!task.leader()) {
    release_task(task);
    return;
  }
  if (process.alone()) reap_or_notify(task);
}

void Lifecycle::reap_or_notify(Task& task) {
  if (task.ptrace.traced()) return;
  if (!task.leader()) {
    release_task(task);
    return;
  }
  if (!task.process->alone()) return;
  if (do_notify_parent(task, task.process->exit_signal)) release_task(task);
}

// The thread is its process's no more. Its number may still be another's to take.
void Lifecycle::unhash_process(Task& task) {
  Process& process = *task.process;
  ptrace_.unlink(task);
  task.state = TaskState::Dead;
  process.usage_of_the_dead += scheduler_.cpu_usage(task);
  task.thread_of.leave();
  gone_.push_back(task.shared_from_this());
}

void Lifecycle::release_task(Task& task) {
  if (task.state == TaskState::Dead) return;
  Process& process = *task.process;
  unhash_process(task);
  tasks_.remove(task);
  for (TaskListener* const listener : listeners_) listener->released(task);
  if (task.leader()) {
    process.parent.leave();
    return;
  }
  process.thread_exit.wake_all();
  // The leader had been waiting to be the last.
  Task& leader = *process.leader;
  if (leader.state == TaskState::Zombie && process.alone()) {
    if (process.group_exit) leader.exit_status = *process.group_exit;
    if (&leader == first_) return;
    if (leader.ptrace.traced()) {
      if (do_notify_parent(leader, process.exit_signal)) release_task(leader);
    } else {
      reap_or_notify(leader);
    }
  }
}

// The machine goes down with its first process.
void Lifecycle::end_all() {
  for (const auto& [tid, task] : tasks_.all()) {
    if (!task->alive()) continue;
    perf_.exit_task(*task);
    task->breakpoints = {};
  }
}

}  // namespace trapline::kernel
