#include "emu/kernel/exported/kernel_half.hpp"

#include <fmt/format.h>

#include <system_error>

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
      exported_(kernel, code_, modules_, printk_) {
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

void KernelHalf::insert(std::span<const std::byte> file, std::string_view name, std::string_view arguments,
                        Task& task) {
  Module& module = modules_.load(file, name, arguments);
  module.state = Module::State::Live;
  if (module.init.value == 0) return;
  code_.call(task,
             {.function = module.init,
              .reason = fmt::format("the init function of {}", module.name),
              .returned = [this, &module](std::uint64_t result) {
                const int number = -static_cast<std::int32_t>(result);
                if (number <= 0) return;
                kernel_.give_up(fmt::format("the init function of the module {} returned {} ({})",
                                            module.name, -number, std::generic_category().message(number)));
              }});
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
    update_jiffies(kernel_.machine().cpu(index), *task, now);
    tick_ = kernel_.timers().set((ticks_ + 1) * kJiffy, [this] { tick(); });
    return;
  }
}

}  // namespace trapline::kernel
