#include "emu/machine/block_costs.hpp"

#include <algorithm>

#include "emu/machine/intercepts.hpp"

namespace trapline::machine {

BlockCosts::BlockCosts(isa::Isa isa, const isa::CostTable& table, PhysicalMemory& memory, bool bare,
                       bool hooked)
    : isa_(isa),
      table_(table),
      decoder_(isa),
      memory_(memory),
      longest_(isa == isa::Isa::X86_64 ? 15 : 4),
      bare_(bare),
      hooked_(hooked) {}

std::vector<std::byte> BlockCosts::fetch(const AddressSpace& space, GuestVa address,
                                         std::uint32_t size) const {
  std::vector<std::byte> code;
  while (code.size() < size) {
    const GuestVa at = address + code.size();
    const auto page = space.translate(at);
    if (!page) break;
    const std::uint64_t here = std::min<std::uint64_t>(size - code.size(), kGranule - at.offset_in(kGranule));
    const auto bytes = memory_.bytes(page->address, here);
    code.insert(code.end(), bytes.begin(), bytes.end());
  }
  return code;
}

Intercept BlockCosts::intercept(const AddressSpace& space, GuestVa address) const {
  return intercept_of(isa_, fetch(space, address, longest_), bare_, hooked_);
}

isa::Instruction BlockCosts::instruction(const AddressSpace& space, GuestVa address) const {
  return decoder_.decode(fetch(space, address, longest_), address);
}

std::uint64_t BlockCosts::look_up(const AddressSpace& space, std::uint64_t address, std::uint32_t size) {
  const GuestVa start(address);
  const auto page = space.translate(start);
  // A block over two granules has no one physical name.
  std::unordered_map<std::uint32_t, std::uint64_t>* named = nullptr;
  if (page && start.offset_in(kGranule) + size <= kGranule)
    named = &by_granule_[page->address.value / kGranule];
  Line& line = lines_[line_of(address, size)];
  if (named != nullptr) {
    if (const auto known = named->find(key_in_granule(page->address, size)); known != named->end()) {
      line = {address, size, generation_, known->second};
      return line.cycles;
    }
  }

  const std::vector<std::byte> code = fetch(space, start, size);
  std::uint64_t cycles = 0;
  bool intercepted = false;
  for (std::size_t at = 0; at < size;) {
    const std::span<const std::byte> rest =
        at < code.size() ? std::span(code).subspan(at) : std::span<const std::byte>{};
    const isa::Instruction instruction = decoder_.decode(rest, start + at);
    if (intercept_of(isa_, rest, bare_, hooked_) != Intercept::None) {
      intercepted = true;
      if (intercepts_.insert(address + at).second) new_intercepts_.push_back(start + at);
    }
    cycles += of(instruction);
    if (instruction.size == 0) {
      undecodable_ = start + at;  // what follows cannot be told apart
      break;
    }
    at += instruction.size;
  }
  if (!new_intercepts_.empty()) return kRefused;
  if (undecodable_) return cycles;
  if (page) line = {address, size, generation_, cycles};
  // An intercept has a virtual address, which the same code may have several of.
  if (named != nullptr && !intercepted) named->insert_or_assign(key_in_granule(page->address, size), cycles);
  return cycles;
}

void BlockCosts::forget_virtual() {
  if (++generation_ != 0) return;
  lines_.fill({});
  generation_ = 1;
}

void BlockCosts::forget(GuestPa granule) {
  forget_virtual();
  by_granule_.erase(granule.value / kGranule);
}

}  // namespace trapline::machine
