// What the bare machines of both instruction sets share: the program in memory, and the account of what
// happened.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "emu/machine/bare/bare_machine.hpp"

namespace trapline::machine {

class BareMachine::Processor {
 public:
  virtual ~Processor() = default;
  Processor(const Processor&) = delete;
  Processor& operator=(const Processor&) = delete;

  BareResult run(std::uint64_t max_cycles);
  virtual std::optional<std::uint64_t> read(std::string_view name) = 0;

 protected:
  static constexpr std::uint64_t kStackSize = 64 << 10;  // bytes

  Processor(Machine& machine, std::span<const BareSegment> segments);

  // Runs until something happens, and acts on it.
  virtual void step(std::uint64_t max_cycles) = 0;

  void took(ExceptionTaken exception);
  // At least one cycle: a handler that cannot be fetched would otherwise be delivered to for ever.
  void charge_delivery();
  void end(BareEnd how, std::string message = {});
  // What only a fuller model would do.
  void unsupported(std::string_view what);

  // The program's pages with their permissions, and the stack's.
  const AddressSpace& pages() const { return pages_; }
  std::span<const GuestVa> mapped() const { return mapped_; }
  GuestVa stack_end() const { return stack_end_; }
  Machine& machine() const { return machine_; }
  Cpu& cpu() const { return machine_.cpu(0); }

 private:
  std::uint64_t checksum() const;

  Machine& machine_;
  AddressSpace pages_;
  std::vector<GuestVa> mapped_;  // in order
  GuestVa stack_end_;
  BareResult result_;
  bool ended_ = false;
};

std::unique_ptr<BareMachine::Processor> make_x86_processor(Machine& machine,
                                                           std::span<const BareSegment> segments,
                                                           GuestVa entry);
std::unique_ptr<BareMachine::Processor> make_ppc64_processor(Machine& machine,
                                                             std::span<const BareSegment> segments,
                                                             GuestVa entry);

}  // namespace trapline::machine
