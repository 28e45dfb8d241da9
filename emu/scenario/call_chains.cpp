#include "emu/scenario/call_chains.hpp"

#include <optional>

#include "emu/scenario/guest_memory.hpp"

namespace trapline::scenario {

Caller CallChains::named(const kernel::Task& task, std::uint64_t address, std::uint64_t in_call) {
  const auto object = code_.at(task, in_call);
  if (!object) return {"", code_.describe(task, address), "", address};
  const auto [known, fresh] = known_.try_emplace({&object->symbols, object->in_symbols(address)});
  if (fresh) {
    known->second = {code_.name(task, in_call), code_.describe(task, address), code_.line(task, in_call),
                     address};
  }
  Caller caller = known->second;
  caller.address = address;
  return caller;
}

std::vector<Caller> CallChains::of(machine::Cpu& cpu, const kernel::Task& task) {
  constexpr std::size_t kMost = 64;
  const std::uint64_t pc = cpu.pc().value;
  std::vector<Caller> chain{named(task, pc, pc)};
  for (const Frame& frame : frames(cpu, task, kMost)) {
    if (frame.return_address != 0)
      chain.push_back(named(task, frame.return_address, frame.return_address - 1));
  }
  return chain;
}

std::vector<Caller> CallChains::from(std::uint64_t instruction, machine::Cpu& cpu, const kernel::Task& task) {
  std::vector<Caller> chain = of(cpu, task);
  const auto follows = [instruction](std::uint64_t address) {
    constexpr std::uint64_t kLongestInstruction = 15;
    return address - instruction <= kLongestInstruction;
  };
  if (follows(cpu.pc().value)) return chain;
  const Caller here = named(task, instruction, instruction);
  if (chain.size() > 1 && follows(chain[1].address) && chain[1].function == here.function) {
    chain.erase(chain.begin());  // a call
  } else if (chain.front().function != here.function) {
    chain.insert(chain.begin(), here);  // a return, or a jump to another function
  }
  return chain;
}

std::vector<Frame> CallChains::frames(machine::Cpu& cpu, const kernel::Task& task, std::size_t most,
                                      std::uint64_t up_to) {
  std::vector<Frame> frames;
  walk(cpu, task, [&](const Frame& frame, const DwarfRegisters&) {
    frames.push_back(frame);
    return frames.size() < most && frame.cfa < up_to;
  });
  return frames;
}

void CallChains::walk(machine::Cpu& cpu, const kernel::Task& task, const VisitFrame& visit) {
  const FindFrame find = [&](std::uint64_t pc) -> Dwarf_Frame* {
    const auto object = code_.at(task, pc);
    return object ? object->tables.at(object->in_file(pc)) : nullptr;
  };
  walk_stack(cpu, memory_of(task), find, visit);
}

}  // namespace trapline::scenario
