// How tasks come to be, become other programs, and end (kernel/fork.c, fs/exec.c, kernel/exit.c): fork.cpp,
// exec.cpp, exit.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "emu/kernel/mm/elf.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/result.hpp"
#include "emu/kernel/task/program.hpp"
#include "emu/kernel/task/task.hpp"
#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

class AccessWatch;
class Arch;
class Futexes;
class PerfCore;
class ProcessTimers;
class Ptrace;
class Scheduler;
class Signals;
class TaskTable;

// A new memory with a program in it, for a task that has still its old one.
struct NewImage {
  std::shared_ptr<Mm> mm;
  LoadedProgram program{};
  GuestVa stack{};
  std::optional<ElfError> failure{};  // on Linux, when there is no way back any more
};

struct CloneRequest {
  std::uint64_t flags = 0;  // CLONE_*, without the exit signal
  int exit_signal = 0;
  GuestVa stack{};  // the child's stack pointer; 0: the parent's
  std::optional<std::uint64_t> tls{};
  GuestVa parent_tid{};
  GuestVa child_tid{};
  std::optional<int> wanted_tid{};
  std::optional<GuestVa> pidfd{};  // CLONE_PIDFD: where its number goes
};

// Who is told of what becomes of tasks, from outside of the machine.
class TaskListener {
 public:
  // It is complete and has not run yet; `parent` made it.
  virtual void made(Task& task, Task& parent) = 0;
  // It has become another program, in a memory of its own, of which nothing has run yet.
  virtual void executed(Task& task) = 0;
  // It ends; its memory and registers are still there.
  virtual void ends(Task& task) = 0;
  // Nothing is left of it but what others hold.
  virtual void released(Task& /*task*/) {}

 protected:
  ~TaskListener() = default;
};

// What a task's life touches.
struct LifecycleUses {
  Arch& arch;
  Scheduler& scheduler;
  TaskTable& tasks;
  Signals& signals;
  Ptrace& ptrace;
  Futexes& futexes;
  PerfCore& perf;
  ProcessTimers& timers;
  AccessWatch& accesses;
};

class Lifecycle {
 public:
  explicit Lifecycle(const LifecycleUses& uses);

  // Told in the order in which they were added, until they are removed.
  void add_listener(TaskListener& listener) { listeners_.push_back(&listener); }
  void remove_listener(TaskListener& listener) { std::erase(listeners_, &listener); }

  // The first process's leader, which is kept when all else is gone.
  void set_first(Task& task) { first_ = &task; }
  Task& first() const { return *first_; }

  // --- fork.cpp ---
  Result<Task*> copy_process(Task& parent, machine::Cpu& cpu, const CloneRequest& request);
  // A task of the kernel's own, without user memory, asleep until Scheduler::wake_up_new(). It ignores all
  // signals.
  Result<Task*> kernel_thread(std::string comm, unsigned cpu);

  // --- exec.cpp ---
  // Throws ElfError while there is a way back.
  NewImage load(const Program& program, std::uint64_t stack_limit);
  // Another program in the task's place. The task is alone in its process.
  Status exec(Task& task, machine::Cpu& cpu, const Program& program);
  void de_thread(Task& task);

  // --- exit.cpp ---
  // The task shall end; it does when it comes to it (Step::Exit).
  void begin_exit(Task& task, ExitStatus status);
  // All threads of its process shall end.
  void do_group_exit(Process& process, ExitStatus status);
  // Kills all threads but this one (execve(2) in a thread), which becomes their leader (de_thread()).
  void zap_other_threads(Task& task);
  // It ends now.
  void do_exit(machine::Cpu& cpu, Task& task);
  // What wait(2) leaves of a zombie: nothing.
  void release_task(Task& task);
  // A zombie that its parent does not know of yet.
  void reap_or_notify(Task& task);
  // The machine goes down with its first process.
  void end_all();
  // Tasks that were released stay while somebody may still look at them: until now.
  void forget_the_dead() { gone_.clear(); }

 private:
  void mm_release(machine::Cpu& cpu, Task& task);
  void complete_vfork_done(Task& task);
  void leave_to_other_thread(const Task& task);
  void forget_original_parent(Process& process);
  void unhash_process(Task& task);
  bool do_notify_parent(Task& task, int signal);
  void exit_notify(Task& task);

  machine::Machine& machine_;
  isa::Isa isa_;
  Arch& arch_;
  Scheduler& scheduler_;
  TaskTable& tasks_;
  Signals& signals_;
  Ptrace& ptrace_;
  Futexes& futexes_;
  PerfCore& perf_;
  ProcessTimers& timers_;
  AccessWatch& accesses_;
  std::vector<TaskListener*> listeners_;
  Task* first_ = nullptr;
  std::vector<std::shared_ptr<Task>> gone_;
};

}  // namespace trapline::kernel
