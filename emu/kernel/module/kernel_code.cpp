#include "emu/kernel/module/kernel_code.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "emu/kernel/arch/arch.hpp"
#include "emu/kernel/costs.hpp"
#include "emu/kernel/task/task.hpp"

namespace trapline::kernel {

namespace {

constexpr std::uint64_t kDescriptorSize = 24;
constexpr std::uint64_t kStackSize = 16384;  // THREAD_SIZE

constexpr machine::Permissions kReadOnly{.read = true};

}  // namespace

KernelContext::~KernelContext() {
  if (stack.value != 0) {
    const std::uint64_t size = std::max(kStackSize, space.page_size());
    space.unmap(KernelSpace::Area::Stacks, stack - size, size);
  }
  if (task_struct.value == 0) return;
  // A kernel thread's struct kthread goes with it (free_kthread_struct()).
  constexpr std::uint64_t kWorkerPrivate = 128;
  (void)space.kfree(GuestVa(space.read_word(task_struct + kWorkerPrivate).value_or(0)));
  (void)space.kfree(task_struct);
}

KernelCode::KernelCode(machine::Machine& machine, Arch& arch)
    : machine_(machine), arch_(arch), space_(machine), abi_(make_kernel_abi(machine.isa())) {}

void KernelCode::export_functions(std::span<const std::string_view> names, ExportedFunctions& functions) {
  functions_ = &functions;
  const auto text = space_.map(KernelSpace::Area::Text, (names.size() + 1) * kEntrySize, kReadOnly);
  const bool descriptors = machine_.isa() == isa::Isa::Ppc64;
  const auto data = descriptors
                        ? space_.map(KernelSpace::Area::Data, names.size() * kDescriptorSize, kReadOnly)
                        : std::optional<GuestVa>(GuestVa(0));
  if (!text || !data) return;
  entries_ = *text;
  descriptors_ = *data;
  return_entry_ = entries_ + names.size() * kEntrySize;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const GuestVa entry = entries_ + i * kEntrySize;
    kallsyms_.add(
        {.name = std::string(names[i]), .address = entry, .size = kEntrySize, .module = {}, .type = 'T'});
    if (names[i] == return_trampoline_name(machine_.isa())) return_trampoline_ = entry;
    if (descriptors) (void)space_.write_word(descriptors_ + i * kDescriptorSize, entry.value);
  }
}

std::optional<GuestVa> KernelCode::exported(std::string_view name) const {
  const KernelSymbol* const symbol = kallsyms_.find(name);
  if (symbol == nullptr || !is_entry(symbol->address)) return std::nullopt;
  return callable(symbol->address);
}

GuestVa KernelCode::callable(GuestVa entry) const {
  if (machine_.isa() != isa::Isa::Ppc64) return entry;
  return descriptors_ + (entry - entries_) / kEntrySize * kDescriptorSize;
}

KernelContext& KernelCode::context_of(Task& task) {
  if (!task.kernel) task.kernel = std::make_shared<KernelContext>(space_);
  return *task.kernel;
}

void KernelCode::call(Task& task, KernelCall call) {
  KernelContext& context = context_of(task);
  call.depth = context.frames.size();
  context.pending.push_back(std::move(call));
}

void KernelCode::call_first(Task& task, KernelCall call) {
  KernelContext& context = context_of(task);
  call.depth = context.frames.size();
  context.pending.push_front(std::move(call));
}

bool KernelCode::wanted(const Task& task) {
  return task.kernel && task.kernel->next() != task.kernel->pending.end();
}

bool KernelCode::inside(const Task& task) { return task.kernel && !task.kernel->frames.empty(); }

void KernelCode::set_mode(machine::Cpu& cpu, Task& task) {
  debugunit::Context context = cpu.debug_context();
  context.privilege = inside(task) ? debugunit::Privilege::Kernel : debugunit::Privilege::User;
  cpu.set_debug_context(context);
  cpu.set_address_space(inside(task) ? task.kernel->view.get() : task.mm ? &task.mm->space() : nullptr);
}

KernelCode::Begun KernelCode::begin(machine::Cpu& cpu, Task& task) {
  KernelContext& context = context_of(task);
  auto next = context.next();
  while (next != context.pending.end() && next->still && !next->still()) {
    context.pending.erase(next);
    next = context.next();
  }
  if (next == context.pending.end()) return Begun::Nothing;
  const bool first = context.frames.empty();
  if (context.stack.value == 0) {
    const auto stack = space_.map(KernelSpace::Area::Stacks, kStackSize, {.read = true, .write = true});
    if (!stack) return Begun::NoMemory;
    context.stack = *stack + std::max(kStackSize, space_.page_size());
  }
  KernelFrame& frame = context.frames.emplace_back();
  frame.call = std::move(*next);
  context.pending.erase(next);
  frame.step = std::exchange(task.step, Step::KernelCode);
  cpu.copy_to(frame.interrupted);

  std::vector<std::byte> registers = abi_->pt_regs(cpu, first && task.mm);
  if (frame.call.result) abi_->set_result(registers, *frame.call.result);
  if (frame.call.context == KernelCall::Context::Exception)
    abi_->set_exception(registers, task.arch.trap, task.arch.fault_address, task.arch.error_code);
  const GuestVa stack = first ? context.stack : abi_->stack_pointer(cpu);
  constexpr std::uint64_t kBelow = 512;  // what a function may use below its frame (PPC64 ABI: 288 bytes)
  frame.registers = GuestVa((stack.value - registers.size() - (first ? 0 : kBelow)) & ~std::uint64_t{15});
  std::vector<std::uint64_t> arguments;
  for (const KernelCall::Argument& argument : frame.call.arguments) {
    const auto* const number = std::get_if<std::uint64_t>(&argument);
    arguments.push_back(number != nullptr ? *number : frame.registers.value);
  }
  if (first) {
    context.view = std::make_unique<machine::AddressSpace>(machine::AddressSpace::kernel_mode(
        space_.space(), task.mm ? &task.mm->space() : nullptr, machine_.memory().next_owner() << 40));
  }
  const KernelSymbol* const symbol = kallsyms_.at(code_address(frame.call.function));
  cpu.trace(machine::Layer::FrontEnd, "kernel_code",
            {{"function", symbol == nullptr ? std::string() : symbol->name}, {"for", frame.call.reason}});
  cpu.charge(costs::kCallback);
  cpu.set_single_step(false);
  cpu.set_resume(false);
  set_mode(cpu, task);
  if (frame.call.disarmed) arch_.hw_breakpoint_disable(cpu);
  if (!space_.write(frame.registers, registers)) return Begun::StackOverflow;
  if (frame.call.registers_to.value != 0)
    (void)space_.write_word(frame.call.registers_to, frame.registers.value);
  frame.pt_regs = std::move(registers);
  const bool called = abi_->call(cpu, space_, frame.call.function, arguments, frame.registers, return_entry_);
  return called ? Begun::Yes : Begun::NoFunction;
}

GuestVa KernelCode::code_address(GuestVa function) const {
  if (machine_.isa() != isa::Isa::Ppc64) return function;
  return GuestVa(space_.read_word(function).value_or(0));
}

// The innermost function has returned.
void KernelCode::finish(machine::Cpu& cpu, Task& task) {
  KernelContext& context = *task.kernel;
  const std::uint64_t result = abi_->result(cpu);
  KernelFrame frame = std::move(context.frames.back());
  context.frames.pop_back();
  cpu.use(nullptr);
  task.registers = std::move(frame.interrupted);
  cpu.use(&task.registers);
  restore_registers(cpu, frame);
  task.step = frame.step;
  set_mode(cpu, task);
  if (frame.call.disarmed) arch_.hw_breakpoint_restore(cpu);
  if (context.frames.empty()) {
    machine_.forget(*context.view);
    context.view.reset();
  }
  if (frame.call.returned) frame.call.returned(result);
}

// A handler may have changed what it interrupted.
void KernelCode::restore_registers(machine::Cpu& cpu, const KernelFrame& frame) {
  const bool given = std::ranges::any_of(frame.call.arguments, [](const KernelCall::Argument& argument) {
    return std::holds_alternative<KernelCall::Registers>(argument);
  });
  if ((!given && frame.call.registers_to.value == 0) || frame.call.changes_nothing) return;
  std::vector<std::byte> after(frame.pt_regs.size());
  if (space_.read(frame.registers, after) && after != frame.pt_regs) abi_->restore(cpu, frame.pt_regs, after);
}

void KernelCode::abandon(machine::Cpu& cpu, Task& task) {
  KernelContext& context = *task.kernel;
  context.pending.clear();
  if (context.frames.empty()) return;
  while (context.frames.size() > 1) {
    if (context.frames.back().call.disarmed) arch_.hw_breakpoint_restore(cpu);
    context.frames.pop_back();
  }
  context.frames.front().call.returned = nullptr;
  finish(cpu, task);
}

std::vector<KernelCode::Caller> KernelCode::backtrace(machine::Cpu& cpu, const Task& task,
                                                      std::size_t most) const {
  std::vector<Caller> chain;
  const auto add = [&](const KernelAbi::Position& from) {
    const KernelSymbol* const symbol = kallsyms_.at(from.pc);
    if (symbol == nullptr) return;
    chain.push_back({from.pc, kallsyms_.sprint_symbol(from.pc)});
    for (const GuestVa caller : abi_->callers(space_, from, symbol->address, most)) {
      // A function that the model called has no caller.
      if (caller != return_entry_ && kallsyms_.at(caller - 1) != nullptr)
        chain.push_back({caller, kallsyms_.sprint_backtrace(caller)});
    }
  };
  add(abi_->position(cpu));
  if (task.kernel) {
    for (const KernelFrame& frame : std::views::reverse(task.kernel->frames))
      add(abi_->position(space_, frame.registers));
  }
  if (chain.size() > most) chain.resize(most);
  return chain;
}

KernelCode::Outcome KernelCode::page_fault(machine::Cpu& cpu, Task& task, const machine::PageFault& fault) {
  const GuestVa pc = cpu.pc();
  if (fault.kind != isa::AccessKind::Execute || pc < entries_ || pc > return_entry_ ||
      pc.offset_in(kEntrySize) != 0)
    return Outcome::NotHandled;
  if (pc == return_entry_) {
    finish(cpu, task);
    return Outcome::Done;
  }
  const auto value = functions_->enter((pc - entries_) / kEntrySize, cpu, task);
  if (value) abi_->return_from(cpu, space_, *value);
  return Outcome::Done;
}

}  // namespace trapline::kernel
