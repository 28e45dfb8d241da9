#include "emu/kernel/exported/interrupts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

Interrupts::Interrupts(Kernel& kernel, KernelCode& code)
    : kernel_(kernel), code_(code), queues_(kernel.machine().cpus()), idle_(kernel.machine().cpus()) {}

Interrupts::~Interrupts() {
  for (const auto& task : idle_) {
    if (task && task->kernel && task->kernel->view) kernel_.machine().forget(*task->kernel->view);
  }
}

void Interrupts::raise_at(std::uint64_t when, unsigned cpu, const Interrupt& interrupt) {
  if (when <= kernel_.scheduler().now()) return raise(cpu, interrupt);
  const std::pair key{interrupt.function.value, interrupt.argument};
  timed_[key] = kernel_.timers().set(when, [this, key, cpu, interrupt] {
    timed_.erase(key);
    raise(cpu, interrupt);
  });
}

bool Interrupts::cancel(GuestVa function, std::uint64_t argument) {
  if (timed_.erase({function.value, argument}) != 0) return true;
  return std::ranges::any_of(queues_, [&](std::deque<Interrupt>& queue) {
    return std::erase_if(queue, [&](const Interrupt& each) {
             return each.function == function && each.argument == argument;
           }) != 0;
  });
}

void Interrupts::raise(unsigned wanted, const Interrupt& interrupt) {
  // What is for a CPU that is away comes to another.
  const Scheduler& scheduler = kernel_.scheduler();
  const unsigned cpu =
      scheduler.online(wanted) ? wanted : static_cast<unsigned>(std::countr_zero(scheduler.online_mask()));
  // A soft interrupt waits for what holds it back, and others do not wait with it.
  std::deque<Interrupt>& queue = queues_[cpu];
  const auto place = interrupt.soft ? queue.end() : std::ranges::find_if(queue, &Interrupt::soft);
  queue.insert(place, interrupt);
  if (kernel_.scheduler().running(cpu) == nullptr) kernel_.scheduler().wake_up(idle_task(cpu));
}

Task& Interrupts::idle_task(unsigned cpu) {
  std::shared_ptr<Task>& task = idle_[cpu];
  if (!task) {
    task = std::make_shared<Task>(0, fmt::format("swapper/{}", cpu), kernel_.machine().memory());
    task->become_kernel_thread(kernel_.scheduler());
    task->sched.parameters.policy = Policy::Idle;
    kernel_.scheduler().admit(*task, cpu);
  }
  task->affinity = std::uint64_t{1} << cpu;
  return *task;
}

void Interrupts::leave_cpu(unsigned cpu) {
  const auto queue = std::exchange(queues_[cpu], {});
  for (const Interrupt& interrupt : queue) raise(cpu, interrupt);
}

bool Interrupts::takes(const Task& task, const Interrupt& interrupt) {
  if (!KernelCode::inside(task)) return !KernelCode::wanted(task);
  constexpr unsigned kSoftIrqMask = 0xff00;
  const KernelContext& context = *task.kernel;
  const KernelCall& innermost = context.frames.back().call;
  // A soft interrupt lets hard ones in.
  const bool served =
      innermost.atomic() && (interrupt.soft || innermost.context != KernelCall::Context::SoftInterrupt);
  if (context.irqs_disabled || served) return false;
  return !interrupt.soft || (context.preempt_count & kSoftIrqMask) == 0;
}

void Interrupts::deliver(unsigned cpu, Task& task) {
  if (!pending(cpu, task)) return;
  const Interrupt interrupt = queues_[cpu].front();
  queues_[cpu].pop_front();
  code_.call(task, {.function = interrupt.function,
                    .arguments = {interrupt.argument},
                    .reason = interrupt.soft ? "a soft interrupt" : "an interrupt",
                    .context = interrupt.soft ? KernelCall::Context::SoftInterrupt
                                              : KernelCall::Context::Interrupt});
}

}  // namespace trapline::kernel
