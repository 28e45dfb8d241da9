#include "emu/machine/emulated_instruction.hpp"

#include <algorithm>
#include <utility>

#include "emu/machine/machine.hpp"
#include "isa/byte_order.hpp"

namespace trapline::machine {

using isa::Access;
using isa::AccessKind;

EmulatedInstruction::EmulatedInstruction(Cpu& cpu)
    : cpu_(cpu), address_(cpu.pc()), code_(cpu.engine().code(address_)), before_(cpu.watched_bytes()) {
  cpu.witness_.begin();
  if (cpu.observed_execution(address_)) cpu.witness_.before({address_, 1, AccessKind::Execute}, *cpu.space_);
}

std::optional<PageFault> EmulatedInstruction::transfer(Access access, std::span<std::byte> out,
                                                       std::span<const std::byte> in) {
  // First whether it may, then the access itself: it is done whole or not at all.
  for (std::uint64_t at = 0; at < access.size; ++at) {
    const GuestVa address = access.address + at;
    const auto page = cpu_.space_->translate(address);
    if (!page || !page->permissions.allow(access.kind)) return PageFault{address, access.kind};
  }
  cpu_.witness_.before(access, *cpu_.space_);
  for (std::size_t at = 0; at < access.size; ++at) {
    const GuestPa address = cpu_.space_->translate(access.address + at)->address;
    if (access.kind == AccessKind::Read) out[at] = cpu_.machine_.memory().bytes(address, 1)[0];
    if (access.kind == AccessKind::Write) cpu_.machine_.write(address, in.subspan(at, 1));
  }
  accesses_.push_back(access);
  return std::nullopt;
}

std::optional<PageFault> EmulatedInstruction::read(GuestVa address, std::span<std::byte> bytes) {
  return transfer({address, static_cast<std::uint32_t>(bytes.size()), AccessKind::Read}, bytes, {});
}

std::optional<PageFault> EmulatedInstruction::write(GuestVa address, std::span<const std::byte> bytes) {
  return transfer({address, static_cast<std::uint32_t>(bytes.size()), AccessKind::Write}, {}, bytes);
}

std::optional<PageFault> EmulatedInstruction::read_words(GuestVa address, std::size_t size,
                                                         std::span<std::uint64_t> words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::array<std::byte, 8> bytes{};
    const auto part = std::span(bytes).first(size);
    if (const auto fault = read(address + size * i, part)) return fault;
    words[i] = isa::load_word(part, std::endian::little);
  }
  return std::nullopt;
}

void EmulatedInstruction::touch_port(std::uint16_t port, std::uint32_t size) {
  accesses_.push_back({GuestVa(port), size, AccessKind::Io});
}

std::optional<DebugException> EmulatedInstruction::complete(GuestVa next, bool step, bool hold) {
  cpu_.charge(cpu_.cost_of(address_));
  cpu_.set_pc(next);
  cpu_.accesses_ = std::move(accesses_);
  cpu_.tell_observers(address_);
  // In the shadow of a MOV SS itself, nothing is held any longer.
  const bool held = std::exchange(cpu_.debug().held, false);
  const debugunit::Match match = cpu_.traps_matched();
  if (hold && !held) {
    if (match.slots != 0) cpu_.debug().pending = {match.slots, address_, cpu_.accesses_, before_};
    cpu_.hold_debug_exceptions();
    return std::nullopt;
  }
  if (match.slots == 0 && cpu_.debug().pending.slots == 0 && !step) return std::nullopt;
  return cpu_.trap(match, step, address_, before_);
}

}  // namespace trapline::machine
