// execve(2), once the program's file is read (fs/exec.c).
#include <algorithm>
#include <filesystem>
#include <string_view>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

std::string last_part(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// By a descriptor it is the file's name, which need not be in any folder any more.
std::string comm_of(const Program& program) {
  std::string name = last_part(program.by_descriptor ? program.path : program.file_name);
  constexpr std::string_view kGone = " (deleted)";
  if (program.by_descriptor && name.ends_with(kGone)) name.resize(name.size() - kGone.size());
  return name.substr(0, kCommLength);
}

// capabilities(7), "Transformation of capabilities during execve()", and of root, whose files have them all.
void capabilities_after_exec(Task& task) {
  Capabilities& has = task.capabilities;
  has.permitted = (task.secure_bits & kNoRoot) != 0 ? has.ambient : has.inheritable | has.bounding;
  has.effective = has.permitted;
  task.secure_bits &= ~kKeepCaps;
}

}  // namespace

bool Kernel::is_first_program(const std::string& path) const {
  const std::string normal = std::filesystem::path(path).lexically_normal().string();
  return first_image_ != nullptr && (normal == first_name_ || normal == first_program_);
}

StackContent Kernel::stack_content(const Program& program) const {
  return {program.arguments, program.environment, std::string(arch_->platform()),
          arch_->hwcap(),    arch_->hwcap2(),     arch_->min_signal_stack(),
          program.file_name};
}

// execve(2) in a thread that is not the leader: it becomes the leader, which has ended by now, and takes its
// number.
void Kernel::take_over_leader(Task& task) {
  Process& process = *task.process;
  Task& old = *process.leader;
  leave_process(old);
  process.leader = &task;
  if (first_ == &old) first_ = &task;
  for (Process* const child : process.children) {
    for (Task* const thread : child->threads) {
      if (thread->real_parent == task.tid()) thread->real_parent = old.tid();
    }
  }
  tasks_.rename(task, old.tid());
}

Status Kernel::exec(Task& task, machine::Cpu& cpu, const Program& program) {
  auto mm = std::make_shared<Mm>(machine_);
  LoadedProgram loaded;
  GuestVa stack;
  mm->set_stack_limit(task.process->limits[Resource::Stack].soft);
  try {
    loaded = load_elf(*mm, program.image, program.path);
  } catch (const ElfError&) {
    return Error{ENOEXEC};
  }
  arch_->setup_additional_pages(*mm);
  try {
    stack = set_up_stack(*mm, loaded, stack_content(program));
  } catch (const ElfError&) {
    return Error{E2BIG};
  }
  mm->set_limits(task.process->limits);
  // From here on there is no way back.
  leave_memory(cpu, task);
  task.mm = std::move(mm);
  cpu.set_address_space(&task.mm->space());
  task.executable = program.path;
  task.comm = comm_of(program);

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
  delete_posix_timers(process);
  process.exit_signal = isa::linux_abi::kSigChld;
  process.has_executed = true;
  task.breakpoints = {};
  task.clear_child_tid = task.robust_list = GuestVa();
  task.restart.reset();
  capabilities_after_exec(task);
  task.arch = {};
  if (!arch_->start_thread(cpu, *task.mm, loaded, stack)) {
    begin_group_exit(process, {0, isa::linux_abi::kSigSegv});
  }
  if (tracing()) trace(cpu, Layer::Task, "exec", {{"program", program.path}});
  return Done{};
}

}  // namespace trapline::kernel
