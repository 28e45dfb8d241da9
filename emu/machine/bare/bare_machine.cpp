#include "emu/machine/bare/bare_machine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "emu/machine/bare/processor.hpp"
#include "isa/byte_order.hpp"

namespace trapline::machine {

BareMachine::Processor::Processor(Machine& machine, std::span<const BareSegment> segments)
    : machine_(machine), pages_(kGranule), stack_end_(machine.memory().size()) {
  const GuestVa stack = stack_end_ - kStackSize;
  std::map<GuestVa, Permissions> wanted;
  for (const BareSegment& segment : segments) {
    const GuestVa end = segment.address + segment.size;
    if (end < segment.address || end > stack || segment.bytes.size() > segment.size) {
      throw std::invalid_argument(
          fmt::format("its part at {:#x} does not lie in the machine's {} MiB below the stack",
                      segment.address.value, machine.memory().size() >> 20));
    }
    for (GuestVa at = segment.address.align_down(kGranule); at < end; at = at + kGranule) {
      Permissions& all = wanted[at];
      all.read |= segment.permissions.read;
      all.write |= segment.permissions.write;
      all.execute |= segment.permissions.execute;
    }
    if (!segment.bytes.empty()) machine.write(GuestPa(segment.address.value), segment.bytes);
  }
  for (GuestVa at = stack; at < stack_end_; at = at + kGranule)
    wanted[at] = {.read = true, .write = true, .execute = false};
  for (const auto& [page, permissions] : wanted) {
    pages_.map(page, GuestPa(page.value), permissions);
    mapped_.push_back(page);
  }
}

BareResult BareMachine::Processor::run(std::uint64_t max_cycles) {
  while (!ended_) step(max_cycles);
  result_.cycles = cpu().clock();
  result_.memory_checksum = checksum();
  return result_;
}

void BareMachine::Processor::charge_delivery() {
  cpu().charge(std::max<std::uint64_t>(machine_.event_costs().trap, 1));
}

void BareMachine::Processor::took(ExceptionTaken exception) {
  exception.cycle = cpu().clock();
  ++result_.exceptions_taken;
  if (result_.exceptions.size() < kMostExceptions) result_.exceptions.push_back(std::move(exception));
}

void BareMachine::Processor::end(BareEnd how, std::string message) {
  ended_ = true;
  result_.end = how;
  result_.message = std::move(message);
  result_.stopped_at = cpu().pc();
}

void BareMachine::Processor::unsupported(std::string_view what) {
  end(BareEnd::Unsupported, fmt::format("bare machines do not model {}", what));
}

// FNV-1a, over the program's pages in order. Most of their bytes are zero, which only multiply: eight at
// once.
std::uint64_t BareMachine::Processor::checksum() const {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  constexpr std::uint64_t kPrime2 = kPrime * kPrime;
  constexpr std::uint64_t kPrime8 = kPrime2 * kPrime2 * kPrime2 * kPrime2;
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const GuestVa page : mapped_) {
    const auto bytes = machine_.memory().bytes(GuestPa(page.value), kGranule);
    for (std::size_t at = 0; at < bytes.size(); at += 8) {
      const auto word = bytes.subspan(at, 8);
      if (isa::load_word(word, std::endian::little) == 0) {
        sum *= kPrime8;
        continue;
      }
      for (const std::byte byte : word) sum = (sum ^ std::to_integer<std::uint64_t>(byte)) * kPrime;
    }
  }
  return sum;
}

BareMachine::BareMachine(Machine& machine, std::span<const BareSegment> segments, GuestVa entry)
    : processor_(machine.isa() == isa::Isa::X86_64 ? make_x86_processor(machine, segments, entry)
                                                   : make_ppc64_processor(machine, segments, entry)) {}

BareMachine::~BareMachine() = default;

BareResult BareMachine::run(std::uint64_t max_cycles) { return processor_->run(max_cycles); }

std::optional<std::uint64_t> BareMachine::read(std::string_view name) { return processor_->read(name); }

}  // namespace trapline::machine
