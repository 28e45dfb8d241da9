// Tasks: clone(2), execve(2), exit(2), wait(2).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/fs/pidfd.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/file_calls.hpp"
#include "emu/kernel/syscall/rusage.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/script.hpp"
#include "isa/linux/clone.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): CLONE_*

// --- clone
// -----------------------------------------------------------------------------------------------------

PtraceEvent event_of(const CloneRequest& request) {
  if ((request.flags & kCloneVfork) != 0) return PtraceEvent::Vfork;
  return request.exit_signal == kSigChld ? PtraceEvent::Fork : PtraceEvent::Clone;
}

// The parent's side, in as many parts as there are reasons to stop or wait.
SyscallResult clone(Syscall& call, const CloneRequest& request) {
  enum Phase : unsigned { kMake, kWait, kDone };
  CallProgress& progress = call.task.call;
  Ptrace& ptrace = call.kernel.ptrace();
  const bool vfork = (request.flags & kCloneVfork) != 0;
  if (progress.phase == kMake) {
    const PtraceEvent event = event_of(request);
    const bool asked = (request.flags & kCloneUntraced) == 0 && ptrace.wants(call.task, event);
    const bool traced = asked || ((request.flags & kClonePtrace) != 0 && call.task.ptrace.traced());
    if (request.pidfd) {
      if (const Status place = check_pidfd_place(call, *request.pidfd); !place) return place.error();
    }
    const auto made = call.kernel.lifecycle().copy_process(call.task, call.cpu, request);
    if (!made) return made.error();
    Task& child = **made;
    if (request.pidfd) install_pidfd(call, child, *request.pidfd);
    progress.child = child.tid();
    progress.phase = kWait;
    progress.woken = false;
    ptrace.start_child(call.task, child, traced);
    call.kernel.scheduler().wake_up_new(child);
    if (asked && ptrace.event(call.task, event, static_cast<std::uint64_t>(progress.child)))
      return Error{kSleeps};
  }
  if (progress.phase == kWait) {
    if (vfork && !progress.woken) {
      const SyscallResult slept = call.sleep_killable({});
      if (slept.error().number == kSleeps) return slept;
    }
    progress.phase = kDone;
    if (vfork &&
        ptrace.event(call.task, PtraceEvent::VforkDone, static_cast<std::uint64_t>(progress.child))) {
      return Error{kSleeps};
    }
  }
  return static_cast<std::uint64_t>(progress.child);
}

SyscallResult sys_clone(Syscall& call) {
  const Differing differ = differing(call.isa());
  const std::uint64_t flags = call.args[0] & 0xffffffff;
  CloneRequest request;
  request.flags = flags & ~kCloneSignal;
  request.exit_signal = static_cast<int>(flags & kCloneSignal);
  request.stack = call.address(1);
  request.parent_tid = call.address(2);
  request.child_tid = call.address(differ.clone_child_tid);
  if ((flags & kCloneSetTls) != 0) request.tls = call.args[differ.clone_tls];
  if ((flags & kClonePidFd) != 0) {
    // Both would be stored in the same place; and CLONE_DETACHED is kept free for another meaning.
    if ((flags & (kCloneParentSetTid | kCloneDetached | kCloneThread)) != 0) return Error{EINVAL};
    request.pidfd = request.parent_tid;
  }
  return clone(call, request);
}

SyscallResult sys_fork(Syscall& call) { return clone(call, {.exit_signal = kSigChld}); }
SyscallResult sys_vfork(Syscall& call) {
  return clone(call, {.flags = kCloneVfork | kCloneVm, .exit_signal = kSigChld});
}

// struct clone_args: eleven u64 (linux/sched.h).
SyscallResult sys_clone3(Syscall& call) {
  constexpr std::uint64_t kSizeVer0 = 64;
  constexpr std::uint64_t kWords = 11;
  const std::uint64_t size = call.args[1];
  if (size > call.mm().page_size()) return Error{E2BIG};
  if (size < kSizeVer0) return Error{EINVAL};
  std::array<std::uint64_t, kWords> words{};
  for (std::uint64_t i = 0; 8 * i < size; ++i) {
    const auto word = call.mm().read_word(call.address(0) + 8 * i, 8);
    if (!word) return Error{EFAULT};
    if (i < kWords) {
      words[i] = *word;
    } else if (*word != 0) {
      return Error{E2BIG};
    }
  }
  const auto [flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
              cgroup] = words;
  constexpr std::uint64_t kKnown = 0x3ffffff00;
  if ((flags & ~kKnown) != 0 || (flags & kCloneDetached) != 0) return Error{EINVAL};
  if ((flags & (kCloneSigHand | kCloneClearSigHand)) == (kCloneSigHand | kCloneClearSigHand))
    return Error{EINVAL};
  if ((flags & (kCloneThread | kCloneParent)) != 0 && exit_signal != 0) return Error{EINVAL};
  if (exit_signal > static_cast<std::uint64_t>(kSignals)) return Error{EINVAL};
  if ((stack == 0) != (stack_size == 0)) return Error{EINVAL};
  if ((flags & kCloneIntoCgroup) != 0) return Error{EINVAL};
  CloneRequest request;
  request.flags = flags;
  request.exit_signal = static_cast<int>(exit_signal);
  if (stack != 0) request.stack = GuestVa(stack + stack_size);
  request.parent_tid = GuestVa(parent_tid);
  request.child_tid = GuestVa(child_tid);
  if ((flags & kClonePidFd) != 0) {
    if ((flags & kCloneThread) != 0) return Error{EINVAL};
    if ((flags & kCloneParentSetTid) != 0 && pidfd == parent_tid) return Error{EINVAL};
    request.pidfd = GuestVa(pidfd);
  }
  if ((flags & kCloneSetTls) != 0) request.tls = tls;
  constexpr std::uint64_t kMostLevels = 32;  // MAX_PID_NS_LEVEL
  if (set_tid_size > kMostLevels || (set_tid == 0) != (set_tid_size == 0)) return Error{EINVAL};
  if (set_tid_size > 1) return Error{EINVAL};  // there is one PID namespace
  if (set_tid_size == 1) {
    const auto tid = call.mm().read_word(GuestVa(set_tid), 4);
    if (!tid) return Error{EFAULT};
    request.wanted_tid = static_cast<int>(*tid);
  }
  return clone(call, request);
}

// --- execve
// -----------------------------------------------------------------------------------------------------

// The strings of a vector that a null pointer ends.
Result<std::vector<std::string>> strings(Mm& mm, GuestVa vector, std::uint64_t& room) {
  std::vector<std::string> found;
  if (vector.value == 0) return found;
  for (;; vector = vector + 8) {
    const auto pointer = mm.read_word(vector, 8);
    if (!pointer) return Error{EFAULT};
    if (*pointer == 0) return found;
    constexpr std::uint64_t kMaxArgStrlen = 32 * 4096;
    auto text = mm.read_string(GuestVa(*pointer), kMaxArgStrlen);
    if (!text) return text.error().number == ENAMETOOLONG ? Error{E2BIG} : text.error();
    if (text->size() + 9 > room) return Error{E2BIG};
    room -= text->size() + 9;  // with its NUL and its pointer
    found.push_back(std::move(*text));
  }
}

// What execve(2) finds out before anything changes. `fd`: of a program by descriptor.
Result<Program> load_program(Syscall& call, const Result<std::string>& path, const std::string& name,
                             GuestVa argv, GuestVa envp, std::optional<int> fd) {
  if (!path) return path.error();
  ProgramRequest request{.path = *path, .file_name = name};
  if (fd) {
    const auto* const entry = call.task.files->find(*fd);
    request.open_file = entry->file;
    request.close_on_exec = entry->close_on_exec;
  }
  // A quarter of the stack is for arguments (execve(2), "Limits on size of arguments and environment").
  const std::uint64_t stack = call.task.process->limits[Resource::Stack].soft;
  std::uint64_t room = std::max<std::uint64_t>(stack / 4, 32 * 4096);
  room = std::min<std::uint64_t>(room, std::uint64_t{6} << 20);
  auto arguments = strings(call.mm(), argv, room);
  if (!arguments) return arguments.error();
  auto environment = strings(call.mm(), envp, room);
  if (!environment) return environment.error();
  request.arguments = std::move(*arguments);
  request.environment = std::move(*environment);
  if (request.arguments.empty()) request.arguments.emplace_back();  // since Linux 5.18
  try {
    return call.kernel.programs().find(call.task, std::move(request));
  } catch (const ElfError& error) {
    return Error{error.number};
  }
}

SyscallResult execve(Syscall& call, const Result<std::string>& path, const std::string& name, GuestVa argv,
                     GuestVa envp, std::optional<int> fd = {}) {
  enum Phase : unsigned { kLoad, kAlone, kReported };
  CallProgress& progress = call.task.call;
  Task& task = call.task;
  Process& process = *task.process;
  if (progress.phase == kReported) return 0;
  // The program is read once: when the wait below is over, its name may not lead to it any more.
  if (progress.phase == kLoad) {
    auto loaded = load_program(call, path, name, argv, envp, fd);
    if (!loaded) return loaded.error();
    progress.program = std::make_shared<Program>(std::move(*loaded));
  }
  const std::shared_ptr<Program> program = progress.program;

  // The other threads end first (de_thread).
  const auto others = [&] {
    return std::ranges::any_of(process.threads, [&](const Task* t) {
      return t != &task && !(t->leader() && t->state == TaskState::Zombie);
    });
  };
  if (others()) {
    if (process.group_exit || (process.executing && progress.phase == kLoad)) return Error{EAGAIN};
    process.executing = true;
    if (progress.phase == kLoad) call.kernel.lifecycle().zap_other_threads(task);
    progress.phase = kAlone;
    WaitQueue* const queue = &process.thread_exit;
    const SyscallResult slept = call.sleep_killable(std::span(&queue, 1));
    if (slept.error().number != kSleeps) process.executing = false;
    return slept;
  }
  process.executing = false;
  const int old_tid = task.tid();
  if (!task.leader()) call.kernel.lifecycle().de_thread(task);
  const Status done = call.kernel.lifecycle().exec(task, call.cpu, *program);
  if (!done) return done.error();
  progress.phase = kReported;
  if (process.group_exit) return Error{kRegistersSet};  // it could not be mapped
  Ptrace& ptrace = call.kernel.ptrace();
  if (ptrace.wants(task, PtraceEvent::Exec)) {
    if (ptrace.event(task, PtraceEvent::Exec, static_cast<std::uint64_t>(old_tid))) return Error{kSleeps};
  } else if (task.ptrace.traced() && !task.ptrace.seized) {
    // What PTRACE_TRACEME was made for.
    (void)call.kernel.signals().send(SigInfo(call.isa(), kSigTrap, Signals::kUser).pid(task.tid()), task);
  }
  return 0;
}

SyscallResult sys_execve(Syscall& call) {
  const auto name = path_argument(call, 0);
  const auto path = name ? absolute_path(call, kAtCwd, *name) : name;
  return execve(call, path, name ? *name : "", call.address(1), call.address(2));
}

SyscallResult sys_execveat(Syscall& call) {
  if ((call.args[4] & ~(kAtEmptyPath | kAtSymlinkNoFollow)) != 0) return Error{EINVAL};
  if ((call.args[4] & kAtEmptyPath) != 0) {
    const auto text = call.mm().read_string(call.address(1), 4096);
    if (!text) return text.error();
    if (text->empty()) {
      const auto* entry = call.task.files->find(call.integer(0));
      if (entry == nullptr) return Error{EBADF};
      return execve(call, entry->file->name(), fmt::format("/dev/fd/{}", call.integer(0)), call.address(2),
                    call.address(3), call.integer(0));
    }
  }
  const auto name = path_argument(call, 1);
  if (!name) return name.error();
  const bool relative = !name->starts_with('/') && call.integer(0) != kAtCwd;
  return execve(call, absolute_path(call, call.integer(0), *name),
                relative ? fmt::format("/dev/fd/{}/{}", call.integer(0), *name) : *name, call.address(2),
                call.address(3));
}

// --- exit
// -----------------------------------------------------------------------------------------------------

SyscallResult sys_exit(Syscall& call) {
  call.kernel.lifecycle().begin_exit(call.task, {static_cast<int>(call.args[0] & 0xff), 0});
  return Error{kRegistersSet};  // it returns nothing
}

SyscallResult sys_exit_group(Syscall& call) {
  const ExitStatus status{static_cast<int>(call.args[0] & 0xff), 0};
  call.kernel.lifecycle().do_group_exit(*call.task.process, status);
  call.kernel.lifecycle().begin_exit(call.task, *call.task.process->group_exit);
  return Error{kRegistersSet};  // it returns nothing
}

// --- wait
// -----------------------------------------------------------------------------------------------------

enum WaitOption : std::uint64_t {
  kWNoHang = 1,
  kWStopped = 2,  // WUNTRACED
  kWExited = 4,
  kWContinued = 8,
  kWNoWait = 0x01000000,
  kWNoThread = 0x20000000,
  kWAll = 0x40000000,
  kWClone = 0x80000000,
};

struct Wait {
  enum class Who : std::uint8_t { Any, Pid, Group };
  Who who = Who::Any;
  int id = 0;
  std::uint64_t options = 0;

  // What was found.
  int pid = 0;
  int status = 0;  // as wait4(2) has it
  int code = 0;    // CLD_*, and si_status for waitid(2)
  int si_status = 0;
  CpuUsage usage{};
};

bool eligible(const Wait& wait, const Task& task, bool traced) {
  if (wait.who == Wait::Who::Pid && task.tid() != wait.id) return false;
  if (wait.who == Wait::Who::Group && task.process->group != wait.id) return false;
  if (traced || (wait.options & kWAll) != 0) return true;
  // "Clone" children are those whose end is announced by another signal than SIGCHLD, or by none.
  const bool clone_child = task.process->exit_signal != kSigChld;
  return clone_child == ((wait.options & kWClone) != 0);
}

// A child or a tracee: true where it has something to report, which is then in `wait`. `may_come`: it may
// have later.
bool consider(Syscall& call, Wait& wait, Task& task, bool traced, bool& may_come) {
  Kernel& kernel = call.kernel;
  if (task.state == TaskState::Dead || !eligible(wait, task, traced)) return false;
  Process& process = *task.process;
  if (!traced && task.ptrace.traced() && task.ptrace.tracer->process == call.task.process) traced = true;
  const bool consume = (wait.options & kWNoWait) == 0;
  const auto found = [&](int status, int code, int si_status) {
    wait.pid = task.tid();
    wait.status = status;
    wait.code = code;
    wait.si_status = si_status;
    wait.usage = kernel.scheduler().cpu_usage(process);
    wait.usage += process.usage_of_children;
    return true;
  };
  if (task.state == TaskState::Zombie) {
    const bool waits_for_threads = task.leader() && !process.alone();
    if (!waits_for_threads && (traced || !task.ptrace.traced())) {
      // Who looks for nothing but stops and continuations has no child here.
      if ((wait.options & kWExited) == 0) return false;
      may_come = true;
      const ExitStatus status = task.exit_status;
      found(status.wait_status(), status.signal != 0 ? Signals::kKilled : Signals::kExited,
            status.signal != 0 ? status.signal : status.code);
      if (consume) {
        // A tracer that is not the parent leaves the rest to the parent.
        const bool parents = process.parent == call.task.process.get();
        if (traced && task.ptrace.traced() && !parents && task.leader()) {
          kernel.ptrace().unlink(task);
          kernel.lifecycle().reap_or_notify(task);
        } else {
          if (task.leader() && parents) call.task.process->usage_of_children += wait.usage;
          kernel.lifecycle().release_task(task);
        }
      }
      return true;
    }
    if (!traced || (wait.options & (kWContinued | kWExited)) != 0) may_come = true;
  } else {
    may_come = true;
  }
  // Stopped: by its tracer, or by job control.
  if (traced) {
    PtraceState& state = task.ptrace;
    if (task.state == TaskState::Traced && !state.listening && state.exit_code != 0) {
      const int code = state.exit_code;
      if (consume) state.exit_code = 0;
      return found(code << 8 | 0x7f, Signals::kTrapped, code);
    }
  } else if ((wait.options & kWStopped) != 0 && process.stopped && process.stop_signal != 0 &&
             task.leader()) {
    const int signal = process.stop_signal;
    if (consume) process.stop_signal = 0;
    return found(signal << 8 | 0x7f, Signals::kStopped, signal);
  }
  if ((wait.options & kWContinued) != 0 && process.continued && task.leader()) {
    if (consume) process.continued = false;
    return found(0xffff, Signals::kContinued, kSigCont);
  }
  return false;
}

// ECHILD: there is nobody to wait for. 0: found; 1: nobody yet.
Result<bool> look(Syscall& call, Wait& wait) {
  bool may_come = false;
  Process& process = *call.task.process;
  call.cpu.charge(costs::kEach * process.children.size());
  for (Process* const child : process.children.all()) {
    // Children of another thread, while that lives.
    const Task* const maker = call.kernel.tasks().find(child->leader->real_parent);
    const bool others =
        maker != nullptr && maker != &call.task && maker->process == call.task.process && maker->alive();
    if ((wait.options & kWNoThread) != 0 && others) continue;
    if (consider(call, wait, *child->leader, false, may_come)) return true;
  }
  for (Task* const thread : process.threads.all()) {
    if ((wait.options & kWNoThread) != 0 && thread != &call.task) continue;
    for (Task* const tracee : thread->tracees.all()) {
      if (consider(call, wait, *tracee, true, may_come)) return true;
    }
  }
  if (!may_come) return Error{ECHILD};
  return false;
}

SyscallResult sys_wait4(Syscall& call) {
  constexpr std::uint64_t kKnown = kWNoHang | kWStopped | kWContinued | kWNoThread | kWClone | kWAll;
  const std::uint64_t options = call.args[2] & 0xffffffff;
  if ((options & ~kKnown) != 0) return Error{EINVAL};
  const int pid = call.integer(0);
  if (pid == std::numeric_limits<int>::min()) return Error{ESRCH};
  Wait wait{.options = options | kWExited};
  if (pid > 0) {
    wait.who = Wait::Who::Pid;
    wait.id = pid;
  } else if (pid != -1) {
    wait.who = Wait::Who::Group;
    wait.id = pid == 0 ? call.task.process->group : -pid;
  }
  const auto found = look(call, wait);
  if (!found) return found.error();
  if (!*found) {
    if ((options & kWNoHang) != 0) return 0;
    return call.sleep({&call.task.process->child_exit});
  }
  if (call.args[1] != 0 &&
      !call.mm().write_word(call.address(1), static_cast<std::uint32_t>(wait.status), 4)) {
    return Error{EFAULT};
  }
  if (call.args[3] != 0 && !write_rusage(call.mm(), call.address(3), wait.usage)) return Error{EFAULT};
  return static_cast<std::uint64_t>(wait.pid);
}

SyscallResult sys_waitid(Syscall& call) {
  enum : int { kAll = 0, kPid = 1, kGroup = 2, kPidFd = 3 };
  constexpr std::uint64_t kKnown =
      kWNoHang | kWNoWait | kWExited | kWStopped | kWContinued | kWNoThread | kWClone | kWAll;
  const std::uint64_t options = call.args[3] & 0xffffffff;
  if ((options & ~kKnown) != 0) return Error{EINVAL};
  if ((options & (kWExited | kWStopped | kWContinued)) == 0) return Error{EINVAL};
  Wait wait{.id = call.integer(1), .options = options};
  bool not_yet = false;  // EAGAIN rather than waiting
  switch (call.integer(0)) {
    case kAll:
      break;
    case kPid:
      if (wait.id <= 0) return Error{EINVAL};
      wait.who = Wait::Who::Pid;
      break;
    case kGroup:
      if (wait.id < 0) return Error{EINVAL};
      wait.who = Wait::Who::Group;
      if (wait.id == 0) wait.id = call.task.process->group;
      break;
    case kPidFd: {
      if (wait.id < 0) return Error{EINVAL};
      const auto file = file_argument(call, 1);
      if (!file) return file.error();
      const Pid* const pid = pid_of(**file);
      if (pid == nullptr) return Error{EBADF};
      if (pid->task() == nullptr) return Error{ECHILD};
      wait.who = Wait::Who::Pid;
      wait.id = pid->number();
      not_yet = ((*file)->flags() & kONonBlock) != 0 && (options & kWNoHang) == 0;
      break;
    }
    default:
      return Error{EINVAL};
  }
  const auto found = look(call, wait);
  if (!found) return found.error();
  if (!*found && not_yet) return Error{EAGAIN};
  if (!*found && (options & kWNoHang) == 0) return call.sleep({&call.task.process->child_exit});
  if (*found && call.args[4] != 0 && !write_rusage(call.mm(), call.address(4), wait.usage))
    return Error{EFAULT};
  if (call.args[2] == 0) return 0;
  // The fields that waitid(2) names, and no others, are written.
  const std::array<std::uint64_t, 6> fields{*found ? static_cast<std::uint64_t>(kSigChld) : 0,
                                            0,
                                            static_cast<std::uint64_t>(wait.code),
                                            static_cast<std::uint64_t>(wait.pid),
                                            0,
                                            static_cast<std::uint64_t>(wait.si_status)};
  constexpr std::array<std::uint64_t, 6> kAt{0, 4, 8, 16, 20, 24};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!call.mm().write_word(call.address(2) + kAt[i], fields[i], 4)) return Error{EFAULT};
  }
  return 0;
}

SyscallResult sys_waitpid(Syscall& call) {
  call.args[3] = 0;
  return sys_wait4(call);
}

SyscallResult sys_restart_syscall(Syscall& call) {
  CallProgress& progress = call.task.call;
  if (!call.task.restart) return Error{EINTR};
  progress = std::move(*call.task.restart);
  call.task.restart.reset();
  const SyscallHandler handler = handler_of(*progress.call);
  call.args = progress.args;
  return handler(call);
}

SyscallResult sys_ptrace(Syscall& call) { return call.kernel.ptrace().request(call); }

using Name = isa::linux_abi::Syscall;

}  // namespace

std::span<const SyscallEntry> task_syscalls() {
  static constexpr std::array kTable{
      SyscallEntry{Name::sys_clone, sys_clone},
      SyscallEntry{Name::sys_clone3, sys_clone3},
      SyscallEntry{Name::sys_fork, sys_fork},
      SyscallEntry{Name::sys_vfork, sys_vfork},
      SyscallEntry{Name::sys_execve, sys_execve},
      SyscallEntry{Name::sys_execveat, sys_execveat},
      SyscallEntry{Name::sys_exit, sys_exit},
      SyscallEntry{Name::sys_exit_group, sys_exit_group},
      SyscallEntry{Name::sys_wait4, sys_wait4},
      SyscallEntry{Name::sys_waitid, sys_waitid},
      SyscallEntry{Name::sys_waitpid, sys_waitpid},
      SyscallEntry{Name::sys_restart_syscall, sys_restart_syscall},
      SyscallEntry{Name::sys_ptrace, sys_ptrace},
  };
  return kTable;
}

}  // namespace trapline::kernel
