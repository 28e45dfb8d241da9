#include "emu/kernel/exported/kernel_half.hpp"

#include <fmt/format.h>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

// INITIAL_JIFFIES: it wraps around, in 32 bits, five minutes after the start.
constexpr std::uint64_t kInitialJiffies = 0x1'0000'0000 - 300 * (kSecond / kJiffy);

}  // namespace

KernelHalf::KernelHalf(Kernel& kernel)
    : kernel_(kernel),
      code_(kernel.machine(), kernel.arch()),
      modules_(code_, printk_),
      exported_(kernel, code_, printk_) {
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
}

// --- Modules ---

void KernelHalf::insert(std::span<const std::byte> file, std::string_view name, std::string_view arguments,
                        Task& task, std::function<void(int result)> initialised) {
  Module& module = modules_.load(file, name, arguments);
  const auto done = [this, &module, told = std::move(initialised)](int result) {
    if (result < 0)
      modules_.unload(module);
    else
      module.state = Module::State::Live;
    told(result);
  };
  if (module.init.value == 0) return done(0);
  code_.call(task, {.function = module.init,
                    .reason = fmt::format("the init function of {}", module.name),
                    .returned = [done](std::uint64_t result) { done(static_cast<std::int32_t>(result)); }});
}

Status KernelHalf::remove(const std::string& name, Task& task) {
  Module* const module = modules_.find(name);
  if (module == nullptr) return Error{ENOENT};
  // One that can be loaded and not unloaded stays.
  if (module->state != Module::State::Live || (module->init.value != 0 && module->exit.value == 0))
    return Error{EBUSY};
  module->state = Module::State::Going;
  if (module->exit.value == 0) {
    modules_.unload(*module);
    return Done{};
  }
  code_.call(task, {.function = module->exit,
                    .reason = fmt::format("the exit function of {}", name),
                    .returned = [this, module](std::uint64_t) { modules_.unload(*module); }});
  return Done{};
}

// --- Time (kernel/time/tick-sched.c) ---

void KernelHalf::write_variable(machine::Cpu& cpu, Task& task, GuestVa variable, std::uint64_t value) {
  const isa::Access access{variable, 8, isa::AccessKind::Write};
  const bool watched =
      cpu.watches_data() && cpu.debug_unit().match(access, {.privilege = debugunit::Privilege::Kernel});
  if (!watched) {
    (void)code_.space().write_word(variable, value);
    return;
  }
  cpu.set_address_space(&code_.space().space());
  const machine::Cpu::Before before = cpu.watched_bytes();
  (void)code_.space().write_word(variable, value);
  kernel_.arch().kernel_access(cpu, task, access, before);
  KernelCode::set_mode(cpu, task);
}

void KernelHalf::update_jiffies(machine::Cpu& cpu, Task& task, std::uint64_t now) {
  const std::uint64_t ticks = now / kJiffy;
  if (ticks <= ticks_) return;
  ticks_ = ticks;
  write_variable(cpu, task, jiffies_, kInitialJiffies + ticks);
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
    const bool waits =
        KernelCode::inside(*task) && (task->kernel->irqs_disabled || task->kernel->frames.back().call.atomic);
    if (!waits) update_jiffies(kernel_.machine().cpu(index), *task, now);
    tick_ = kernel_.timers().set((now / kJiffy + 1) * kJiffy, [this] { tick(); });
    return;
  }
}

}  // namespace trapline::kernel
