// execve(2), once the program's file is read (fs/exec.c).
#include <algorithm>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/costs.hpp"
#include "emu/kernel/mm/elf.hpp"
#include "emu/kernel/mm/program_stack.hpp"
#include "emu/kernel/perf/core.hpp"
#include "emu/kernel/task/lifecycle.hpp"
#include "emu/kernel/task/process_timers.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"

namespace trapline::kernel {

namespace {

// capabilities(7), "Transformation of capabilities during execve()", and of root, whose files have them all.
void capabilities_after_exec(Task& task) {
  Capabilities& has = task.capabilities;
  has.permitted = (task.secure_bits & kNoRoot) != 0 ? has.ambient : has.inheritable | has.bounding;
  has.effective = has.permitted;
  task.secure_bits &= ~kKeepCaps;
}

StackContent stack_content(const Program& program, const Arch& arch) {
  return {.arguments = program.arguments,
          .environment = program.environment,
          .file_name = program.file_name,
          .platform = std::string(arch.platform()),
          .hwcap = arch.hwcap(),
          .hwcap2 = arch.hwcap2(),
          .min_signal_stack = arch.min_signal_stack()};
}

}  // namespace

NewImage Lifecycle::load(const Program& program, std::uint64_t stack_limit) {
  NewImage image{.mm = std::make_shared<Mm>(machine_)};
  image.mm->set_access_watch(&accesses_);
  image.mm->put_off_writes();
  image.mm->pick_layout(stack_limit);
  ProgramStack stack(*image.mm, stack_content(program, arch_), wants_executable_stack(program.elf));
  try {
    image.program = load_elf(*image.mm, program.elf, program.interpreter ? &*program.interpreter : nullptr);
    arch_.setup_additional_pages(*image.mm);
    image.stack = stack.create_elf_tables(image.program);
  } catch (const ElfError& error) {
    image.failure = error;
  }
  return image;
}

// execve(2) in a thread that is not the leader: it becomes the leader, which has ended by now, and takes its
// number.
void Lifecycle::de_thread(Task& task) {
  Process& process = *task.process;
  Task& old = *process.leader;
  unhash_process(old);
  process.leader.join(task.leads);
  if (first_ == &old) first_ = &task;
  for (Process* const child : process.children) {
    for (Task* const thread : child->threads) {
      if (thread->real_parent == task.tid()) thread->real_parent = old.tid();
    }
  }
  tasks_.rename(task, old.tid());
}

Status Lifecycle::exec(Task& task, machine::Cpu& cpu, const Program& program) {
  NewImage image;
  try {
    image = load(program, task.process->limits[Resource::Stack].soft);
  } catch (const ElfError& error) {
    return Error{error.number};
  }
  image.mm->set_limits(task.process->limits);
  // From here on there is no way back.
  cpu.charge(costs::kExec);
  mm_release(cpu, task);
  task.mm = image.mm;
  cpu.set_address_space(&task.mm->space());
  task.executable = program.elf.name;
  task.comm = program.comm();

  if (task.files.use_count() > 1) task.files = std::make_shared<FdTable>(*task.files);
  task.files->close_on_exec();
  task.actions = std::make_shared<SignalActions>(*task.actions);
  for (SignalAction& action : *task.actions)
    action = {.handler = action.handler == kSigIgn ? kSigIgn : kSigDfl};
  task.alternate_stack = {};
  perf_.exec(task);
  if (!task.perf.empty()) {
    perf_.output().comm(task, true);
    for (const auto& [start, vma] : task.mm->vmas()) perf_.output().mmap(task, vma);
  }
  Process& process = *task.process;
  timers_.delete_posix_timers(process);
  process.exit_signal = isa::linux_abi::kSigChld;
  process.has_executed = true;
  arch_.flush_ptrace_hw_breakpoint(task);
  task.clear_child_tid = task.robust_list = GuestVa();
  task.restart.reset();
  task.syscall_dispatch = {};
  capabilities_after_exec(task);
  task.arch.last_hit = {};
  // Seen by the breakpoints that execve(2) has enabled.
  if (image.failure || !image.mm->carry_out_writes() ||
      !arch_.start_thread(cpu, *task.mm, image.program, image.stack)) {
    do_group_exit(process, {0, isa::linux_abi::kSigSegv});
  }
  cpu.trace(machine::Layer::Task, "exec", {{"program", program.elf.name}});
  for (TaskListener* const listener : listeners_) listener->executed(task);
  return Done{};
}

}  // namespace trapline::kernel
