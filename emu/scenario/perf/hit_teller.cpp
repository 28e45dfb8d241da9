#include "emu/scenario/perf/hit_teller.hpp"

#include <fmt/format.h>

#include <array>

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

void HitTeller::name_instruction(Hit& hit) const {
  hit.by = symbols_.describe(hit.instruction);
  hit.pc_name = symbols_.describe(hit.pc);
  if (const auto symbol = symbols_.at(hit.instruction)) hit.function = symbol->name;
  hit.line = symbols_.line(hit.instruction).value_or("");
}

void HitTeller::name_access(Hit& hit, machine::Cpu& cpu, const kernel::Task& task, bool kernel) {
  name_instruction(hit);
  hit.at = symbols_.describe(hit.access->address.value);
  if (kernel) hit.kernel = kernel::Kernel::work_of(task);
  hit.callchain = callchain(cpu, task);
  // The stack of the program that called execve(2) is gone.
  if (hit.kernel.starts_with("execve")) hit.callchain.resize(1);
}

std::vector<Caller> HitTeller::callchain(machine::Cpu& cpu, const kernel::Task& task) {
  constexpr std::size_t kMost = 64;
  const auto named = [this](std::uint64_t address, std::uint64_t in_call) {
    const auto [known, fresh] = callers_.try_emplace(address);
    if (fresh) {
      const auto symbol = symbols_.at(in_call);
      known->second = {symbol ? symbol->name : "", symbols_.describe(address),
                       symbols_.line(in_call).value_or(""), address};
    }
    return known->second;
  };
  const auto load = [&](isa::GuestVa address) -> std::optional<std::uint64_t> {
    std::array<std::byte, 8> bytes{};
    if (!task.mm || task.mm->read_present(address, bytes) != bytes.size()) return std::nullopt;
    return isa::load_word(bytes, isa::byte_order(kernel_.isa()));
  };
  const std::uint64_t pc = cpu.pc().value;
  std::vector<Caller> chain{named(pc, pc)};
  for (const std::uint64_t caller : unwinder_.callers(cpu, load, kMost))
    chain.push_back(named(caller, caller - 1));
  return chain;
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
  // What the symbol table does not name is called what it was asked for by.
  if (place.plain() && (place.symbol.empty() || symbols_.find(place.symbol))) return hit;
  const std::uint64_t address = what.access.address.value;
  hit.at = to_string(place);
  if (address > first.value) hit.at += fmt::format("+{:#x}", address - first.value);
  if (address < first.value) hit.at += fmt::format("-{:#x}", first.value - address);
  return hit;
}

}  // namespace trapline::scenario
