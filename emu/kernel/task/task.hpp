// A task: one thread of one process (struct task_struct).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emu/kernel/arch/thread.hpp"
#include "emu/kernel/fs/file.hpp"
#include "emu/kernel/mm/mm.hpp"
#include "emu/kernel/perf/context.hpp"
#include "emu/kernel/ptrace/state.hpp"
#include "emu/kernel/signal/pending.hpp"
#include "emu/kernel/signal/signal.hpp"
#include "emu/kernel/task/capabilities.hpp"
#include "emu/kernel/task/process.hpp"
#include "emu/kernel/task/relation.hpp"
#include "emu/kernel/task/sched_entity.hpp"
#include "emu/kernel/task/timers.hpp"
#include "emu/machine/cpu_state.hpp"
#include "isa/linux/syscalls.hpp"

namespace trapline::kernel {

struct KernelContext;
struct Program;
class Scheduler;

enum class TaskState : std::uint8_t {
  Running,        // on a CPU, or waiting for one
  Interruptible,  // sleeps until what it waits for happens, or a signal comes
  Killable,       // sleeps; of the signals only a deadly one wakes it
  Stopped,        // by job control
  Traced,         // by ptrace
  Zombie,
  Dead,
};

// Where in the kernel a task goes on when it has a CPU again.
enum class Step : std::uint8_t {
  User,            // in user code
  SyscallEntry,    // a system call begins
  SyscallEntered,  // its tracer was told
  Syscall,         // its handler, for the first time or again
  SyscallExit,     // its result stands
  SyscallExited,   // its tracer was told
  ReturnFromFork,  // a child's first step
  Signals,         // what stands between the kernel and user code: stops, and signals
  Exit,            // it ends
  ExitReported,    // its tracer was told
  KernelCode,      // guest code of the kernel, which the kernel has called for it (KernelContext)
  Schedule,        // such code gives the CPU up (schedule())
  KernelThread,    // a task of the kernel's own between two calls
};

// A system call under way, and what one that waits keeps from one try to the next.
struct CallProgress {
  std::optional<isa::linux_abi::Syscall> call;
  std::uint64_t number = 0;
  std::array<std::uint64_t, 6> args{};
  unsigned phase = 0;                     // how far it has come, in its own terms
  std::uint64_t done = 0;                 // bytes moved
  std::optional<std::uint64_t> deadline;  // in nanoseconds since the start
  bool emulated = false;                  // PTRACE_SYSEMU: its tracer does it
  bool woken = false;                     // by the one that it waits for, and not by chance
  int child = 0;                          // of clone(2)
  FileRef file;                           // open while the call lasts, whatever happens to its descriptor
  std::shared_ptr<Program> program;       // of execve(2), while the other threads end
};

// PR_SET_SYSCALL_USER_DISPATCH (x86): calls from elsewhere than these addresses are a SIGSYS, as long as the
// byte at `selector` says so.
struct SyscallDispatch {
  bool on = false;
  std::uint64_t start = 0;
  std::uint64_t length = 0;
  GuestVa selector;  // 0: always

  bool allows(GuestVa from) const { return from.value - start < length; }
};

// fs_struct: what processes may share by CLONE_FS.
struct FsInfo {
  std::string working_directory = "/";
  std::uint32_t umask = 022;
};

// JOBCTL_*: what a task does for job control and ptrace before it returns to user code.
struct JobControl {
  int stop_pending = 0;        // STOP_PENDING: the signal of a group-stop to take part in
  bool consume = false;        // STOP_CONSUME: the task counts in Process::stops_awaited
  int stop_signal = 0;         // the signal of the group-stop that it took part in last
  bool stop_dequeued = false;  // STOP_DEQUEUED: a stop signal was taken out, and no SIGCONT came since
  bool trap_stop = false;      // TRAP_STOP: PTRACE_INTERRUPT, or a group-stop that a seized task reports
  bool trap_notify = false;    // TRAP_NOTIFY
  bool any() const { return stop_pending != 0 || trap_stop || trap_notify; }
};

inline constexpr std::size_t kCommLength = 15;  // TASK_COMM_LEN without the NUL
inline constexpr std::uint64_t kDefaultTimerSlack = 50'000;

class Task : public std::enable_shared_from_this<Task> {
 public:
  // What one takes of the host's memory, roughly, with its registers and its wait queues.
  static constexpr std::uint64_t kFootprint = 16384;

  // The first thread of a process of its own.
  Task(int tid, std::string comm_, machine::PhysicalMemory& memory);
  // A further thread of a process.
  Task(int tid, std::string comm_, machine::PhysicalMemory& memory, std::shared_ptr<Process> process_);
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;

  int tid() const { return tid_; }
  int tgid() const { return process->pid; }
  bool leader() const { return process->leader == this; }
  // execve(2) in a thread: it takes over its leader's number.
  void set_tid(int tid) { tid_ = tid; }

  bool alive() const { return state != TaskState::Zombie && state != TaskState::Dead; }
  // Its step is KernelThread, and it sleeps.
  void become_kernel_thread(Scheduler& scheduler_);
  bool is_kernel_thread = false;  // PF_KTHREAD

  bool sleeps() const { return state == TaskState::Interruptible || state == TaskState::Killable; }

 private:
  int tid_;

 public:
  // First, beside what a pointer to the task is counted in: to open an event among many tasks then waits for
  // memory once.
  unsigned cpu = 0;  // where it runs, or ran last
  PerfContext perf;  // the perf events on this task

  std::string comm;  // at most 15 characters
  std::string executable;
  std::shared_ptr<Process> process;
  Membership<Process, Task> thread_of{*this};  // as long as it is not released
  Members<Task, Process> leads{*this};         // its process, where it is the leader
  std::shared_ptr<Mm> mm;
  std::shared_ptr<FdTable> files;
  std::shared_ptr<FsInfo> fs;

  machine::Charge charge;  // of what the host keeps of it

  // --- Where it is ---
  TaskState state = TaskState::Running;
  Step step = Step::User;
  CallProgress call;
  std::optional<CallProgress> restart;  // for restart_syscall(2)
  machine::CpuState registers;
  ThreadArch arch;  // what the instruction set keeps for each thread (struct thread_struct)

  // --- Waiting ---
  Scheduler* scheduler = nullptr;
  WaitQueues waits_in{*this};
  Timer sleep_timer;

  // --- Scheduling ---
  std::uint64_t affinity = ~0ull;       // bit n: CPU n
  std::optional<unsigned> bound_cpu{};  // of a kernel thread that belongs to that CPU (kthread_bind())
  SchedEntity sched{this};
  std::uint64_t start_time = 0;
  // PR_SET_TIMERSLACK, in nanoseconds. A child's default is what its parent had.
  std::uint64_t timer_slack = kDefaultTimerSlack;
  std::uint64_t default_timer_slack = kDefaultTimerSlack;
  std::uint32_t personality = 0;   // personality(2)
  Capabilities capabilities;       // remembered only: nobody here may do less than another
  std::uint32_t secure_bits = 0;   // SECBIT_*
  std::uint32_t groups = 0;        // how many supplementary groups setgroups(2) gave it, all of them root's
  std::uint16_t io_priority = 0;   // IOPRIO_PRIO_VALUE(IOPRIO_CLASS_NONE, 0)
  std::uint8_t mce_kill = 2;       // PR_MCE_KILL_DEFAULT
  bool no_new_privileges = false;  // PR_SET_NO_NEW_PRIVS
  SyscallDispatch syscall_dispatch;

  // --- Signals ---
  std::shared_ptr<SignalActions> actions;  // sighand_struct
  SignalSet blocked = 0;
  std::optional<SignalSet>
      saved_mask;          // what sigsuspend(2) and its like blocked for their time: the mask to go back to
  SignalSet awaited = 0;   // by sigtimedwait(2), blocked or not
  PendingSignals pending;  // sent to this thread
  AlternateStack alternate_stack;
  JobControl job_control;
  int parent_death_signal = 0;  // PR_SET_PDEATHSIG
  int real_parent = 0;          // tid of the thread whose child its process is; 0: of none here

  // --- Ending ---
  ExitStatus exit_status;
  GuestVa clear_child_tid;
  GuestVa robust_list;
  int vfork_parent = 0;  // tid of who waits until this one has its own memory, or is gone

  // --- Tracing ---
  Members<Task, Task> tracees{*this};
  PtraceState ptrace{*this};
  PtraceBreakpoints breakpoints;

  std::shared_ptr<KernelContext> kernel;  // null: no guest code of the kernel ever ran for it
};

}  // namespace trapline::kernel
