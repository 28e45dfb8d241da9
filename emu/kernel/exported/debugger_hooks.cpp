#include "emu/kernel/exported/debugger_hooks.hpp"

#include <limits>
#include <string_view>

#include "emu/kernel/exported/exported.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

namespace {

constexpr std::array<std::string_view, 3> kHooks{"__debugger_bpt", "__debugger_sstep",
                                                 "__debugger_break_match"};

// (nr, struct arch_hw_breakpoint): the CPU's register, whoever else has it.
std::optional<std::uint64_t> set_breakpoint(ExportedCall& call) {
  constexpr std::uint64_t kType = 8;  // struct arch_hw_breakpoint
  const auto address = call.space().read_word(call.address(1));
  const auto type = call.space().read_word(call.address(1) + kType, 2);
  if (address && type)
    call.kernel.arch().set_breakpoint(call.cpu, static_cast<unsigned>(call.argument(0)), GuestVa(*address),
                                      static_cast<std::uint16_t>(*type));
  return 0;
}

constexpr std::array kDebuggerFunctions{ExportedEntry{"__set_breakpoint", set_breakpoint}};

}  // namespace

std::span<const ExportedEntry> debugger_functions(isa::Isa isa) {
  if (isa != isa::Isa::Ppc64) return {};
  return kDebuggerFunctions;
}

DebuggerHooks::DebuggerHooks(Kernel& kernel, KernelCode& code, Modules& modules)
    : kernel_(kernel), code_(code) {
  if (kernel.isa() != isa::Isa::Ppc64) return;
  for (std::size_t i = 0; i < kHooks.size(); ++i) hooks_.at(i) = modules.variable(kHooks.at(i), 8);
  kernel.die_chain().add("debugger_hooks", std::numeric_limits<int>::min(), [this](DieArgs& args) {
    if (args.cpu.debug_context().privilege != debugunit::Privilege::Kernel) return Notify::Done;
    const Hook hook = args.val == DieVal::DabrMatch ? Hook::BreakMatch : Hook::SStep;
    return call(hook, args.cpu, args.task) ? Notify::Stop : Notify::Done;
  });
}

bool DebuggerHooks::debugger_bpt(machine::Cpu& cpu, Task& task) { return call(Hook::Bpt, cpu, task); }

bool DebuggerHooks::call(Hook hook, machine::Cpu& cpu, Task& task) {
  const GuestVa variable = hooks_.at(static_cast<std::size_t>(hook));
  const auto function = variable.value == 0 ? 0 : code_.space().read_word(variable).value_or(0);
  if (function == 0) return false;
  const auto handled = kernel_.call_now(cpu, task,
                                        {.function = GuestVa(function),
                                         .arguments = {KernelCall::Registers{}},
                                         .reason = "the kernel debugger",
                                         .context = KernelCall::Context::Exception});
  return handled && (*handled & 0xffffffff) != 0;
}

}  // namespace trapline::kernel
