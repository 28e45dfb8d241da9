#include "emu/machine/block_costs.hpp"

#include <algorithm>

#include "emu/machine/intercepts.hpp"
#include "isa/byte_order.hpp"

namespace trapline::machine {

BlockCosts::BlockCosts(isa::Isa isa, const isa::CostTable& table, PhysicalMemory& memory, bool bare,
                       bool hooked)
    : isa_(isa),
      table_(table),
      decoder_(isa),
      memory_(memory),
      longest_(isa == isa::Isa::X86_64 ? kLongestInstruction : 4),
      bare_(bare),
      hooked_(hooked),
      remembered_(isa == isa::Isa::X86_64 ? kRemembered : 0) {}

std::size_t BlockCosts::fetch(const AddressSpace& space, GuestVa address, std::span<std::byte> to) const {
  std::size_t done = 0;
  while (done < to.size()) {
    const GuestVa at = address + done;
    const auto page = space.translate(at);
    if (!page) break;
    const std::uint64_t here = std::min<std::uint64_t>(to.size() - done, kGranule - at.offset_in(kGranule));
    std::ranges::copy(memory_.bytes(page->address, here), to.subspan(done).begin());
    done += here;
  }
  return done;
}

BlockCosts::Decoded BlockCosts::decode(std::span<const std::byte> code, GuestVa address) const {
  const auto anew = [&] {
    return Decoded{decoder_.decode(code, address), intercept_of(isa_, code, bare_, hooked_)};
  };
  if (isa_ != isa::Isa::X86_64) return anew();
  // What lies behind an instruction is part of its key: its length is not known yet.
  std::array<std::byte, sizeof(std::uint64_t)> start{};
  const std::size_t size = std::min(start.size(), code.size());
  std::ranges::copy(code.first(size), start.begin());
  const std::uint64_t bytes = isa::load_word(start, std::endian::little);
  constexpr std::uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;
  Remembered& remembered = remembered_[(bytes * kGoldenRatio >> 32) % kRemembered];
  const std::size_t known = remembered.decoded.instruction.size;
  if (known != 0 && known <= size && remembered.bytes == bytes) return remembered.decoded;
  const Decoded decoded = anew();
  const std::size_t found = decoded.instruction.size;
  if (found != 0 && found <= size) remembered = {bytes, decoded};
  return decoded;
}

Intercept BlockCosts::intercept(const AddressSpace& space, GuestVa address) const {
  return intercept_of(isa_, code(space, address), bare_, hooked_);
}

isa::Instruction BlockCosts::instruction(const AddressSpace& space, GuestVa address) const {
  return decode(code(space, address), address).instruction;
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

  // By granules: the engine may name a size that goes far beyond what is mapped.
  std::vector<std::byte> code;
  for (std::size_t here = 0; code.size() < size;) {
    here = std::min<std::size_t>(size - code.size(), kGranule);
    code.resize(code.size() + here);
    const std::size_t done = fetch(space, start + (code.size() - here), std::span(code).last(here));
    code.resize(code.size() - here + done);
    if (done < here) break;
  }
  std::uint64_t cycles = 0;
  bool intercepted = false;
  for (std::size_t at = 0; at < size;) {
    const std::span<const std::byte> rest =
        at < code.size() ? std::span(code).subspan(at) : std::span<const std::byte>{};
    const auto [instruction, intercept] = decode(rest, start + at);
    if (intercept != Intercept::None) {
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
