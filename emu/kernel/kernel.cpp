#include "emu/kernel/kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/fs/cpu_files.hpp"
#include "emu/kernel/fs/made_files.hpp"
#include "emu/kernel/fs/sysctl.hpp"
#include "emu/kernel/printk/kmsg.hpp"
#include "emu/kernel/syscall/syscall.hpp"
#include "isa/x86/canonical.hpp"

namespace trapline::kernel {

namespace {

using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals and their codes

constexpr int kShellSession = 1;

}  // namespace

Kernel::Kernel(machine::Machine& machine, const KernelSpec& spec)
    : machine_(machine),
      slots_(std::min(spec.slots.value_or(~0u), machine.cpu(0).debug_unit().slots())),
      max_cycles_(spec.max_cycles),
      file_locks_(std::make_shared<FileLocks>(machine.memory())),
      arch_(make_arch({machine, scheduler_, signals_, die_chain_, perf_, hw_breakpoints_, slots_, spec.policy,
                       [this](machine::Cpu& cpu, const PerfEvent& event) { gave_up(cpu, event); }})),
      file_system_({machine, scheduler_, tasks_, *arch_, perf_}, spec.root),
      programs_(file_system_, machine.isa()),
      context_switch_(perf_, software_events_),
      scheduler_(machine, context_switch_, spec.interleaving),
      signals_({*arch_, scheduler_, tasks_, ptrace_, process_timers_, lifecycle_}),
      ptrace_({*arch_, scheduler_, tasks_, signals_, lifecycle_}),
      futexes_(scheduler_),
      perf_({scheduler_, timers_, tasks_, *arch_, upcalls_}),
      software_events_(perf_, scheduler_, timers_),
      hw_breakpoints_(perf_, *arch_, slots_, spec.share_slots),
      process_timers_(timers_, scheduler_, tasks_, signals_),
      cpu_hotplug_({machine, scheduler_, perf_, tasks_, spec.policy.loads_at_secondary_start}),
      accesses_(scheduler_, *arch_, perf_),
      lifecycle_(
          {*arch_, scheduler_, tasks_, signals_, ptrace_, futexes_, perf_, process_timers_, accesses_}) {
  add_cpu_files(file_system_.made(), cpu_hotplug_, scheduler_, machine.cpus(),
                [this](unsigned cpu, bool online) { return switch_cpu(cpu, online); });
  make_kmsg_files(file_system_.made(), file_system_.sysctls(), syslog_, scheduler_);
  file_system_.sysctls().keep("/proc/sys/kernel/pid_max",
                              {.read = [this] { return std::to_string(tasks_.pid_max()); },
                               .write =
                                   [this](const std::string& value) {
                                     tasks_.set_pid_max(std::stoi(value));
                                     return Status(Done{});
                                   }});
}

// Events reach into tasks and both into the kernel, so tasks go first, with their files and so their events.
Kernel::~Kernel() {
  machine_.set_trace(nullptr);
  printk_.set_console(nullptr);
  (void)machine_.take_halt_request();
  if (kernel_half_) kernel_half_->files().shut_down();
  for (const auto& [tid, task] : tasks_.all()) {
    task->waits_in.leave();
    task->breakpoints = {};
    task->call.file.reset();
    task->restart.reset();
    task->files.reset();
    if (task->kernel && task->kernel->view) machine_.forget(*task->kernel->view);
    task->kernel.reset();
  }
  // Mappings of ring buffers hold events.
  for (const auto& [tid, task] : tasks_.all()) task->mm.reset();
}

// Where there is guest code of the kernel, it has its own say at each station (scenarios/kernel/lib/cpu.c).
SyscallResult Kernel::switch_cpu(unsigned cpu, bool online) {
  if (kernel_half_) {
    Task* const task = kernel_half_->files().current();
    if (task == nullptr) return Error{EINVAL};
    return kernel_half_->files().call(*task, {task, "__online_store", {cpu, online ? 1U : 0U}});
  }
  if (online) {
    cpu_hotplug_.up(cpu);
    return 0;
  }
  const Status done = cpu_hotplug_.down(cpu);
  return done ? SyscallResult(0) : done.error();
}

std::string Kernel::kernel_symbol(GuestVa address) const {
  return kernel_half_ ? kernel_half_->code().kallsyms().sprint_symbol(address)
                      : fmt::format("{:#x}", address.value);
}

KernelHalf& Kernel::kernel_half() {
  if (!kernel_half_) kernel_half_ = std::make_unique<KernelHalf>(*this);
  return *kernel_half_;
}

void Kernel::set_trace(machine::TraceSink sink) {
  if (!sink) return machine_.set_trace(nullptr);
  machine_.set_trace([this, sink = std::move(sink)](machine::TraceEvent event) {
    if (const Task* const task = scheduler_.running(event.cpu)) event.task = task->tid();
    sink(std::move(event));
  });
}

void Kernel::Upcalls::send_sigtrap(const SigInfo& info, Task& task) {
  (void)kernel_.signals_.send(info, task);
}
void Kernel::Upcalls::send_sigio(const File& file, PollReason reason) {
  kernel_.signals_.send_sigio(file, reason);
}
std::vector<GuestVa> Kernel::Upcalls::kernel_callers(machine::Cpu& cpu, const Task& task, std::size_t most) {
  std::vector<GuestVa> callers;
  if (!KernelCode::inside(task)) return callers;
  for (const KernelCode::Caller& caller : kernel_.kernel_half_->code().backtrace(cpu, task, most))
    callers.push_back(caller.address);
  return callers;
}
machine::CpuState* Kernel::Upcalls::user_registers(const Task& task) {
  return KernelCode::inside(task) ? &task.kernel->frames.front().interrupted : nullptr;
}
std::uint64_t Kernel::Upcalls::inode_of(Task& task, const std::string& path) {
  return kernel_.file_system_.inode_of(task, path);
}

Task& Kernel::start(const FileBytes& image, const ProgramStart& start) {
  const std::string base = start.name.substr(start.name.rfind('/') + 1);
  auto made = std::make_shared<Task>(*tasks_.allocate(), base.substr(0, kCommLength), machine_.memory());
  made->files = std::make_shared<FdTable>(machine_.memory());
  (void)made->files->put(0, start.standard_input, false);
  (void)made->files->put(1, start.standard_output, false);
  (void)made->files->put(2, start.standard_error, false);
  made->scheduler = &scheduler_;
  made->process->from_shell = true;
  made->process->session = kShellSession;
  const auto folder = file_system_.folder(*made, start.working_directory);
  if (!folder) {
    throw ElfError(folder.error().number,
                   fmt::format("cannot start in {}: there is no such folder in the guest's root folder",
                               start.working_directory));
  }
  made->fs->working_directory = *folder;

  // Where an image lies on the host is not for the guest to see.
  ProgramRequest request{
      .path = image ? "/" + base : (std::filesystem::path(*folder) / start.file_name).string(),
      .file_name = image ? start.name : start.file_name,
      .arguments = {start.name},
      .environment = start.environment};
  request.arguments.insert(request.arguments.end(), start.arguments.begin(), start.arguments.end());
  const Program program =
      image ? programs_.first(*made, image, std::move(request)) : programs_.find(*made, std::move(request));
  check_soundness(program.elf);
  const NewImage loaded = lifecycle_.load(program, made->process->limits[Resource::Stack].soft);
  if (loaded.failure) throw ElfError(*loaded.failure);
  made->executable = program.elf.name;
  made->comm = program.comm();
  made->mm = loaded.mm;
  if (!made->mm->carry_out_writes()) throw ElfError(ENOMEM, "does not fit into the machine's memory");
  static_cast<void>(made->mm->take_work());  // what it takes to begin is not the program's

  Task& first = tasks_.add(std::move(made));
  lifecycle_.set_first(first);
  scheduler_.wake_up_new(first);
  machine::Cpu& cpu = machine_.cpu(0);
  scheduler_.take_turn(*scheduler_.next());
  if (!arch_->start_thread(cpu, *first.mm, loaded.program, loaded.stack)) {
    throw ElfError(ENOEXEC, "its entry point is not the address of a function descriptor in the file");
  }
  return first;
}

// printk_ratelimited()
void Kernel::gave_up(machine::Cpu& cpu, const PerfEvent& event) {
  if (given_up_.take(scheduler_.now()))
    printk_.log(
        perf_.clock(cpu.index()),
        fmt::format("Breakpoint hit on instruction that can't be emulated. Breakpoint at {:#x} will be "
                    "disabled.\n",
                    event.hw.address.value));
  if (kernel_half_) kernel_half_->exported().changed(event);
}

// --- Running ---

ExitStatus Kernel::run() {
  while (advance({}) != machine::Left::Ended) {
  }
  return exit_status();
}

machine::Left Kernel::advance(const machine::HaltAt& at) {
  const machine::Left left = run_.advance(at);
  if (left == machine::Left::Ended) {
    if (cycles_used_up_ && unfinished_) unfinished_();
    printk_.flush();
    if (!failure_.empty() && !ended()) lifecycle_.first().exit_status = {0, kSigKill};
    lifecycle_.end_all();
  }
  return left;
}

bool Kernel::ended() const {
  const Task& first = lifecycle_.first();
  return !first.alive() && first.process->alone();
}

bool Kernel::over() const { return stops() || cycles_used_up_ || ended(); }

void Kernel::power_off() {
  powered_off_ = true;
  lifecycle_.first().exit_status = {};
  machine_.request_halt();
}

std::optional<machine::Turn> Kernel::next() {
  const auto turn = take_turn();
  if (!turn) finish_turn();
  return turn;
}

std::optional<machine::Turn> Kernel::take_turn() {
  const auto turn = scheduler_.next();
  const auto timer = timers_.next();
  const std::uint64_t time =
      std::min(turn ? turn->time : ~std::uint64_t{0}, timer.value_or(~std::uint64_t{0}));
  // Nothing can happen any more where there is neither: a real machine would wait for ever.
  if (time >= max_cycles_) {
    cycles_used_up_ = true;
    stuck_ = !turn && !timer;
    lifecycle_.first().exit_status = {0, kSigXCpu};
    return std::nullopt;
  }
  if (timer && (!turn || *timer <= turn->time)) {
    scheduler_.enter_timer(*timer);
    timers_.fire();
    return std::nullopt;
  }
  Task* const task = scheduler_.take_turn(*turn);
  if (task == nullptr) return std::nullopt;
  const auto user = return_to_user(machine_.cpu(turn->cpu), *task);
  if (!user) scheduler_.end_turn(turn->cpu);
  return user;
}

void Kernel::end(const machine::Turn& turn) {
  process_timers_.check_cpu_timers(*turn_task_);
  user_.reset();
  kernel_mode_.reset();
  scheduler_.end_turn(turn.cpu->index());
  finish_turn();
}

void Kernel::finish_turn() {
  perf_.send_traps();  // of what no instruction hit
  lifecycle_.forget_the_dead();
}

// What the kernel has yet to do for an instruction belongs to it.
bool Kernel::settled(unsigned cpu) const {
  const Task* const task = scheduler_.running(cpu);
  return task == nullptr || task->is_kernel_thread || (task->step == Step::User && !signals_.pending(*task));
}

}  // namespace trapline::kernel
