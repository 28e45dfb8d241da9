#include "emu/kernel/exported/exported.hpp"

#include "emu/kernel/costs.hpp"
#include "emu/kernel/exported/kernel_half.hpp"
#include "emu/kernel/kernel.hpp"

namespace trapline::kernel {

KernelSpace& ExportedCall::space() const { return exported.code().space(); }
std::uint64_t ExportedCall::argument(std::size_t n) const {
  return exported.code().abi().argument(cpu, space(), n);
}
std::string ExportedCall::text(std::size_t n) const { return space().read_string(address(n)).value_or(""); }

Exported::Exported(Kernel& kernel, KernelCode& code, Printk& printk)
    : kernel_(kernel), code_(code), printk_(printk) {
  for (const auto group :
       {message_functions(), memory_functions(), task_functions(), thread_functions(), symbol_functions(),
        breakpoint_functions(), probe_functions(), file_functions(), hotplug_functions(), die_functions(),
        debugger_functions(kernel.isa()), trampolines(kernel.isa())})
    functions_.insert(functions_.end(), group.begin(), group.end());
  for (const std::string_view name : ModelWork::names(kernel.isa()))
    functions_.push_back({name, [](ExportedCall&) -> std::optional<std::uint64_t> { return 0; }});
  std::vector<std::string_view> names;
  for (const ExportedEntry& entry : functions_) names.push_back(entry.name);
  code_.export_functions(names, *this);
}

std::optional<std::uint64_t> Exported::enter(std::size_t index, machine::Cpu& cpu, Task& task) {
  if (kernel_.kernel_half().kprobes().entered(cpu, task)) return std::nullopt;
  ExportedCall call{kernel_, *this, cpu, task};
  cpu.charge(costs::kExported);
  return functions_[index].function(call);
}

}  // namespace trapline::kernel
