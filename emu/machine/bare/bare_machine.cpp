#include "emu/machine/bare/bare_machine.hpp"

#include <utility>

#include "emu/machine/bare/processor.hpp"
#include "emu/machine/bare/program_memory.hpp"
#include "emu/machine/run.hpp"

namespace trapline::machine {

// Its CPU has one turn, which is as long as the run.
class BareMachine::Impl final : private Execution, private Turns, private ProgramEvents {
 public:
  Impl(Machine& machine, std::span<const BareSegment> segments, GuestVa entry)
      : cpu_(machine.cpu(0)),
        memory_(machine, segments),
        processor_(make_processor(machine, cpu_, memory_, *this, entry)),
        run_(machine, *this) {}

  Left advance(std::uint64_t max_cycles, const HaltAt& at) {
    max_cycles_ = max_cycles;
    return run_.advance(at);
  }

  BareResult result() const {
    BareResult result = result_;
    result.cycles = cpu_.clock();
    result.memory_checksum = memory_.checksum();
    return result;
  }

  std::optional<std::uint64_t> read(std::string_view name) { return processor_->read(name); }

 private:
  // The program, while it runs.
  bool goes_on() const override { return !over_; }
  bool stopped(const Stop& stop) override {
    processor_->stopped(stop);
    return true;
  }

  // The turns of its CPU.
  bool over() const override { return over_; }
  std::optional<Turn> next() override { return Turn{&cpu_, max_cycles_, this}; }
  void end(const Turn& /*turn*/) override {
    if (!over_) ended(BareEnd::CyclesUsedUp, {});
  }
  bool settled(unsigned /*cpu*/) const override { return true; }

  // What becomes of it.
  void took(ExceptionTaken exception) override {
    ++result_.exceptions_taken;
    if (result_.exceptions.size() < kMostExceptions) result_.exceptions.push_back(std::move(exception));
  }
  void ended(BareEnd how, std::string message) override {
    over_ = true;
    result_.end = how;
    result_.message = std::move(message);
    result_.stopped_at = cpu_.pc();
  }

  Cpu& cpu_;
  ProgramMemory memory_;
  std::unique_ptr<Processor> processor_;
  Run run_;
  std::uint64_t max_cycles_ = 0;
  BareResult result_;
  bool over_ = false;
};

BareMachine::BareMachine(Machine& machine, std::span<const BareSegment> segments, GuestVa entry)
    : impl_(std::make_unique<Impl>(machine, segments, entry)) {}

BareMachine::~BareMachine() = default;

BareResult BareMachine::run(std::uint64_t max_cycles) {
  while (advance(max_cycles, {}) != Left::Ended) {
  }
  return result();
}

Left BareMachine::advance(std::uint64_t max_cycles, const HaltAt& at) {
  return impl_->advance(max_cycles, at);
}

BareResult BareMachine::result() const { return impl_->result(); }

std::optional<std::uint64_t> BareMachine::read(std::string_view name) { return impl_->read(name); }

}  // namespace trapline::machine
