#include "emu/machine/block_costs.hpp"

#include <algorithm>

#include "emu/machine/intercepts.hpp"

namespace trapline::machine {

BlockCosts::BlockCosts(isa::Isa isa, const isa::CostTable& table, PhysicalMemory& memory, bool bare)
    : isa_(isa),
      table_(table),
      decoder_(isa),
      memory_(memory),
      longest_(isa == isa::Isa::X86_64 ? 15 : 4),
      bare_(bare) {}

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
  return intercept_of(isa_, fetch(space, address, longest_), bare_);
}

isa::Instruction BlockCosts::instruction(const AddressSpace& space, GuestVa address) const {
  return decoder_.decode(fetch(space, address, longest_), address);
}

std::uint64_t BlockCosts::look_up(const AddressSpace& space, std::uint64_t address, std::uint32_t size) {
  const GuestVa start(address);
  const auto page = space.translate(start);
  // Code that can change under us without notice is decoded at every entry, and a block over two granules has
  // no one physical name.
  const bool stable = page && !page->permissions.write && start.offset_in(kGranule) + size <= kGranule;
  Line& line = lines_[line_of(address, size)];
  if (stable) {
    if (const auto known = by_physical_.find(physical_key(page->address, size));
        known != by_physical_.end()) {
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
    if (intercept_of(isa_, rest, bare_) != Intercept::None) {
      intercepted = true;
      if (intercepts_.insert(address + at).second) new_intercepts_.push_back(start + at);
    }
    cycles += of(instruction);
    if (instruction.size == 0) break;  // what follows cannot be told apart
    at += instruction.size;
  }
  if (!new_intercepts_.empty()) return kRefused;
  if (page && !page->permissions.write) line = {address, size, generation_, cycles};
  // An intercept has a virtual address, which the same code may have several of.
  if (stable && !intercepted) by_physical_.insert_or_assign(physical_key(page->address, size), cycles);
  return cycles;
}

void BlockCosts::forget_virtual() {
  if (++generation_ != 0) return;
  lines_.fill({});
  generation_ = 1;
}

void BlockCosts::forget_everything() {
  forget_virtual();
  by_physical_.clear();
}

}  // namespace trapline::machine
