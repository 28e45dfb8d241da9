#include "emu/kernel/arch/hits.hpp"

#include "emu/machine/cpu.hpp"

namespace trapline::kernel {

BreakpointHit hit_of(machine::Cpu& cpu, Task& task, const machine::DebugException& exception, unsigned slot) {
  const bool kernel = cpu.debug_context().privilege == debugunit::Privilege::Kernel;
  BreakpointHit hit{{.cpu = cpu, .task = &task, .ip = cpu.pc(), .kernel = kernel}};
  hit.instruction = exception.instruction;
  hit.access = {exception.instruction, 1, isa::AccessKind::Execute};
  for (const isa::Access& access : exception.accesses) {
    const auto match = cpu.debug_unit().match(access, cpu.debug_context());
    if (match && (match->slots >> slot & 1) != 0) {
      hit.access = access;
      // A read-modify-write counts as the write that it ends in.
      if (access.kind == isa::AccessKind::Write) break;
    }
  }
  hit.before = exception.before[slot];
  hit.after = cpu.read_watched(slot);
  return hit;
}

}  // namespace trapline::kernel
