#include "emu/kernel/ptrace/ptrace.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/signal/signals.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "emu/kernel/task/lifecycle.hpp"
#include "emu/kernel/task/scheduler.hpp"
#include "emu/kernel/task/task_table.hpp"
#include "isa/linux/constants.hpp"

namespace trapline::kernel {

namespace {

using isa::linux_abi::kSigKill;
using isa::linux_abi::kSignals;
using isa::linux_abi::kSigStop;
using isa::linux_abi::kSigTrap;
using isa::linux_abi::kSiKernel;

// linux/ptrace.h
enum Request : std::uint64_t {
  kTraceMe = 0,
  kPeekText = 1,
  kPeekData = 2,
  kPeekUser = 3,
  kPokeText = 4,
  kPokeData = 5,
  kPokeUser = 6,
  kCont = 7,
  kKill = 8,
  kSingleStep = 9,
  kAttach = 16,
  kDetach = 17,
  kOldSetOptions = 21,
  kSyscall = 24,
  kSetOptions = 0x4200,
  kGetEventMsg = 0x4201,
  kGetSigInfo = 0x4202,
  kSetSigInfo = 0x4203,
  kGetRegSet = 0x4204,
  kSetRegSet = 0x4205,
  kSeize = 0x4206,
  kInterrupt = 0x4207,
  kListen = 0x4208,
  kPeekSigInfo = 0x4209,
  kGetSigMask = 0x420a,
  kSetSigMask = 0x420b,
  kSeccompGetFilter = 0x420c,
  kSeccompGetMetadata = 0x420d,
  kGetSyscallInfo = 0x420e,
};

// How a tracee goes on (asm/ptrace.h).
struct Resumption {
  Resume until = Resume::Continue;
  bool step = false;
  bool block = false;  // a step to the next branch
};
std::optional<Resumption> resumption(isa::Isa isa, std::uint64_t request) {
  const isa::linux_abi::Differing differ = isa::linux_abi::differing(isa);
  if (request == kCont) return Resumption{};
  if (request == kSyscall) return Resumption{.until = Resume::Syscall};
  if (request == kSingleStep) return Resumption{.step = true};
  if (request == differ.ptrace_sysemu) return Resumption{.until = Resume::Sysemu};
  if (request == differ.ptrace_sysemu_singlestep) return Resumption{.until = Resume::Sysemu, .step = true};
  if (request == differ.ptrace_singleblock) return Resumption{.step = true, .block = true};
  return std::nullopt;
}

enum Option : std::uint32_t {
  kTraceSysGood = 1,
  kExitKill = 1u << 20,
  kSuspendSeccomp = 1u << 21,
};
constexpr std::uint32_t kOptionMask = 0xff | kExitKill | kSuspendSeccomp;

constexpr std::size_t kKernelSigInfoSize = 48;  // sizeof(struct kernel_siginfo)

// Whether the kernel knows what a siginfo_t holds, by its si_code (known_siginfo_layout()).
bool known_siginfo_layout(int signal, int code) {
  constexpr int kDeThread = -7, kAsyncNl = -60;  // SI_DETHREAD, SI_ASYNCNL
  constexpr int kMostOfOthers = 6;               // NSIGPOLL
  // The greatest si_code of those that have their own (NSIGILL and so on).
  constexpr std::array<std::pair<int, int>, 8> kMost{{{isa::linux_abi::kSigIll, 11},
                                                      {isa::linux_abi::kSigFpe, 15},
                                                      {isa::linux_abi::kSigSegv, 9},
                                                      {isa::linux_abi::kSigBus, 5},
                                                      {kSigTrap, 6},
                                                      {isa::linux_abi::kSigChld, 6},
                                                      {isa::linux_abi::kSigIo, 6},
                                                      {isa::linux_abi::kSigSys, 2}}};
  if (code == kSiKernel || code == kAsyncNl) return true;
  if (code <= 0) return code >= kDeThread;
  const auto own = std::ranges::find(kMost, signal, &std::pair<int, int>::first);
  return code <= (own == kMost.end() ? kMostOfOthers : own->second);
}

constexpr int event_code(PtraceEvent event) { return kSigTrap | static_cast<int>(event) << 8; }

}  // namespace

Ptrace::Ptrace(const PtraceUses& uses)
    : isa_(uses.scheduler.machine().isa()),
      arch_(uses.arch),
      scheduler_(uses.scheduler),
      tasks_(uses.tasks),
      signals_(uses.signals),
      lifecycle_(uses.lifecycle) {}

// --- Who traces whom
// -----------------------------------------------------------------------------------------------------

void Ptrace::link(Task& task, Task& tracer) { task.ptrace.tracer.join(tracer.tracees); }

// The task is nobody's tracee any more. Where its process is stopped by job control, it stops with it.
void Ptrace::unlink(Task& task) {
  if (!task.ptrace.traced()) return;
  const bool reporting = task.ptrace.reporting_signal;
  const bool of_process = task.ptrace.signal_of_process;
  const int data = task.ptrace.data;
  auto info = std::move(task.ptrace.info);
  task.ptrace.reset();
  if (reporting) {  // it was stopped for a signal, and goes on with what the tracer left it
    task.ptrace.reporting_signal = true;
    task.ptrace.signal_of_process = of_process;
    task.ptrace.data = data;
    task.ptrace.info = std::move(info);
  }
  task.job_control.trap_stop = task.job_control.trap_notify = false;
  if (!task.alive() || task.process->group_exit) return;
  const bool group_stops = task.process->stopped || task.process->stops_awaited != 0;
  if (group_stops && task.job_control.stop_pending == 0) {
    task.job_control.stop_pending =
        task.job_control.stop_signal != 0 ? task.job_control.stop_signal : kSigStop;
  }
}

void Ptrace::wake(Task& target) {
  if (target.state == TaskState::Traced) scheduler_.wake_up(target);
}

void Ptrace::exit_tracer(Task& tracer) {
  for (Task* const task : tracer.tracees.all()) {
    if ((task->ptrace.options & kExitKill) != 0) {
      (void)signals_.send(SigInfo(isa_, kSigKill, kSiKernel), *task);
    }
    unlink(*task);
    wake(*task);
    // A zombie that only its tracer could wait for is its parent's again.
    if (task->state == TaskState::Zombie) lifecycle_.reap_or_notify(*task);
  }
}

void Ptrace::start_child(Task& parent, Task& child, bool traced) {
  if (!traced || !parent.ptrace.traced()) return;
  link(child, *parent.ptrace.tracer);
  child.ptrace.seized = parent.ptrace.seized;
  child.ptrace.options = parent.ptrace.options;
  if (child.ptrace.seized) {
    child.job_control.trap_stop = true;
  } else {
    child.pending.add_bare(kSigStop);
  }
}

// --- Stops
// -----------------------------------------------------------------------------------------------------

bool Ptrace::stop(Task& task, int exit_code, int why, std::uint64_t message,
                  const std::optional<SigInfo>& info) {
  if (!task.ptrace.traced() || signals_.fatal_pending(task)) return false;
  PtraceState& state = task.ptrace;
  state.message = message;
  state.info = info;
  state.exit_code = exit_code;
  state.data = 0;
  state.listening = false;
  const bool last =
      why == Signals::kStopped && task.job_control.stop_pending != 0 && signals_.take_part_in_stop(task);
  task.job_control.trap_stop = false;
  if (info && info->code() >> 8 == static_cast<int>(PtraceEvent::Stop)) task.job_control.trap_notify = false;
  task.state = TaskState::Traced;
  scheduler_.leave(task);
  scheduler_.machine().cpu(task.cpu).trace(machine::Layer::FrontEnd, "ptrace_stop",
                                           {{"tracee", std::int64_t{task.tid()}},
                                            {"status", machine::Hex{static_cast<std::uint64_t>(exit_code)}}});
  Task& tracer = *state.tracer;
  signals_.notify_parent_of_stop(task, true, why);
  if (last && tracer.process.get() != task.process->parent) {
    signals_.notify_parent_of_stop(task, false, why);
  }
  return true;
}

bool Ptrace::notify(Task& task, int exit_code, std::uint64_t message) {
  SigInfo info(isa_, exit_code & 0x7f, exit_code);
  info.pid(task.tid()).uid(0);
  return stop(task, exit_code, Signals::kTrapped, message, info);
}

bool Ptrace::wants(const Task& task, PtraceEvent event) const {
  return task.ptrace.traced() && (task.ptrace.options >> static_cast<unsigned>(event) & 1) != 0;
}

bool Ptrace::event(Task& task, PtraceEvent event, std::uint64_t message) {
  return wants(task, event) && notify(task, event_code(event), message);
}

bool Ptrace::syscall_stop(Task& task, bool entry) {
  const bool asked =
      task.ptrace.resumed_by == Resume::Syscall || (entry && task.ptrace.resumed_by == Resume::Sysemu);
  if (!task.ptrace.traced() || !asked) return false;
  const int code = kSigTrap | ((task.ptrace.options & kTraceSysGood) != 0 ? 0x80 : 0);
  return notify(task, code, entry ? 1 : 2);  // PTRACE_EVENTMSG_SYSCALL_ENTRY, _EXIT
}

void Ptrace::stop_for_signal(Task& task, const SigInfo& info, bool of_process) {
  task.job_control.stop_dequeued = true;
  task.ptrace.reporting_signal = true;
  task.ptrace.signal_of_process = of_process;
  if (!stop(task, info.signal(), Signals::kTrapped, 0, info)) {
    task.ptrace.info = info;
    task.ptrace.data = info.signal();
  }
}

std::optional<SigInfo> Ptrace::signal_after_stop(Task& task) {
  task.ptrace.reporting_signal = false;
  auto info = std::exchange(task.ptrace.info, std::nullopt);
  const int signal = std::exchange(task.ptrace.data, 0);
  if (signal == 0 || !info) return std::nullopt;
  if (signal != info->signal()) {
    info = SigInfo(isa_, signal, Signals::kUser);
    if (task.ptrace.traced()) info->pid(task.ptrace.tracer->tid()).uid(0);
  }
  if ((task.blocked & signal_bit(signal)) != 0) {
    (void)(task.ptrace.signal_of_process ? signals_.send(*info, *task.process) : signals_.send(*info, task));
    return std::nullopt;
  }
  return info;
}

// do_jobctl_trap(): a stop that is not for a signal.
bool Ptrace::job_control_trap(Task& task) {
  int signal = task.job_control.stop_signal;
  if (task.ptrace.seized) {
    if (task.process->stops_awaited == 0 && !task.process->stopped) signal = kSigTrap;
    SigInfo info(isa_, signal, signal | static_cast<int>(PtraceEvent::Stop) << 8);
    info.pid(task.tid()).uid(0);
    const int code = info.code();
    task.job_control.trap_notify = false;
    if (stop(task, code, Signals::kStopped, 0, info)) return true;
  } else if (stop(task, signal, Signals::kStopped, 0, std::nullopt)) {
    return true;
  }
  task.job_control.trap_stop = task.job_control.trap_notify = false;
  return false;
}

// ptrace_trap_notify(): a seized tracee that listens learns that its group's state has changed.
void Ptrace::notify_trap(Task& task) {
  task.job_control.trap_notify = true;
  if (task.state == TaskState::Traced) {
    if (task.ptrace.listening) {
      task.ptrace.listening = false;
      wake(task);
    }
  } else {
    signals_.wake(task, false);
  }
}

void Ptrace::enable_single_step(Task& task, bool block) {
  scheduler_.with_registers(
      task, [&](machine::Cpu& cpu) { arch_.user_enable_single_step(cpu, *task.mm, task.arch, block); });
}

void Ptrace::disable_single_step(Task& task) {
  if (!task.arch.user_single_step) return;
  scheduler_.with_registers(task, [&](machine::Cpu& cpu) { arch_.user_disable_single_step(cpu, task.arch); });
}

// --- Requests
// -----------------------------------------------------------------------------------------------------

SyscallResult Ptrace::trace_me(Syscall& call) {
  Task& task = call.task;
  if (task.ptrace.traced()) return Error{EPERM};
  if (task.process->parent == nullptr) {
    // Its parent is not of this machine and never waits: nothing follows, but that it is traced shows.
    return std::exchange(task.ptrace.by_outsider, true) ? SyscallResult(Error{EPERM}) : std::uint64_t{0};
  }
  // A parent that has ended, of which other threads may be left, traces nobody; that is no error.
  Task* const tracer = tasks_.find(task.real_parent);
  if (tracer != nullptr && tracer->process.get() == task.process->parent && tracer->alive())
    link(task, *tracer);
  return 0;
}

SyscallResult Ptrace::attach(Syscall& call, Task& target, bool seize) {
  if (seize) {
    if (call.args[2] != 0) return Error{EIO};
    if ((call.args[3] & ~std::uint64_t{kOptionMask}) != 0) return Error{EIO};
  }
  if (target.process == call.task.process || target.is_kernel_thread) return Error{EPERM};
  if (!target.alive() || target.ptrace.traced()) return Error{EPERM};
  link(target, call.task);
  target.ptrace.seized = seize;
  if (seize) target.ptrace.options = static_cast<std::uint32_t>(call.args[3]);
  if (!seize) (void)signals_.send(SigInfo(isa_, kSigStop, kSiKernel), target);
  if (target.state == TaskState::Stopped) {
    // From the one stopped state to the other at once, so that the tracer never sees it run.
    target.state = TaskState::Running;
    target.job_control.trap_stop = true;
    job_control_trap(target);
  }
  return 0;
}

SyscallResult Ptrace::detach(Syscall& call, Task& target) {
  if ((call.args[3] & 0xffffffff) > static_cast<std::uint64_t>(kSignals))
    return Error{EIO};  // an unsigned int
  disable_single_step(target);
  target.ptrace.data = static_cast<int>(call.args[3]);
  const bool syscall_stop = target.step == Step::SyscallEntered || target.step == Step::SyscallExited;
  const int signal = target.ptrace.data;
  unlink(target);
  if (syscall_stop && signal != 0) (void)signals_.send(SigInfo(isa_, signal, kSiKernel), target);
  wake(target);
  return 0;
}

SyscallResult Ptrace::resume(Syscall& call, Task& target, Resume until, bool step, bool block) {
  if (call.args[3] > static_cast<std::uint64_t>(kSignals)) return Error{EIO};
  target.ptrace.resumed_by = until;
  if (step) {
    enable_single_step(target, block);
  } else {
    disable_single_step(target);
  }
  target.ptrace.data = static_cast<int>(call.args[3]);
  target.ptrace.exit_code = 0;
  if (!target.ptrace.reporting_signal) target.ptrace.info.reset();
  wake(target);
  return 0;
}

Status Ptrace::set_options(Task& target, std::uint64_t options) {
  if ((options & ~std::uint64_t{kOptionMask}) != 0) return Error{EINVAL};
  target.ptrace.options = static_cast<std::uint32_t>(options);
  return Done{};
}

SyscallResult Ptrace::request(Syscall& call) {
  const std::uint64_t request = call.args[0];
  if (request == kTraceMe) return trace_me(call);
  Task* const target = tasks_.find(call.integer(1));
  if (target == nullptr) return Error{ESRCH};
  if (request == kAttach || request == kSeize) return attach(call, *target, request == kSeize);
  if (target->ptrace.tracer != &call.task) return Error{ESRCH};
  if (request == kKill) {
    (void)signals_.send(SigInfo(isa_, kSigKill, Signals::kUser), *target);
    return 0;
  }
  if (request == kInterrupt) {
    if (!target->ptrace.seized) return Error{EIO};
    if (!target->alive()) return 0;
    if (target->state == TaskState::Traced && !target->ptrace.listening) {
      target->job_control.trap_stop = true;
      return 0;
    }
    target->job_control.trap_stop = true;
    if (target->ptrace.listening) {
      target->ptrace.listening = false;
      wake(*target);
    } else {
      signals_.wake(*target, false);
    }
    return 0;
  }
  if (target->state != TaskState::Traced || target->ptrace.listening) return Error{ESRCH};
  return at_stop(call, *target, request);
}

SyscallResult Ptrace::at_stop(Syscall& call, Task& target, std::uint64_t request) {
  Mm& mine = call.mm();
  const GuestVa data = call.address(3);
  const auto status = [](const Status& done) {
    return done ? SyscallResult(std::uint64_t{0}) : done.error();
  };
  if (const auto how = resumption(call.isa(), request))
    return resume(call, target, how->until, how->step, how->block);
  switch (request) {
    case kPeekText:
    case kPeekData: {
      std::array<std::byte, 8> word{};
      if (!target.mm || !target.mm->peek(call.address(2), word)) return Error{EIO};
      return mine.write(data, word) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
    }
    case kPokeText:
    case kPokeData: {
      std::array<std::byte, 8> word{};
      isa::store_word(word, call.args[3], isa::byte_order(call.isa()));
      return target.mm && target.mm->poke(call.address(2), word) ? SyscallResult(std::uint64_t{0})
                                                                 : Error{EIO};
    }
    case kDetach:
      return detach(call, target);
    case kSetOptions:
    case kOldSetOptions:
      return status(set_options(target, call.args[3]));
    case kGetEventMsg:
      return mine.write_word(data, target.ptrace.message, 8) ? SyscallResult(std::uint64_t{0})
                                                             : Error{EFAULT};
    case kGetSigInfo:
      if (!target.ptrace.info) return Error{EINVAL};
      return mine.write(data, target.ptrace.info->bytes()) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
    case kSetSigInfo: {
      std::array<std::byte, SigInfo::kSize> bytes{};
      if (!mine.read(data, bytes)) return Error{EFAULT};
      // Only of what the kernel does not know all has to fit (post_copy_siginfo_from_user()).
      const auto rest = std::span(bytes).subspan(kKernelSigInfoSize);
      const SigInfo given(call.isa(), bytes);
      if (!known_siginfo_layout(given.signal(), given.code()) &&
          std::ranges::any_of(rest, [](std::byte b) { return b != std::byte{0}; }))
        return Error{E2BIG};
      std::ranges::fill(rest, std::byte{0});
      if (!target.ptrace.info) return Error{EINVAL};
      target.ptrace.info = SigInfo(call.isa(), bytes);
      return 0;
    }
    case kPeekSigInfo:
      return peek_siginfo(call, target);
    case kGetSigMask:
    case kSetSigMask: {
      if (call.args[2] != 8) return Error{EINVAL};
      if (request == kGetSigMask) {
        const SignalSet mask = target.saved_mask.value_or(target.blocked);
        return mine.write_word(data, mask, 8) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
      }
      const auto mask = mine.read_word(data, 8);
      if (!mask) return Error{EFAULT};
      target.saved_mask.reset();
      target.blocked = *mask & ~(signal_bit(kSigKill) | signal_bit(kSigStop));
      return 0;
    }
    case kListen:
      if (!target.ptrace.seized || !target.ptrace.info ||
          target.ptrace.info->code() >> 8 != static_cast<int>(PtraceEvent::Stop)) {
        return Error{EIO};
      }
      target.ptrace.listening = true;
      // What happened since the stop is reported at once.
      if (target.job_control.trap_notify) {
        target.ptrace.listening = false;
        wake(target);
      }
      return 0;
    case kGetSyscallInfo:
      return syscall_info(call, target);
    // There are no filters.
    case kSeccompGetMetadata:
      if (std::array<std::byte, 8> number{}; call.args[2] >= number.size() && !mine.read(data, number))
        return Error{EFAULT};
      return Error{EINVAL};
    case kSeccompGetFilter:
      return Error{EINVAL};
    default:
      break;
  }
  return scheduler_.with_registers(target,
                                   [&](machine::Cpu& cpu) { return register_request(call, cpu, target); });
}

SyscallResult Ptrace::register_request(Syscall& call, machine::Cpu& cpu, Task& target) {
  Mm& mine = call.mm();
  const std::uint64_t request = call.args[0];
  if (request == kPeekUser) {
    const auto plain = arch_.peek_user(cpu, target.arch, call.args[2]);
    const auto word = plain ? *plain : arch_.peek_debug_register(target, call.args[2]);
    if (!word) return word.error();
    return mine.write_word(call.address(3), *word, 8) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
  }
  if (request == kPokeUser) {
    const auto plain = arch_.poke_user(cpu, target.arch, call.args[2], call.args[3]);
    const Status done = plain ? *plain : arch_.poke_debug_register(target, call.args[2], call.args[3]);
    return done ? SyscallResult(std::uint64_t{0}) : done.error();
  }
  if (request == kGetRegSet || request == kSetRegSet) return whole_regset(call, cpu, target);
  if (const auto known = arch_.regset_request(request)) {
    auto bytes = arch_.regset(cpu, target.arch, known->type);
    if (!bytes) return bytes.error();
    const Regset set = *arch_.regset_of(known->type);
    call.cpu.charge(known->set ? set.set_cost : set.get_cost);
    const auto part = std::span(*bytes).first(known->size);
    if (!known->set)
      return mine.write(call.address(3), part) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
    if (!mine.read(call.address(3), part)) return Error{EFAULT};
    const Status done = arch_.set_regset(cpu, target.arch, known->type, part);
    return done ? SyscallResult(std::uint64_t{0}) : done.error();
  }
  return arch_.ptrace_request(call, cpu, target);
}

// PTRACE_GETREGSET and PTRACE_SETREGSET: the address is the type, the data a struct iovec, whose length is
// set to what was moved.
SyscallResult Ptrace::whole_regset(Syscall& call, machine::Cpu& cpu, Task& target) {
  Mm& mine = call.mm();
  const auto type = static_cast<unsigned>(call.args[2]);
  const auto base = mine.read_word(call.address(3), 8);
  const auto length = mine.read_word(call.address(3) + 8, 8);
  if (!base || !length) return Error{EFAULT};
  const auto set = arch_.regset_of(type);
  if (!set) return set.error();
  if (*length % set->unit != 0) return Error{EINVAL};
  const std::uint64_t moved = std::min<std::uint64_t>(*length, set->size);
  call.cpu.charge(call.args[0] == kGetRegSet ? set->get_cost : set->set_cost);
  if (call.args[0] == kGetRegSet) {
    const auto bytes = arch_.regset(cpu, target.arch, type);
    if (!bytes) return bytes.error();
    if (!mine.write(GuestVa(*base), std::span(*bytes).first(moved))) return Error{EFAULT};
  } else {
    std::vector<std::byte> bytes(moved);
    if (!mine.read(GuestVa(*base), bytes)) return Error{EFAULT};
    if (const Status done = arch_.set_regset(cpu, target.arch, type, bytes); !done) return done.error();
  }
  return mine.write_word(call.address(3) + 8, moved, 8) ? SyscallResult(std::uint64_t{0}) : Error{EFAULT};
}

// PTRACE_PEEKSIGINFO: copies of pending signals. struct ptrace_peeksiginfo_args: u64 off, u32 flags, s32 nr.
SyscallResult Ptrace::peek_siginfo(Syscall& call, Task& target) {
  const auto offset = call.mm().read_word(call.address(2), 8);
  const auto flags = call.mm().read_word(call.address(2) + 8, 4);
  const auto count = call.mm().read_word(call.address(2) + 12, 4);
  if (!offset || !flags || !count) return Error{EFAULT};
  if ((*flags & ~std::uint64_t{1}) != 0 || static_cast<std::int32_t>(*count) < 0) return Error{EINVAL};
  const PendingSignals& pending = (*flags & 1) != 0 ? target.process->pending : target.pending;
  std::uint64_t copied = 0;
  for (std::uint64_t at = *offset; copied < *count && at < pending.queued(); ++at, ++copied) {
    if (!call.mm().write(call.address(3) + copied * SigInfo::kSize, pending.at(at).bytes())) {
      return copied != 0 ? SyscallResult(copied) : Error{EFAULT};
    }
  }
  return copied;
}

// struct ptrace_syscall_info of linux/ptrace.h; the result is its size, whatever of it fits.
SyscallResult Ptrace::syscall_info(Syscall& call, Task& target) {
  std::array<std::byte, 88> bytes{};
  const std::endian order = isa::byte_order(call.isa());
  const auto put = [&](std::size_t at, std::uint64_t value, std::size_t size) {
    isa::store_word(std::span(bytes).subspan(at, size), value, order);
  };
  const bool in_call = target.ptrace.info && target.ptrace.info->code() == (kSigTrap | 0x80);
  const std::uint64_t what = in_call ? target.ptrace.message : 0;
  std::uint64_t size = 24;
  scheduler_.with_registers(target, [&](machine::Cpu& cpu) {
    put(0, what, 1);
    put(4, arch_.audit_arch(target.arch), 4);
    put(8, cpu.pc().value, 8);
    put(16, arch_.stack_pointer(cpu).value, 8);
    if (what == 1) {
      const SyscallRegisters registers = arch_.syscall_registers(cpu, target.arch);
      put(24, registers.number, 8);
      for (unsigned i = 0; i < registers.args.size(); ++i) put(32 + 8 * i, registers.args[i], 8);
      size = 80;
    } else if (what == 2) {
      const std::int64_t result = arch_.syscall_result(cpu);
      put(24, static_cast<std::uint64_t>(result), 8);
      put(32, result < 0 && result >= -4095 ? 1 : 0, 1);
      size = 33;
    }
  });
  const std::uint64_t wanted = std::min(call.args[2], size);
  if (!call.mm().write(call.address(3), std::span(bytes).first(wanted))) return Error{EFAULT};
  return size;
}

}  // namespace trapline::kernel
