#include "emu/kernel/kernel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <utility>

#include "emu/kernel/syscall/syscall.hpp"
#include "isa/x86/canonical.hpp"

namespace trapline::kernel {

namespace {

using isa::Isa;
using namespace isa::linux_abi;  // NOLINT(google-build-using-namespace): signals and their codes

std::unique_ptr<Arch> make_arch(Kernel& kernel) {
  return kernel.isa() == Isa::X86_64 ? make_x86_arch(kernel) : make_ppc64_arch(kernel);
}

constexpr int kShellSession = 1;

}  // namespace

Kernel::Kernel(machine::Machine& machine, const KernelSpec& spec)
    : machine_(machine),
      slots_(std::min(spec.slots.value_or(~0u), machine.cpu(0).debug_unit().slots())),
      max_cycles_(spec.max_cycles),
      file_locks_(std::make_shared<FileLocks>(machine.memory())),
      file_system_(*this, spec.root),
      programs_(file_system_, machine.isa()),
      arch_(make_arch(*this)),
      scheduler_(*this, spec.interleaving),
      signals_(*this),
      ptrace_(*this),
      futexes_(*this),
      perf_(*this),
      software_events_(*this),
      hw_breakpoints_(*this, slots_, spec.share_slots),
      accesses_(*this) {}

// Events reach into tasks and both into the kernel, so tasks go first, with their files and so their events.
Kernel::~Kernel() {
  for (const auto& [tid, task] : tasks_.all()) {
    task->waits_in.leave();
    task->breakpoints = {};
    task->call.file.reset();
    task->restart.reset();
    task->files.reset();
  }
  // Mappings of ring buffers hold events.
  for (const auto& [tid, task] : tasks_.all()) task->mm.reset();
}

void Kernel::trace(const machine::Cpu& cpu, Layer layer, std::string_view what,
                   std::initializer_list<std::pair<const char*, TraceValue>> fields) {
  const std::uint64_t order = machine_.next_order();
  if (!trace_) return;
  const Task* const task = current(cpu);
  TraceEvent event{order, cpu.clock(),       cpu.index(), task == nullptr ? 0 : task->tid(),
                   layer, std::string(what), {}};
  for (const auto& [key, value] : fields) event.fields.emplace_back(key, value);
  trace_(event);
}

machine::Cpu* Kernel::cpu_of(const Task& task) {
  return scheduler_.running(task.cpu) == &task ? &machine_.cpu(task.cpu) : nullptr;
}

void Kernel::spend(std::uint64_t cycles) {
  if (const auto cpu = scheduler_.active_cpu()) machine_.cpu(*cpu).charge(cycles);
}

std::uint64_t Kernel::cpu_time(const Task& task) const {
  const bool runs = scheduler_.running(task.cpu) == &task;
  return task.sched.sum_exec_runtime + (runs ? machine_.cpu(task.cpu).clock() - task.sched.exec_start : 0);
}

std::uint64_t Kernel::cpu_time(const Process& process) const { return cpu_usage(process).time; }

CpuUsage Kernel::cpu_usage(const Task& task) const {
  return {cpu_time(task), task.sched.voluntary_switches, task.sched.involuntary_switches};
}

CpuUsage Kernel::cpu_usage(const Process& process) const {
  CpuUsage usage = process.usage_of_the_dead;
  for (const Task* const task : process.threads) usage += cpu_usage(*task);
  return usage;
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
  const NewImage loaded = load(program, made->process->limits[Resource::Stack].soft);
  if (loaded.failure) throw ElfError(*loaded.failure);
  made->executable = program.elf.name;
  made->comm = program.comm();
  made->mm = loaded.mm;
  if (!made->mm->carry_out_writes()) throw ElfError(ENOMEM, "does not fit into the machine's memory");
  static_cast<void>(made->mm->take_work());  // what it takes to begin is not the program's

  Task& first = tasks_.add(std::move(made));
  first_ = &first;
  scheduler_.wake_up_new(first);
  machine::Cpu& cpu = machine_.cpu(0);
  scheduler_.take_turn(*scheduler_.next());
  if (!arch_->start_thread(cpu, *first.mm, loaded.program, loaded.stack)) {
    throw ElfError(ENOEXEC, "its entry point is not the address of a function descriptor in the file");
  }
  return first;
}

void Kernel::context_switch_in(Task& task, unsigned cpu, const TaskIds& previous) {
  machine::Cpu& on = machine_.cpu(cpu);
  on.use(&task.registers);
  on.set_address_space(task.mm ? &task.mm->space() : nullptr);
  const int last_cpu = std::exchange(task.perf.last_cpu, static_cast<int>(cpu));
  if (task.perf.empty() && perf_.cpu_context(cpu).empty()) return;
  // The idle task made way.
  if (previous.tid == 0)
    software_events_.happened(SoftwareEvent::ContextSwitches, {.cpu = on, .task = nullptr, .kernel = true});
  if (!task.perf.empty()) perf_.sched_in(task, on);
  if (last_cpu >= 0 && last_cpu != static_cast<int>(cpu))
    software_events_.happened(SoftwareEvent::CpuMigrations, {.cpu = on, .task = &task, .kernel = true});
  perf_.output().context_switch(task, on, false, previous);
}

void Kernel::context_switch_out(Task& task, unsigned cpu, const TaskIds& next, bool preempted) {
  if (task.perf.empty() && perf_.cpu_context(cpu).empty()) return;
  machine::Cpu& on = machine_.cpu(cpu);
  software_events_.happened(SoftwareEvent::ContextSwitches, {.cpu = on, .task = &task, .kernel = true});
  perf_.output().context_switch(task, on, true, next, preempted);
  if (!task.perf.empty()) perf_.sched_out(task);
}

ExitStatus Kernel::run() {
  while (first_->alive() || !first_->process->alone()) {
    const auto turn = scheduler_.next();
    const auto timer = timers_.next();
    const std::uint64_t time =
        std::min(turn ? turn->time : ~std::uint64_t{0}, timer.value_or(~std::uint64_t{0}));
    // Nothing can happen any more where there is neither: a real machine would wait for ever.
    if (time >= max_cycles_ || !failure_.empty()) {
      cycles_used_up_ = failure_.empty();
      stuck_ = !turn && !timer;
      first_->exit_status = {0, failure_.empty() ? kSigXCpu : kSigKill};
      break;
    }
    if (timer && (!turn || *timer <= turn->time)) {
      scheduler_.enter_timer(*timer);
      timers_.fire();
    } else if (Task* const task = scheduler_.take_turn(*turn)) {
      proceed(machine_.cpu(turn->cpu), *task);
      scheduler_.end_turn(turn->cpu);
    }
    perf_.send_traps();  // of what no instruction hit
    gone_.clear();
  }
  end_all();
  return first_->exit_status;
}

void Kernel::force_signal(Task& task, const SignalInfo& info) {
  if (machine::Cpu* const cpu = cpu_of(task)) {
    trace(*cpu, Layer::FrontEnd, "force_sig_fault",
          {{"signal", std::string(isa::linux_abi::name(info.signal))},
           {"code", std::int64_t{info.code}},
           {"address", Hex{info.address.value}}});
  }
  signals_.force(task, SigInfo(isa(), info.signal, info.code).address(info.address));
}

}  // namespace trapline::kernel
