#include "emu/scenario/call_chains.hpp"

#include <array>
#include <optional>

#include "isa/byte_order.hpp"

namespace trapline::scenario {

GuestLoad memory_of(const kernel::Task& task) {
  return [mm = task.mm](isa::GuestVa address) -> std::optional<std::uint64_t> {
    std::array<std::byte, 8> bytes{};
    if (!mm || mm->read_present(address, bytes) != bytes.size()) return std::nullopt;
    return isa::load_word(bytes, isa::byte_order(mm->isa()));
  };
}

const Caller& CallChains::named(std::uint64_t address, std::uint64_t in_call) {
  const auto [known, fresh] = known_.try_emplace(address);
  if (fresh) {
    const auto symbol = symbols_.at(in_call);
    known->second = {symbol ? symbol->name : "", symbols_.describe(address),
                     symbols_.line(in_call).value_or(""), address};
  }
  return known->second;
}

std::vector<Caller> CallChains::of(machine::Cpu& cpu, const kernel::Task& task) {
  constexpr std::size_t kMost = 64;
  const std::uint64_t pc = cpu.pc().value;
  std::vector<Caller> chain{named(pc, pc)};
  for (const std::uint64_t caller : unwinder_.callers(cpu, memory_of(task), kMost))
    chain.push_back(named(caller, caller - 1));
  return chain;
}

}  // namespace trapline::scenario
