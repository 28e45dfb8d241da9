#include "emu/kernel/kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "emu/kernel/syscall/syscall.hpp"
#include "isa/x86/canonical.hpp"

namespace trapline::kernel {

namespace {

using isa::Isa;
using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals and their codes

std::unique_ptr<Arch> make_arch(Kernel& kernel) {
  return kernel.isa() == Isa::X86_64 ? make_x86_arch(kernel) : make_ppc64_arch(kernel);
}

constexpr int kFirstPid = 1000;

}  // namespace

Kernel::Kernel(machine::Machine& machine, const KernelSpec& spec)
    : machine_(machine),
      slots_(std::min(spec.slots.value_or(~0u), machine.cpu(0).debug_unit().slots())),
      max_cycles_(spec.max_cycles),
      file_system_(machine.isa(), spec.root, machine.cpus()),
      arch_(make_arch(*this)),
      perf_(*this),
      hw_breakpoints_(*this, slots_),
      current_(machine.cpus()) {}

// Events reach into tasks and both into the kernel, so tasks go first, with their files and so their events.
Kernel::~Kernel() {
  for (const auto& task : tasks_) task->files.reset();
  tasks_.clear();
}

void Kernel::trace(const machine::Cpu& cpu, Layer layer, std::string_view what,
                   std::initializer_list<std::pair<const char*, TraceValue>> fields) {
  if (!trace_) return;
  const Task* const task = current(cpu);
  TraceEvent event{cpu.clock(), cpu.index(), task == nullptr ? 0 : task->tid(), layer, std::string(what), {}};
  for (const auto& [key, value] : fields) event.fields.emplace_back(key, value);
  trace_(event);
}

machine::Cpu* Kernel::cpu_of(const Task& task) {
  const auto at = std::ranges::find(current_, &task);
  return at == current_.end() ? nullptr : &machine_.cpu(static_cast<unsigned>(at - current_.begin()));
}

Task& Kernel::start(const FileBytes& image, const ProgramStart& start) {
  const std::string base = start.name.substr(start.name.rfind('/') + 1);
  constexpr std::size_t kCommLength = 15;  // TASK_COMM_LEN without the NUL
  auto task = std::make_unique<Task>(kFirstPid, base.substr(0, kCommLength));
  task->executable = "/" + base;  // where the program lies on the host is not for the guest to see
  task->arguments = start.arguments;
  task->arguments.insert(task->arguments.begin(), start.name);
  task->mm = std::make_shared<Mm>(machine_);
  task->files = std::make_shared<FdTable>();
  task->files->put(0, start.standard_input, false);
  task->files->put(1, start.standard_output, false);
  task->files->put(2, start.standard_error, false);

  const LoadedProgram program = load_elf(*task->mm, image, task->executable);
  StackContent content{task->arguments, start.environment, std::string(arch_->platform()), arch_->hwcap(), 0};
  const GuestVa stack = set_up_stack(*task->mm, program, content);

  machine::Cpu& cpu = machine_.cpu(0);
  Task& first = *tasks_.emplace_back(std::move(task));
  switch_to(cpu, first);
  if (!arch_->start_thread(cpu, *first.mm, program, stack)) {
    throw ElfError("its entry point is not the address of a function descriptor in the file");
  }
  return first;
}

void Kernel::switch_to(machine::Cpu& cpu, Task& task) {
  cpu.set_address_space(&task.mm->space());
  current_[cpu.index()] = &task;
  perf_.sched_in(task, cpu);
}

ExitStatus Kernel::run() {
  machine::Cpu& cpu = machine_.cpu(0);
  Task& task = *tasks_.front();
  while (!task.exit) {
    if (cpu.clock() >= max_cycles_) {
      cycles_used_up_ = true;
      exit(task, {0, kSigXCpu});
      break;
    }
    handle(cpu, task, cpu.run(max_cycles_));
  }
  return *task.exit;
}

void Kernel::exit(Task& task, ExitStatus status) {
  if (task.exit) return;
  if (status.signal != 0 && task.actions[static_cast<std::size_t>(status.signal)].handler > kSigIgn) {
    unsupported_ = fmt::format("the handler of {} would have to run, which is not supported yet",
                               isa::linux_abi::name(status.signal));
  }
  if (machine::Cpu* const cpu = cpu_of(task)) {
    trace(*cpu, Layer::Task, "exit",
          {{"code", std::int64_t{status.code}}, {"signal", std::int64_t{status.signal}}});
    perf_.exit_task(task);
    *task.files = {};
    current_[cpu->index()] = nullptr;
  }
  task.exit = status;
}

void Kernel::force_signal(Task& task, const SignalInfo& info) {
  if (machine::Cpu* const cpu = cpu_of(task)) {
    trace(*cpu, Layer::FrontEnd, "force_sig_fault",
          {{"signal", std::string(isa::linux_abi::name(info.signal))},
           {"code", std::int64_t{info.code}},
           {"address", Hex{info.address.value}}});
  }
  exit(task, {0, info.signal});
}

Status Kernel::send_signal(Task& task, int signal) {
  if (signal < 0 || signal > kSignals) return Error{EINVAL};
  if (signal == 0) return Done{};
  const SignalAction& action = task.actions[static_cast<std::size_t>(signal)];
  if (action.handler == kSigIgn || (action.handler == kSigDfl && !kills_by_default(signal))) return Done{};
  if ((task.blocked_signals >> (signal - 1) & 1) != 0) {
    task.pending_signals |= std::uint64_t{1} << (signal - 1);
  } else {
    exit(task, {0, signal});
  }
  return Done{};
}

void Kernel::deliver_pending(Task& task) {
  const std::uint64_t deliverable = task.pending_signals & ~task.blocked_signals;
  if (deliverable == 0) return;
  const int signal = std::countr_zero(deliverable) + 1;
  task.pending_signals &= ~(std::uint64_t{1} << (signal - 1));
  exit(task, {0, signal});
}

// --- Why a run stopped
// -----------------------------------------------------------------------------------------------------

void Kernel::handle(machine::Cpu& cpu, Task& task, const machine::Stop& stop) {
  struct Visitor {
    Kernel& kernel;
    machine::Cpu& cpu;
    Task& task;

    void operator()(const machine::DebugException& exception) const {
      if (exception.match.slots != 0 && kernel.tracing()) kernel.trace_match(cpu, exception);
      cpu.charge(kernel.machine_.event_costs().trap);
      kernel.arch_->debug_exception(cpu, task, exception);
    }
    void operator()(const machine::SystemCall&) const { kernel.system_call(cpu, task); }
    // A 64-bit program that calls through the 32-bit gate: CONFIG_IA32_EMULATION is not part of this kernel.
    void operator()(const machine::SystemCall32&) const {
      kernel.force_signal(task, {kSigSegv, kSiKernel, {}});
    }
    void operator()(const machine::PageFault& fault) const { kernel.page_fault(cpu, task, fault); }
    void operator()(const machine::Fault& fault) const { kernel.fault(cpu, task, fault); }
    void operator()(const machine::SoftwareBreakpoint&) const {
      cpu.charge(kernel.machine_.event_costs().trap);
      // x86: SI_KERNEL and no address; PPC64: TRAP_BRKPT at the trap instruction.
      const bool x86 = kernel.isa() == Isa::X86_64;
      kernel.force_signal(
          task, x86 ? SignalInfo{kSigTrap, kSiKernel, {}} : SignalInfo{kSigTrap, kTrapBrkpt, cpu.pc()});
    }
    void operator()(const machine::BudgetUsed&) const {}
    void operator()(const machine::EngineFailure& failure) const {
      kernel.failure_ = fmt::format("the engine stopped at {:#x}: {}", cpu.pc().value, failure.what);
      kernel.exit(task, {0, kSigKill});
    }
  };
  std::visit(Visitor{*this, cpu, task}, stop);
}

void Kernel::trace_match(const machine::Cpu& cpu, const machine::DebugException& exception) {
  const bool before = exception.match.timing == debugunit::Timing::Before;
  const std::pair<const char*, TraceValue> slots{"slots", std::uint64_t{exception.match.slots}};
  const std::pair<const char*, TraceValue> timing{"timing", std::string(before ? "before" : "after")};
  const std::pair<const char*, TraceValue> instruction{"instruction", Hex{exception.instruction.value}};
  if (exception.accesses.empty()) {
    trace(cpu, Layer::DebugUnit, "match", {slots, timing, instruction, {"access", std::string("execute")}});
  }
  for (const isa::Access& access : exception.accesses) {
    trace(cpu, Layer::DebugUnit, "match",
          {slots,
           timing,
           instruction,
           {"access", std::string(access.kind == isa::AccessKind::Write ? "write" : "read")},
           {"address", Hex{access.address.value}},
           {"size", std::uint64_t{access.size}}});
  }
}

void Kernel::system_call(machine::Cpu& cpu, Task& task) {
  cpu.charge(machine_.event_costs().syscall);
  const SyscallRegisters registers = arch_->syscall_registers(cpu);
  const auto call = syscall_of(isa(), registers.number);
  const SyscallHandler handler = call ? handler_of(*call) : nullptr;
  Syscall context{*this, task, cpu, registers.args};
  const SyscallResult result = handler != nullptr ? handler(context) : SyscallResult(Error{ENOSYS});
  if (trace_) {
    const std::string shown = call ? std::string(name(*call)) : fmt::format("{}", registers.number);
    trace(cpu, Layer::Syscall, shown,
          {result ? std::pair<const char*, TraceValue>{"result", Hex{*result}}
                  : std::pair<const char*, TraceValue>{"errno", std::int64_t{result.error().number}}});
  }
  if (!task.exit) arch_->set_syscall_result(cpu, result);
}

void Kernel::page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault) {
  cpu.charge(machine_.event_costs().trap);
  // The engine names the granule; for the stack's growth its end will do, and for a signal the address is
  // looked up.
  const GuestVa last = fault.kind == isa::AccessKind::Execute
                           ? fault.address
                           : fault.address.align_down(machine::kGranule) + (machine::kGranule - 1);
  const auto bad = task.mm->handle_fault(last, fault.kind);
  if (!bad) return;
  const GuestVa address = cpu.locate_fault(fault);
  // x86 raises #GP, not #PF, for an address outside of the canonical halves, and no address comes with it.
  const bool canonical = isa() != Isa::X86_64 || isa::x86::is_canonical(address);
  force_signal(task,
               canonical ? SignalInfo{bad->signal, bad->code, address} : SignalInfo{kSigSegv, kSiKernel, {}});
}

void Kernel::fault(machine::Cpu& cpu, Task& task, const machine::Fault& fault) {
  cpu.charge(machine_.event_costs().trap);
  switch (fault.kind) {
    case machine::FaultKind::IllegalInstruction:
      return force_signal(task, {kSigIll, kIllIllOpc, cpu.pc()});
    case machine::FaultKind::PrivilegedInstruction:
      return force_signal(task, {kSigSegv, kSiKernel, {}});
    case machine::FaultKind::DivideError:
    case machine::FaultKind::FloatingPoint:
      return force_signal(task, {kSigFpe, kFpeIntDiv, cpu.pc()});
    case machine::FaultKind::Alignment:
      return force_signal(task, {kSigBus, kBusAdrAln, cpu.pc()});
  }
}

}  // namespace trapline::kernel
