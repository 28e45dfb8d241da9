#include "emu/kernel/exported/kernel_half.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "emu/kernel/exported/task_struct.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

// INITIAL_JIFFIES: it wraps around, in 32 bits, five minutes after the start.
constexpr std::uint64_t kInitialJiffies = 0x1'0000'0000 - 300 * (kSecond / kJiffy);

}  // namespace

KernelHalf::KernelHalf(Kernel& kernel)
    : kernel_(kernel),
      printk_(kernel.printk()),
      code_(kernel.machine(), kernel.arch()),
      modules_(code_, printk_),
      interrupts_(kernel, code_),
      exported_(kernel, code_, printk_),
      kprobes_(
          {.code = code_,
           .task_struct = [this](Task& task) { return exported_.task_struct(task); },
           .exception = [&kernel](machine::Cpu& cpu, Task& task,
                                  const machine::Stop& stop) { kernel.kernel_exception(cpu, task, stop); }}),
      files_(kernel, code_),
      die_notifiers_(kernel, code_),
      variables_(kernel, code_, modules_) {
  kernel.die_chain().add("die_chain of modules", 0, [this](DieArgs& args) { return told_of_debug(args); });
  MadeFiles& made = kernel.file_system().made();
  (void)made.add("/proc/kallsyms", {.content = MadeText{[this] { return kallsyms_text(); }}});
  (void)made.add("/proc/modules", {.content = MadeText{[this] { return modules_text(); }}});
  (void)made.add("/proc/loadavg", {.content = MadeText{[this] { return variables_.loadavg_text(); }}});
  (void)made.add("/sys/kernel/debug", {.content = MadeFolder{}, .permissions = 0700});
  // per_cpu_offset() of the headers for modules.
  const GuestVa offsets = modules_.variable("__per_cpu_offset", 8 * kernel.machine().cpus());
  for (unsigned cpu = 0; cpu < kernel.machine().cpus(); ++cpu)
    (void)code_.space().write_word(offsets + 8 * cpu, code_.space().per_cpu_offset(cpu));
  (void)code_.space().write_word(modules_.variable("nr_cpu_ids", 4), kernel.machine().cpus(), 4);
  const std::uint64_t all = ~std::uint64_t{0} >> (64 - kernel.machine().cpus());
  for (const char* const mask :
       {"__cpu_possible_mask", "__cpu_present_mask", "__cpu_online_mask", "__cpu_active_mask"})
    (void)code_.space().write_word(modules_.variable(mask, 8), all);
  jiffies_ = modules_.variable("jiffies", 8);
  (void)code_.space().write_word(jiffies_, kInitialJiffies);
  kernel.arch().set_symbol_size([this](GuestVa address) -> std::optional<std::uint64_t> {
    const KernelSymbol* const symbol = code_.kallsyms().at(address);
    if (symbol == nullptr || symbol->address != address) return std::nullopt;
    return symbol->size;
  });
  make_init_task();
}

KernelHalf::~KernelHalf() { kernel_.lifecycle().remove_listener(*this); }

// --- Tasks ---

void KernelHalf::make_init_task() {
  KernelSpace& space = code_.space();
  const GuestVa init_task = modules_.variable("init_task", task_fields::kSize);
  const GuestVa list = init_task + task_fields::kTasks;
  (void)space.write_word(list, list.value);
  (void)space.write_word(list + 8, list.value);
  for (const std::uint64_t to_itself :
       {task_fields::kRealParent, task_fields::kParent, task_fields::kGroupLeader})
    (void)space.write_word(init_task + to_itself, init_task.value);
  constexpr std::string_view kName = "swapper/0";
  (void)space.write(init_task + task_fields::kComm, std::as_bytes(std::span(kName)));
  exported_.set_init_task(init_task);
  for (const auto& [tid, task] : kernel_.tasks().all()) exported_.link_task(*task);
  kernel_.lifecycle().add_listener(*this);
}

void KernelHalf::made(Task& task, Task& /*parent*/) {
  exported_.link_task(task);
  variables_.task_made();
}
void KernelHalf::released(Task& /*task*/) { variables_.task_released(); }
void KernelHalf::executed(Task& task) { (void)exported_.task_struct(task); }
void KernelHalf::ends(Task& task) {
  exported_.unlink_task(task);
  kprobes_.forget(task);
}

// --- Modules ---

void KernelHalf::insert(std::span<const std::byte> file, std::string_view name, std::string_view arguments,
                        Task& task, const std::function<void(int result)>& initialised) {
  if (schedule_.entry.value == 0) {
    const KernelSymbol* const symbol = code_.kallsyms().find("schedule");
    const auto function = modules_.resolve("schedule");
    if (symbol != nullptr && function) schedule_ = {*function, symbol->address};
  }
  Module& module = modules_.load(file, name, arguments);
  const auto done = [this, &module, &task, initialised](int result) {
    if (result < 0) {
      work_.no_longer_serve(module);
      modules_.set_state(module, Module::State::Going);
      return tell_of_module(module, Module::State::Going, task, [this, &module, initialised, result] {
        modules_.unload(module);
        initialised(result);
      });
    }
    modules_.set_state(module, Module::State::Live);
    work_.serve(module);
    tell_of_module(module, Module::State::Live, task, [initialised, result] { initialised(result); });
  };
  if (module.init.value == 0) return done(0);
  // When its turn comes there may be notifiers, of a module before it; they may refuse it.
  const auto refused = std::make_shared<bool>(false);
  const auto answered = [this, &module, initialised, refused](std::uint64_t answer) {
    const auto error = static_cast<std::int32_t>(answer);
    *refused = error < 0;
    if (!*refused) return;
    modules_.unload(module);
    initialised(error);
  };
  KernelCall comes = module_notification(module, Module::State::Coming, answered);
  comes.still = [this] { return module_notifiers(); };
  code_.call(task, std::move(comes));
  code_.call(task, {.function = module.init,
                    .reason = fmt::format("the init function of {}", module.name),
                    .returned = [done](std::uint64_t result) { done(static_cast<std::int32_t>(result)); },
                    .still = [refused] { return !*refused; }});
}

void KernelHalf::boot(std::span<const std::byte> image, Task& task) {
  const Module& linked = modules_.link(image);
  work_.serve(linked);
  const auto call = [&](GuestVa function, std::string_view what) {
    code_.call(task, {.function = function, .reason = std::string(what)});
  };
  for (const auto& [name, function] : linked.functions) {
    if (name == "start_kernel") call(function, name);
  }
  for (const GuestVa function : linked.initcalls) call(function, "an initcall");
}

Status KernelHalf::remove(const std::string& name, Task& task) {
  Module* const module = modules_.find(name);
  if (module == nullptr) return Error{ENOENT};
  // One that can be loaded and not unloaded stays.
  if (module->state != Module::State::Live || (module->init.value != 0 && module->exit.value == 0))
    return Error{EBUSY};
  if (modules_.references(*module) != 0) return Error{EAGAIN};  // EWOULDBLOCK
  modules_.set_state(*module, Module::State::Going);
  work_.no_longer_serve(*module);
  const auto gone = [this, module, &task] {
    tell_of_module(*module, Module::State::Going, task, [this, module] { modules_.unload(*module); });
  };
  if (module->exit.value == 0) {
    gone();
    return Done{};
  }
  code_.call(task, {.function = module->exit,
                    .reason = fmt::format("the exit function of {}", name),
                    .returned = [gone](std::uint64_t) { gone(); }});
  return Done{};
}

// --- Notifiers (scenarios/kernel/lib/notifier.c) ---

bool KernelHalf::module_notifiers() {
  const auto count = modules_.resolve("__module_notifiers");
  return count && code_.space().read_word(*count, 4).value_or(0) != 0;
}

KernelCall KernelHalf::module_notification(Module& module, Module::State state,
                                           std::function<void(std::uint64_t error)> then) {
  return {.function = modules_.resolve("__module_notify").value_or(GuestVa(0)),
          .arguments = {Modules::number_of(state), module.this_module.value},
          .reason = "the notifiers of modules",
          .returned = std::move(then)};
}

void KernelHalf::tell_of_module(Module& module, Module::State state, Task& task,
                                const std::function<void()>& then) {
  if (!module_notifiers()) return then();
  // Before what is to become of the next module.
  code_.call_first(task, module_notification(module, state, [then](std::uint64_t) { then(); }));
}

void KernelHalf::tell_of_panic(machine::Cpu& cpu, std::string_view why) {
  Task* const task = kernel_.scheduler().running(cpu.index());
  const auto list = modules_.resolve("panic_notifier_list");
  const auto function = modules_.resolve("__panic_notify");
  constexpr std::uint64_t kHead = 8;  // struct atomic_notifier_head
  if (task == nullptr || !list || !function || code_.space().read_word(*list + kHead).value_or(0) == 0)
    return;
  std::vector<std::byte> text(why.size() + 1);
  std::ranges::copy(std::as_bytes(std::span(why)), text.begin());
  const GuestVa buffer = code_.space().kmalloc(text.size());
  if (buffer.value == 0) return;
  (void)code_.space().write(buffer, text);
  (void)kernel_.call_now(
      cpu, *task, {.function = *function, .arguments = {buffer.value}, .reason = "the notifiers of a panic"});
}

void KernelHalf::random_bytes(std::span<std::byte> out) {
  for (std::byte& byte : out) {
    random_ += 0x9e3779b97f4a7c15;
    std::uint64_t z = random_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    byte = static_cast<std::byte>((z ^ (z >> 31)) & 0xff);
  }
}

// --- Traps (arch/x86/kernel/traps.c, arch/powerpc/kernel/traps.c) ---

Notify KernelHalf::told_of_debug(DieArgs& args) {
  if (die_notifiers_.empty()) return Notify::Done;
  constexpr std::int32_t kSigTrap = 5;
  constexpr std::int32_t kSigSegv = 11;
  const bool x86 = code_.space().isa() == isa::Isa::X86_64;
  if (x86) {
    return die_notifiers_.call(args.cpu, args.task,
                               {.val = die_notifiers_.value(GuestDieVal::Debug),
                                .text = "debug",
                                .pointed = &args.dr6,
                                .signal = kSigTrap});
  }
  const bool match = args.val == DieVal::DabrMatch;
  return die_notifiers_.call(
      args.cpu, args.task,
      {.val = die_notifiers_.value(match ? GuestDieVal::DabrMatch : GuestDieVal::SingleStep),
       .text = match ? "dabr_match" : "single_step",
       .error = match ? static_cast<std::int64_t>(args.task.arch.error_code) : 5,
       .trap = match ? 11 : 5,
       .signal = match ? kSigSegv : kSigTrap});
}

bool KernelHalf::told_of_breakpoint(machine::Cpu& cpu, Task& task) {
  const bool x86 = code_.space().isa() == isa::Isa::X86_64;
  constexpr std::int32_t kBreakpointTrap = 3;  // X86_TRAP_BP
  constexpr std::int32_t kSigTrap = 5;
  return die_notifiers_.call(cpu, task,
                             {.val = die_notifiers_.value(GuestDieVal::Breakpoint),
                              .text = x86 ? "int3" : "breakpoint",
                              .error = x86 ? 0 : 5,
                              .trap = x86 ? kBreakpointTrap : 5,
                              .signal = kSigTrap}) == Notify::Stop;
}

// --- Time (kernel/time/tick-sched.c) ---

void KernelHalf::update_jiffies(machine::Cpu& cpu, Task& task, std::uint64_t now) {
  const std::uint64_t ticks = now / kJiffy;
  if (ticks <= ticks_) return;
  ticks_ = ticks;
  variables_.write(cpu, task, jiffies_, kInitialJiffies + ticks);
  variables_.calc_global_load(cpu, task, ticks);
}

void KernelHalf::tick_irq_enter(machine::Cpu& cpu, Task& task) {
  if (tick_) return;
  update_jiffies(cpu, task, cpu.clock());
  tick_ = kernel_.timers().set((ticks_ + 1) * kJiffy, [this] { tick(); });
}

// The first CPU that has something to do keeps the time.
void KernelHalf::tick() {
  const std::uint64_t now = kernel_.scheduler().now();
  tick_.cancel();
  for (unsigned index = 0; index < kernel_.machine().cpus(); ++index) {
    Task* const task = kernel_.scheduler().running(index);
    if (task == nullptr) continue;
    // With its interrupts off it is told later, at once of all that it missed.
    const bool waits = KernelCode::inside(*task) &&
                       (task->kernel->irqs_disabled || task->kernel->frames.back().call.atomic());
    if (!waits) update_jiffies(kernel_.machine().cpu(index), *task, now);
    tick_ = kernel_.timers().set((now / kJiffy + 1) * kJiffy, [this] { tick(); });
    return;
  }
  variables_.clock_stops();
}

}  // namespace trapline::kernel
