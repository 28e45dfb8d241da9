#include "kernel_guest.hpp"

#include <memory>
#include <stdexcept>

#include "measuring.hpp"
#include "tests/support/memory_content.hpp"
#include "tests/support/tiny_elf.hpp"

namespace trapline::benchmarks {

namespace {

constexpr std::uint64_t kNever = 1ull << 60;  // cycles
constexpr std::uint64_t kDoubleword = 8;      // bytes

}  // namespace

KernelGuest::KernelGuest(isa::Isa isa, const Loop& loop, std::uint64_t count)
    : count_(count),
      machine_(machine::MachineSpec::defaults(isa)),
      kernel_(machine_, {.slots = std::nullopt, .max_cycles = kNever}) {
  support::TinyElf elf = support::tiny_elf(isa, loop.program(isa));
  code_ = elf.code;
  task_ = &kernel_.start(support::memory_content(std::move(elf.image)), {.name = "loop"});
  machine::Cpu& cpu = machine_.cpu(0);
  if (isa == isa::Isa::X86_64) {
    cpu.set(isa::x86::Reg::rbx, support::kImageData.value);
    cpu.set(isa::x86::Reg::rcx, count);
  } else {
    cpu.set(isa::ppc64::Reg::r3, support::kImageData.value);
    cpu.set(isa::ppc64::Reg::ctr, count);
  }
}

void KernelGuest::count_stores() { open_event(kernel::kHwBreakpointW, support::kImageData); }
void KernelGuest::count_executions() { open_event(kernel::kHwBreakpointX, code_); }

void KernelGuest::open_event(std::uint32_t type, isa::GuestVa address) {
  kernel::PerfEventAttr attr;
  attr.bp_type = type;
  attr.bp_addr = address;
  attr.bp_len = kDoubleword;
  constexpr int kAnyCpu = -1;
  auto event = kernel_.perf().open({attr, task_, kAnyCpu});
  if (!event) throw std::runtime_error("the modelled kernel refuses a breakpoint event");
  event_.emplace(std::move(*event));
}

double KernelGuest::run() {
  const Stopwatch watch;
  const kernel::ExitStatus status = kernel_.run();
  const double seconds = watch.seconds();
  if (status.signal != 0 || status.code != 0) throw std::runtime_error("a program did not exit with 0");
  if (event_ && (*event_)->count != count_) throw std::runtime_error("an event missed hits");
  return seconds;
}

}  // namespace trapline::benchmarks
