#include "emu/scenario/perf/hit_teller.hpp"

#include <fmt/format.h>

#include <span>

#include "isa/byte_order.hpp"

namespace trapline::scenario {

// What any hit tells.
Hit HitTeller::begin(const machine::Cpu& cpu, const kernel::Task* task) const {
  Hit hit;
  hit.cycle = cpu.clock();
  hit.cpu = cpu.index();
  if (task != nullptr) {
    hit.task = task->tid();
    hit.comm = task->comm;
    hit.main = task->tid() == main_;
  } else {
    hit.comm = "swapper";  // the idle task
  }
  return hit;
}

void HitTeller::name_instruction(Hit& hit, const kernel::Task& task) const {
  LoadedCode& code = chains_.code();
  hit.by = code.describe(task, hit.instruction);
  hit.pc_name = code.describe(task, hit.pc);
  hit.function = code.name(task, hit.instruction);
  hit.line = code.line(task, hit.instruction);
}

void HitTeller::name_access(Hit& hit, machine::Cpu& cpu, const kernel::Task& task, bool kernel) {
  name_instruction(hit, task);
  hit.at = chains_.code().describe(task, hit.access->address.value);
  if (kernel) hit.kernel = kernel::Kernel::work_of(task);
  // A call or a return that is executed has its own caller.
  const bool executed = hit.access->kind == isa::AccessKind::Execute;
  hit.callchain = executed ? chains_.from(hit.instruction, cpu, task) : chains_.of(cpu, task);
  // The stack of the program that called execve(2) is gone.
  if (hit.kernel.starts_with("execve")) hit.callchain.resize(1);
}

Hit HitTeller::tell(const machine::Observation& what, const Place& place, isa::GuestVa first) {
  const kernel::Task* const task = kernel_.scheduler().running(what.cpu.index());
  Hit hit = begin(what.cpu, task);
  hit.order = what.order;
  hit.access = what.access;
  hit.instruction = what.instruction.value;
  hit.pc = what.cpu.pc().value;
  hit.length = what.before.size;
  const auto value = [&](const machine::WatchedBytes& bytes) -> std::optional<std::uint64_t> {
    if (bytes.size == 0) return std::nullopt;
    return isa::load_word(std::span(bytes.bytes).first(bytes.size), isa::byte_order(kernel_.isa()));
  };
  hit.old_value = value(what.before);
  hit.new_value = value(what.after);
  name_access(hit, what.cpu, *task, what.kernel);
  name_place(hit, place, first);
  return hit;
}

// What the symbol table does not name is called what it was asked for by.
void HitTeller::name_place(Hit& hit, const Place& place, isa::GuestVa first) const {
  if (place.plain() && (place.symbol.empty() || symbols_.find(place.symbol))) return;
  const std::uint64_t address = hit.access->address.value;
  hit.at = to_string(place);
  if (address > first.value) hit.at += fmt::format("+{:#x}", address - first.value);
  if (address < first.value) hit.at += fmt::format("-{:#x}", first.value - address);
}

}  // namespace trapline::scenario
