// How a task comes into the kernel and gets out again (kernel/entry, and the exceptions of arch/*).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "emu/kernel/costs.hpp"
#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/x86/canonical.hpp"

namespace trapline::kernel {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals and their codes

namespace {

// As its manual page has it, or its number.
std::string call_name(const CallProgress& progress) {
  return progress.call ? std::string(name(*progress.call)) : fmt::format("{}", progress.number);
}

// prctl(2), PR_SET_SYSCALL_USER_DISPATCH. True: the call is not made. Its registers are as the program set
// them, it gets a SIGSYS, and no tracer is told of it.
bool syscall_user_dispatch(Kernel& kernel, machine::Cpu& cpu, Task& task) {
  enum : std::uint64_t { kAllow = 0, kBlock = 1 };
  constexpr int kSysUserDispatch = 2;  // SYS_USER_DISPATCH
  const SyscallDispatch& dispatch = task.syscall_dispatch;
  if (dispatch.allows(cpu.pc())) return false;
  if (dispatch.selector.value != 0) {
    const auto selected = task.mm->read_word(dispatch.selector, 1);
    if (selected && *selected == kAllow) return false;
    if (!selected || *selected != kBlock) {
      kernel.signals().force_fatal(task, selected ? kSigSys : kSigSegv);
      return true;
    }
  }
  const std::uint64_t number = task.arch.orig;
  kernel.arch().set_syscall_result(cpu, number);
  kernel.signals().force(task, SigInfo(kernel.isa(), kSigSys, kSysUserDispatch)
                                   .sys(cpu.pc(), number, kernel.arch().audit_arch(task.arch)));
  return true;
}

}  // namespace

// --- Why a run stopped
// -----------------------------------------------------------------------------------------------------

void Kernel::handle(machine::Cpu& cpu, Task& task, const machine::Stop& stop) {
  struct Visitor {
    Kernel& kernel;
    machine::Cpu& cpu;
    Task& task;

    void operator()(const machine::DebugException& exception) const {
      cpu.charge(kernel.machine_.event_costs().trap);
      kernel.arch_->debug_exception(cpu, task, exception);
    }
    void operator()(const machine::SystemCall&) const { kernel.enter_system_call(cpu, task); }
    void operator()(const machine::SystemCall32&) const { kernel.enter_system_call(cpu, task, true); }
    void operator()(const machine::PageFault& fault) const { kernel.page_fault(cpu, task, fault); }
    void operator()(const machine::Fault& fault) const { kernel.fault(cpu, task, fault); }
    void operator()(const machine::SoftwareBreakpoint&) const {
      cpu.charge(kernel.machine_.event_costs().trap);
      if (kernel.kernel_half_ && kernel.kernel_half_->told_of_breakpoint(cpu, task)) return;
      kernel.signals_.force_sig_fault(task, kernel.arch_->signal_of_breakpoint(cpu));
    }
    void operator()(const machine::BudgetUsed&) const {}
    void operator()(const machine::EngineFailure& failure) const {
      kernel.failure_ = fmt::format("the engine stopped at {:#x}: {}", cpu.pc().value, failure.what);
      (void)task;
    }
  };
  // What MOV SS held back comes in the kernel's entry code then, where no breakpoint of a program counts.
  if (!std::holds_alternative<machine::BudgetUsed>(stop)) cpu.forget_held_matches();
  const bool call = std::holds_alternative<machine::SystemCall>(stop) ||
                    std::holds_alternative<machine::SystemCall32>(stop);
  if (!call) arch_->enter_exception(task.arch, stop);
  std::visit(Visitor{*this, cpu, task}, stop);
  perf_.send_traps();
}

// --- System calls
// -----------------------------------------------------------------------------------------------------

void Kernel::enter_system_call(machine::Cpu& cpu, Task& task, bool by_gate32) {
  cpu.charge(machine_.event_costs().syscall);
  if (!by_gate32) {
    arch_->enter_system_call(cpu, task.arch);
  } else if (!arch_->enter_system_call32(cpu, task.arch)) {
    return signals_.force_sig_fault(task, {kSigSegv, kSiKernel, {}});
  }
  task.step = Step::SyscallEntry;
}

std::string Kernel::work_of(const Task& task) {
  switch (task.step) {
    case Step::SyscallEntry:
    case Step::SyscallEntered:
    case Step::Syscall:
    case Step::SyscallExit:
    case Step::SyscallExited:
      return call_name(task.call) + "(2)";
    case Step::ReturnFromFork:
      return "clone(2)";
    case Step::Signals:
      return "the delivery of a signal";
    case Step::Exit:
    case Step::ExitReported:
      return "the end of the task";
    case Step::KernelCode:
    case Step::Schedule: {
      const KernelCall& innermost = task.kernel->frames.back().call;
      return innermost.sleeps_in_call ? call_name(task.call) + "(2)" : innermost.reason;
    }
    case Step::KernelThread:
      return "a kernel thread";
    case Step::User:
      break;
  }
  return "an exception";
}

// Calls the handler. False: it has to be called again.
bool Kernel::system_call(machine::Cpu& cpu, Task& task) {
  CallProgress& progress = task.call;
  const SyscallHandler handler = progress.call ? handler_of(*progress.call) : nullptr;
  Syscall context{*this, task, cpu, progress.args};
  const bool served = kernel_half_ && task.kernel && task.kernel->call.served;
  const SyscallResult result = served               ? result_of_kernel_code(*task.kernel->call.served)
                               : handler != nullptr ? handler(context)
                                                    : SyscallResult(Error{ENOSYS});
  if (task.mm) cpu.charge(task.mm->take_work());
  if (!result && result.error().number == kSleeps) return false;
  {
    const std::string shown = call_name(progress);
    if (result || result.error().number == kRegistersSet) {
      cpu.trace(machine::Layer::Syscall, shown, {{"result", machine::Hex{result ? *result : 0}}});
    } else {
      const Error& error = result.error();
      if (machine_.traced() && error.why)
        cpu.trace(machine::Layer::Syscall, shown,
                  {{"errno", std::int64_t{error.number}}, {"reason", error.why.text()}});
      else
        cpu.trace(machine::Layer::Syscall, shown, {{"errno", std::int64_t{error.number}}});
    }
  }
  if (!result && result.error().number == kErestartRestartBlock) {
    task.restart = progress;
    task.restart->file.reset();
  }
  progress.file.reset();
  progress.program.reset();
  if (kernel_half_) {
    const bool done = result || result.error().number == kRegistersSet;
    kernel_half_->kprobes().work_done(task, result ? *result : done ? 0 : error_value(result.error().number));
  }
  if (result || result.error().number != kRegistersSet) arch_->set_syscall_result(cpu, result);
  return true;
}

// One step of a task in the kernel; where it goes on is in task.step.
void Kernel::step(machine::Cpu& cpu, Task& task) {
  switch (task.step) {
    case Step::User:
      if (signals_.pending(task)) task.step = Step::Signals;
      return;
    case Step::SyscallEntry:
      if (task.syscall_dispatch.on && syscall_user_dispatch(*this, cpu, task)) {
        task.step = Step::Signals;
        return;
      }
      task.step = Step::SyscallEntered;
      // Who emulates calls said so before this one, and cannot change their mind in the stop.
      task.call = {};
      if (task.kernel) task.kernel->call = {};
      task.call.emulated = task.ptrace.resumed_by == Resume::Sysemu;
      task.ptrace.data = 0;  // of another stop, where it would have meant nothing
      ptrace_.syscall_stop(task, true);
      return;
    case Step::SyscallEntered: {
      // Read now, since the tracer may have put another call in its place.
      const SyscallRegisters registers = arch_->syscall_registers(cpu, task.arch);
      if (task.ptrace.traced()) send_injected(task);
      task.call.number = registers.number;
      task.call.args = registers.args;
      task.call.call = registers.call;
      const bool skipped = task.call.emulated || (task.ptrace.traced() && registers.none);
      task.step = skipped ? Step::SyscallExit : Step::Syscall;
      return;
    }
    case Step::Syscall:
      if (kernel_half_ && (kernel_half_->work().begins(cpu, task) || kernel_half_->work().serves(task)))
        return;
      if (system_call(cpu, task)) {
        if (task.step == Step::Syscall) task.step = Step::SyscallExit;
      } else if (task.state != TaskState::Running) {
        if (!kernel_half_ || !kernel_half_->sleeps_in_schedule(cpu, task)) scheduler_.leave(task);
      }
      return;
    case Step::ReturnFromFork:
    case Step::SyscallExit:
      task.step = Step::SyscallExited;
      task.ptrace.data = 0;
      // user_single_step_report()
      if (const auto code = task.arch.user_single_step && task.ptrace.traced()
                                ? arch_->step_over_call(task.ptrace.resumed_by == Resume::Sysemu)
                                : std::nullopt) {
        signals_.force_sig_fault(task, {kSigTrap, *code, cpu.pc()});
      } else {
        ptrace_.syscall_stop(task, false);
      }
      return;
    case Step::SyscallExited:
      send_injected(task);
      task.step = Step::Signals;
      return;
    case Step::Signals:
      if (signals_.deliver(cpu, task)) task.step = Step::User;
      return;
    case Step::Exit:
      if (kernel_half_ && kernel_half_->work().begins_exit(cpu, task)) return;
      task.step = Step::ExitReported;
      ptrace_.event(task, PtraceEvent::Exit, static_cast<std::uint64_t>(task.exit_status.wait_status()));
      return;
    case Step::ExitReported:
      lifecycle_.do_exit(cpu, task);
      return;
    case Step::KernelCode:
      return;  // runs by itself
    case Step::Schedule:
      task.step = Step::KernelCode;
      kernel_half_->schedule(cpu, task);
      return;
    case Step::KernelThread:
      // The idle task has done what came to its CPU.
      task.state = TaskState::Killable;
      scheduler_.leave(task);
      return;
  }
}

// The signal that a tracer let the task go on with, out of a stop that was not for a signal.
void Kernel::send_injected(Task& task) {
  const int signal = std::exchange(task.ptrace.data, 0);
  if (signal == 0 || !task.ptrace.traced()) return;
  (void)signals_.send(SigInfo(isa(), signal, kSiKernel), task);
}

std::optional<machine::Turn> Kernel::return_to_user(machine::Cpu& cpu, Task& task) {
  const std::uint64_t kernel_limit = scheduler_.kernel_limit(cpu.index());
  if (kernel_half_) kernel_half_->tick_irq_enter(cpu, task);
  for (;;) {
    if (kernel_half_) {
      kernel_half_->interrupts().deliver(cpu.index(), task);
      if (KernelCode::wanted(task)) begin_kernel_code(cpu, task);
    }
    if (task.step == Step::KernelCode) {
      KernelCode::set_mode(cpu, task);
      turn_task_ = &task;
      kernel_mode_.emplace(*this, cpu, task);
      return machine::Turn{&cpu, turn_limit(cpu, task), &*kernel_mode_};
    }
    const bool returns = task.step == Step::User || task.step == Step::Signals;
    if (returns && kernel_half_ && scheduler_.needs_resched(cpu.index()) &&
        kernel_half_->makes_way_in_schedule(cpu, task))
      continue;
    if (returns && scheduler_.preempt(cpu.index())) return std::nullopt;
    if (task.step == Step::User && !signals_.pending(task)) break;
    step(cpu, task);
    cpu.charge(costs::beyond_free(tasks_.take_looked()) * costs::kEach);
    if (scheduler_.running(cpu.index()) != &task || task.state != TaskState::Running) return std::nullopt;
    if (cpu.clock() >= kernel_limit || stops()) return std::nullopt;
  }
  if (kernel_half_) KernelCode::set_mode(cpu, task);
  arch_->return_to_user(task);
  turn_task_ = &task;
  user_.emplace(*this, cpu, task);
  return machine::Turn{&cpu, turn_limit(cpu, task), &*user_};
}

std::uint64_t Kernel::turn_limit(machine::Cpu& cpu, const Task& task) {
  const std::uint64_t next_timer = timers_.next().value_or(~std::uint64_t{0});
  return std::min({max_cycles_, next_timer, scheduler_.limit(cpu.index()), process_timers_.time_limit(task)});
}

Kernel::UserMode::UserMode(Kernel& kernel, machine::Cpu& cpu, Task& task)
    : kernel_(kernel), cpu_(cpu), task_(task), plans_(kernel.plans()) {}

// As long as what the limit came from is as it was, and the task has nothing to do in the kernel.
bool Kernel::UserMode::goes_on() const {
  return kernel_.scheduler_.running(cpu_.index()) == &task_ && task_.step == Step::User &&
         task_.state == TaskState::Running && !kernel_.signals_.pending(task_) && kernel_.plans() == plans_ &&
         !kernel_.stops() && (!kernel_.kernel_half_ || !kernel_.kernel_half_->wanted(cpu_.index(), task_));
}

// --- Guest code of the kernel ---

namespace {

const char* fault_words(isa::Isa isa, machine::FaultKind kind) {
  if (isa == isa::Isa::Ppc64) return "Exception in kernel mode";
  switch (kind) {
    case machine::FaultKind::IllegalInstruction:
      return "invalid opcode";
    case machine::FaultKind::PrivilegedInstruction:
      return "general protection fault";
    case machine::FaultKind::DivideError:
      return "divide error";
    case machine::FaultKind::FloatingPoint:
      return "simd exception";
    case machine::FaultKind::Alignment:
      return "alignment check";
  }
  return "";
}

}  // namespace

Kernel::KernelMode::KernelMode(Kernel& kernel, machine::Cpu& cpu, Task& task)
    : kernel_(kernel), cpu_(cpu), task_(task), plans_(kernel.plans()) {}

bool Kernel::KernelMode::goes_on() const {
  return kernel_.scheduler_.running(cpu_.index()) == &task_ && task_.step == Step::KernelCode &&
         task_.state == TaskState::Running && kernel_.plans() == plans_ && !kernel_.stops() &&
         !kernel_.kernel_half_->wanted(cpu_.index(), task_);
}

bool Kernel::KernelMode::stopped(const machine::Stop& stop) {
  kernel_.kernel_exception(cpu_, task_, stop);
  kernel_.perf_.send_traps();
  return true;
}

void Kernel::kernel_exception(machine::Cpu& cpu, Task& task, const machine::Stop& stop) {
  if (kernel_half_->kexec().started()) return kernel_half_->kexec().stopped(cpu, stop);
  struct Visitor {
    Kernel& kernel;
    machine::Cpu& cpu;
    Task& task;

    void operator()(const machine::DebugException& exception) const {
      cpu.charge(kernel.machine_.event_costs().trap);
      kernel.arch_->debug_exception(cpu, task, exception);
    }
    void operator()(const machine::PageFault& fault) const { kernel.kernel_page_fault(cpu, task, fault); }
    void operator()(const machine::Fault& fault) const {
      const bool illegal =
          kernel.isa() == isa::Isa::Ppc64 && fault.kind == machine::FaultKind::IllegalInstruction;
      die(fault_words(kernel.isa(), fault.kind), illegal ? kSigIll : kSigSegv);
    }
    // Kernel code makes no system calls.
    void operator()(const machine::SystemCall&) const {
      die(fault_words(kernel.isa(), machine::FaultKind::IllegalInstruction));
    }
    void operator()(const machine::SystemCall32&) const { (*this)(machine::SystemCall{}); }
    void operator()(const machine::SoftwareBreakpoint&) const {
      if (kernel.kernel_half_->debugger().debugger_bpt(cpu, task)) return;
      if (kernel.kernel_half_->kprobes().breakpoint(cpu, task))
        return cpu.charge(kernel.machine_.event_costs().trap);
      if (kernel.kernel_half_->told_of_breakpoint(cpu, task)) return;
      const bool x86 = kernel.isa() == isa::Isa::X86_64;
      die(x86 ? "int3" : "Exception in kernel mode", x86 ? kSigSegv : kSigTrap);
    }
    void die(const char* what, int signal = kSigSegv) const {
      cpu.charge(kernel.machine_.event_costs().trap);
      kernel.oops(cpu, task, {kernel.die_line(what, 0, signal)}, signal);
    }
    void operator()(const machine::BudgetUsed&) const {}
    void operator()(const machine::EngineFailure& failure) const {
      kernel.failure_ = fmt::format("the engine stopped at {:#x}: {}", cpu.pc().value, failure.what);
    }
  };
  std::visit(Visitor{*this, cpu, task}, stop);
}

std::optional<std::uint64_t> Kernel::call_now(machine::Cpu& cpu, Task& task, KernelCall call) {
  constexpr std::uint64_t kLongest = 100'000'000;  // cycles
  // What goes wrong in one such call may lead to the next.
  constexpr unsigned kMostNested = 4;
  if (calls_now_ == kMostNested) return std::nullopt;
  ++calls_now_;
  // It may be given up, and the call return after all.
  const auto result = std::make_shared<std::optional<std::uint64_t>>();
  call.returned = [result](std::uint64_t value) { *result = value; };
  KernelCode& code = kernel_half_->code();
  const std::size_t outer = code.context_of(task).frames.size();
  code.call(task, std::move(call));
  const std::uint64_t limit = std::min(max_cycles_, cpu.clock() + kLongest);
  while (!*result && failure_.empty()) {
    if (KernelCode::wanted(task)) {
      begin_kernel_code(cpu, task);
      continue;
    }
    if (task.kernel->frames.size() <= outer) break;  // it was given up
    if (cpu.clock() >= limit) {
      give_up(
          "kernel code did not return that nobody can wait for (a die notifier, a function for each symbol)");
      break;
    }
    kernel_exception(cpu, task, cpu.run(limit));
  }
  --calls_now_;
  return *result;
}

void Kernel::begin_kernel_code(machine::Cpu& cpu, Task& task) {
  switch (kernel_half_->code().begin(cpu, task)) {
    case KernelCode::Begun::Yes:
    case KernelCode::Begun::Nothing:
      return;
    case KernelCode::Begun::NoMemory:
      out_of_memory_ = true;
      kernel_half_->code().abandon(cpu, task);
      if (task.tid() == 0) return panic(cpu, "no memory for the stack of an interrupt");
      return lifecycle_.begin_exit(task, {0, kSigKill});
    case KernelCode::Begun::StackOverflow:
      return oops(cpu, task, {"BUG: kernel stack overflow", die_line("Oops", 0, kSigSegv)}, kSigSegv);
    case KernelCode::Begun::NoFunction: {
      const GuestVa function = task.kernel->frames.back().call.function;
      const bool null = function.value < machine::kGranule;
      return oops(cpu, task, ppc64_bad_access(cpu.pc(), isa::AccessKind::Read, function, null), kSigSegv);
    }
  }
}

// Of an entry that the model exports, of user memory that has to be brought in, or a mistake.
void Kernel::kernel_page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault) {
  if (kernel_half_->code().page_fault(cpu, task, fault) == KernelCode::Outcome::Done) return;
  cpu.charge(machine_.event_costs().trap);
  const bool user = static_cast<std::int64_t>(fault.address.value) >= 0;
  if (user && task.mm && fault.kind != isa::AccessKind::Execute) {
    const GuestVa last = fault.address.align_down(machine::kGranule) + (machine::kGranule - 1);
    if (!task.mm->handle_fault(last, fault.kind)) return;
  }
  const GuestVa address = cpu.locate_fault(fault);
  const auto page = cpu.space()->translate(address);
  const bool present = page && page->permissions != machine::Permissions{};
  const bool null = address.value < machine::kGranule;
  if (isa() == isa::Isa::Ppc64)
    return oops(cpu, task, ppc64_bad_access(cpu.pc(), fault.kind, address, null), kSigSegv);
  // X86_PF_PROT, _WRITE, _INSTR
  const unsigned code = (present ? 1U : 0U) | (fault.kind == isa::AccessKind::Write ? 2U : 0U) |
                        (fault.kind == isa::AccessKind::Execute ? 16U : 0U);
  const char* const access = fault.kind == isa::AccessKind::Execute ? "instruction fetch"
                             : fault.kind == isa::AccessKind::Write ? "write access"
                                                                    : "read access";
  oops(cpu, task,
       {null ? fmt::format("BUG: kernel NULL pointer dereference, address: {:016x}", address.value)
             : fmt::format("BUG: unable to handle page fault for address: {:016x}", address.value),
        fmt::format("#PF: supervisor {} in kernel mode", access),
        fmt::format("#PF: error_code({:#06x}) - {}", code,
                    present ? "permissions violation" : "not-present page"),
        die_line("Oops", code, kSigKill)},
       kSigKill);
}

// bad_page_fault() of arch/powerpc/mm/fault.c.
std::vector<std::string> Kernel::ppc64_bad_access(GuestVa pc, isa::AccessKind kind, GuestVa address,
                                                  bool null) const {
  const char* const how = kind == isa::AccessKind::Write ? "write" : "read";
  return {kind == isa::AccessKind::Execute
              ? std::string(null ? "BUG: Kernel NULL pointer dereference at 0x00000000"
                                 : "BUG: Unable to handle kernel instruction fetch")
              : fmt::format("BUG: {} on {} at 0x{:08x}",
                            null ? "Kernel NULL pointer dereference" : "Unable to handle kernel data access",
                            how, address.value),
          fmt::format("Faulting instruction address: {:#x}", pc.value),
          die_line("Kernel access of bad area", 0, kSigSegv)};
}

// The line that counts them: x86 "Oops: 0002 [#1] PREEMPT SMP NOPTI"; PPC64 "Oops: Kernel access of bad area,
// sig: 11 [#1]".
std::string Kernel::die_line(std::string_view what, unsigned code, int signal) const {
  const unsigned count = kernel_half_->oopses() + 1;
  if (isa() == isa::Isa::X86_64) return fmt::format("{}: {:04x} [#{}] PREEMPT SMP NOPTI", what, code, count);
  return fmt::format("Oops: {}, sig: {} [#{}]", what, signal, count);
}

void Kernel::oops(machine::Cpu& cpu, Task& task, const std::vector<std::string>& what, int signal) {
  // oops_end()
  const bool in_interrupt =
      task.kernel && std::ranges::any_of(task.kernel->frames, [](const KernelFrame& frame) {
        return frame.call.context == KernelCall::Context::Interrupt ||
               frame.call.context == KernelCall::Context::SoftInterrupt;
      });
  kernel_half_->oops(cpu, task, what);
  kernel_half_->kprobes().abandon(cpu);
  if (in_interrupt || task.tid() == 0) {
    constexpr std::string_view kWhy = "Fatal exception in interrupt";
    kernel_half_->printk().log(perf_.clock(cpu.index()),
                               fmt::format("\0010Kernel panic - not syncing: {}\n", kWhy));
    return panic(cpu, kWhy);
  }
  lifecycle_.begin_exit(task, {0, signal});
}

void Kernel::panic(machine::Cpu& cpu, std::string_view why) {
  kernel_half_->tell_of_panic(cpu, why);
  kernel_half_->printk().log(perf_.clock(cpu.index()),
                             fmt::format("\0010---[ end Kernel panic - not syncing: {} ]---\n", why));
  give_up(fmt::format("the kernel panicked: {}", why));
}

// The vDSO reads this CPU's clock, and others may have been told of a later time.
void Kernel::UserMode::enters() {
  const std::uint64_t latest = kernel_.scheduler_.latest();
  if (latest > cpu_.clock()) kernel_.arch_->update_vsyscall(latest);
}

bool Kernel::UserMode::stopped(const machine::Stop& stop) {
  kernel_.handle(cpu_, task_, stop);
  return !std::holds_alternative<machine::PageFault>(stop) || kernel_.signals_.pending(task_);
}

void Kernel::page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault) {
  cpu.charge(machine_.event_costs().trap);
  if (fault.kind == isa::AccessKind::Execute && vsyscall(cpu, task)) return;
  const auto handle = [this, &cpu, &task, fault] { return handle_fault(cpu, task, fault); };
  if (!kernel_half_ || !kernel_half_->work().begins_fault(cpu, task, fault, handle)) (void)handle();
}

std::uint64_t Kernel::handle_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault) {
  enum : std::uint64_t { kOom = 1, kSigbus = 2 };  // VM_FAULT_*
  // The engine names the granule; for the stack's growth its end will do, and for a signal the address is
  // looked up.
  const GuestVa last = fault.kind == isa::AccessKind::Execute
                           ? fault.address
                           : fault.address.align_down(machine::kGranule) + (machine::kGranule - 1);
  PerfOccurrence at{.cpu = cpu, .task = &task, .ip = cpu.pc()};
  if (software_events_.count_faults()) at.address = cpu.locate_fault(fault);
  software_events_.perf_sw_event(SoftwareEvent::PageFaults, at);
  const auto bad = task.mm->handle_fault(last, fault.kind);
  cpu.charge(task.mm->take_work());
  if (!bad) {
    // Files are in memory, so that no fault waits for a disk.
    software_events_.perf_sw_event(SoftwareEvent::PageFaultsMin, at);
    return 0;
  }
  cpu.charge(costs::kBadFault);
  if (bad->signal == kSigKill) out_of_memory_ = true;
  const GuestVa address = cpu.locate_fault(fault);
  // The page is there, and its permissions are the reason.
  const auto page = task.mm->space().translate(address);
  const bool present = page && page->permissions != machine::Permissions{};
  signals_.force_sig_fault(task, arch_->bad_page_fault(cpu, task.arch, fault.kind, address, *bad, present));
  return bad->signal == kSigKill ? kOom : kSigbus;
}

bool Kernel::vsyscall(machine::Cpu& cpu, Task& task) {
  const auto call = [&](isa::linux_abi::Syscall name, const std::array<std::uint64_t, 6>& arguments) {
    cpu.charge(machine_.event_costs().syscall);
    Syscall context{*this, task, cpu, arguments};
    return handler_of(name)(context);
  };
  return arch_->emulate_vsyscall(cpu, task, cpu.pc(), call);
}

bool Kernel::emulated(machine::Cpu& cpu, Task& task) {
  if (!arch_->emulate_instruction(cpu, task)) return false;
  software_events_.perf_sw_event(SoftwareEvent::EmulationFaults, {.cpu = cpu, .task = &task, .ip = cpu.pc()});
  return true;
}

void Kernel::fault(machine::Cpu& cpu, Task& task, const machine::Fault& fault) {
  cpu.charge(machine_.event_costs().trap);
  switch (fault.kind) {
    case machine::FaultKind::IllegalInstruction:
    case machine::FaultKind::PrivilegedInstruction: {
      if (emulated(cpu, task)) return;
      const bool privileged = fault.kind == machine::FaultKind::PrivilegedInstruction;
      return signals_.force_sig_fault(task, arch_->signal_of_instruction(cpu, privileged));
    }
    case machine::FaultKind::DivideError:
    case machine::FaultKind::FloatingPoint:
      return signals_.force_sig_fault(task, {kSigFpe, kFpeIntDiv, cpu.pc()});
    case machine::FaultKind::Alignment:
      return signals_.force_sig_fault(task, {kSigBus, kBusAdrAln, cpu.pc()});
  }
}

}  // namespace trapline::kernel
