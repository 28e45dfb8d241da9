// clone(2) and its kin (kernel/fork.c).
#include <algorithm>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/task/lifecycle.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/clone.hpp"

namespace trapline::kernel {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): CLONE_*

namespace {

Status check_flags(std::uint64_t flags) {
  const auto has = [flags](std::uint64_t bit) { return (flags & bit) != 0; };
  if ((flags & (kCloneNewNs | kCloneFs)) == (kCloneNewNs | kCloneFs)) return Error{EINVAL};
  if (has(kCloneThread) && !has(kCloneSigHand)) return Error{EINVAL};
  if (has(kCloneSigHand) && !has(kCloneVm)) return Error{EINVAL};
  if (has(kCloneSigHand) && has(kCloneClearSigHand)) return Error{EINVAL};
  // There is but one namespace of each kind.
  if (has(kCloneNamespaces)) return Error{EPERM};
  return Done{};
}

}  // namespace

Result<Task*> Lifecycle::copy_process(Task& parent, machine::Cpu& cpu, const CloneRequest& request) {
  const std::uint64_t flags = request.flags;
  const auto has = [flags](std::uint64_t bit) { return (flags & bit) != 0; };
  if (const Status valid = check_flags(flags); !valid) return valid.error();
  // A signal that came before the child exists is for the parent alone, which handles it first.
  if (signals_.pending(parent)) return Error{kErestartNoIntr};
  Result<int> tid = Error{EAGAIN};
  if (request.wanted_tid) {
    if (*request.wanted_tid < 1 || *request.wanted_tid >= tasks_.pid_max()) return Error{EINVAL};
    if (tasks_.find(*request.wanted_tid) != nullptr) return Error{EEXIST};
    tid = *request.wanted_tid;
  } else {
    tid = tasks_.allocate();
  }
  if (!tid) return tid.error();

  if (!machine_.memory().can_charge(Task::kFootprint)) return Error{ENOMEM};
  if (!has(kCloneFiles) && !parent.files->can_copy()) return Error{ENOMEM};
  std::shared_ptr<Mm> mm = parent.mm;
  if (!has(kCloneVm)) {
    // Some memory stays free for the pages that parent and child will write to, so that it is fork(2) that
    // fails and not they that are killed.
    constexpr std::uint64_t kKeptFree = 16;
    const bool room = machine_.memory().can_charge(Task::kFootprint + machine_.memory().size() / kKeptFree);
    if (room) mm = parent.mm->fork();
    if (!room || mm == nullptr) return Error{ENOMEM};
  }

  std::shared_ptr<Task> made;
  if (has(kCloneThread)) {
    made = std::make_shared<Task>(*tid, parent.comm, machine_.memory(), parent.process);
  } else {
    made = std::make_shared<Task>(*tid, parent.comm, machine_.memory());
    Process& process = *made->process;
    const Process& old = *parent.process;
    process.group = old.group;
    process.session = old.session;
    process.limits = old.limits;
    process.exit_signal = has(kCloneParent) ? old.exit_signal : request.exit_signal;
    if (Process* const its = has(kCloneParent) ? old.parent.get() : parent.process.get(); its != nullptr)
      process.parent.join(its->children);
  }
  if (const Status inherited = perf_.init_task(parent, *made, has(kCloneThread), has(kCloneClearSigHand));
      !inherited) {
    return inherited.error();
  }
  Task& child = tasks_.add(std::move(made));
  child.scheduler = &scheduler_;
  child.executable = parent.executable;
  child.mm = std::move(mm);
  child.files = has(kCloneFiles) ? parent.files : std::make_shared<FdTable>(*parent.files);
  child.fs = has(kCloneFs) ? parent.fs : std::make_shared<FsInfo>(*parent.fs);
  child.actions = has(kCloneSigHand) ? parent.actions : std::make_shared<SignalActions>(*parent.actions);
  if (has(kCloneClearSigHand)) {
    for (SignalAction& action : *child.actions) {
      if (action.handler != kSigIgn) action = {};
    }
  }
  child.blocked = parent.blocked;
  // A thread on memory of its own keeps the alternate stack; one that shares memory must not get onto its
  // parent's.
  if (!has(kCloneVm) || has(kCloneVfork)) child.alternate_stack = parent.alternate_stack;
  child.affinity = parent.affinity;
  scheduler_.fork(parent, child);
  child.timer_slack = child.default_timer_slack = parent.timer_slack;
  child.personality = parent.personality;
  child.capabilities = parent.capabilities;
  child.secure_bits = parent.secure_bits;
  child.groups = parent.groups;
  child.io_priority = parent.io_priority;
  child.mce_kill = parent.mce_kill;
  child.no_new_privileges = parent.no_new_privileges;
  child.start_time = scheduler_.now();
  child.real_parent = has(kCloneThread) || has(kCloneParent) ? parent.real_parent : parent.tid();
  if (has(kCloneChildClearTid)) child.clear_child_tid = request.child_tid;
  if (has(kCloneVfork)) child.vfork_parent = parent.tid();

  cpu.copy_to(child.registers);
  child.arch = parent.arch;
  child.arch.last_hit = {};
  child.breakpoints.copy_registers(parent.breakpoints);
  scheduler_.with_registers(child, [&](machine::Cpu& with) {
    if (child.arch.user_single_step) arch_.user_disable_single_step(with, child.arch);
    arch_.set_up_child(with, child.arch, request.stack, request.tls);
  });
  if (has(kCloneParentSetTid))
    (void)parent.mm->write_word(request.parent_tid, static_cast<std::uint64_t>(*tid), 4);
  if (has(kCloneChildSetTid))
    (void)child.mm->write_word(request.child_tid, static_cast<std::uint64_t>(*tid), 4);

  if (has(kCloneThread)) signals_.join_group_stop(parent, child);
  perf_.output().fork(parent, child);
  child.step = Step::ReturnFromFork;
  cpu.trace(machine::Layer::Task, has(kCloneThread) ? "new thread" : "new process",
            {{"child", std::int64_t{*tid}}});
  for (TaskListener* const listener : listeners_) listener->made(child, parent);
  return &child;
}

Result<Task*> Lifecycle::kernel_thread(std::string comm, unsigned cpu) {
  const Result<int> tid = tasks_.allocate();
  if (!tid) return tid.error();
  if (!machine_.memory().can_charge(Task::kFootprint)) return Error{ENOMEM};
  Task& task = tasks_.add(std::make_shared<Task>(*tid, std::move(comm), machine_.memory()));
  task.become_kernel_thread(scheduler_);
  scheduler_.admit(task, cpu);
  task.start_time = scheduler_.now();
  return &task;
}

}  // namespace trapline::kernel
