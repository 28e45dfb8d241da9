// The guest's hardware: memory, processors, and the engine that they take turns on.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "emu/machine/costs.hpp"
#include "emu/machine/cpu.hpp"
#include "emu/machine/engine.hpp"
#include "emu/machine/observers.hpp"
#include "emu/machine/physical_memory.hpp"
#include "emu/machine/trace.hpp"
#include "isa/isa.hpp"

namespace trapline::machine {

struct MachineSpec {
  isa::Isa isa = isa::Isa::X86_64;
  unsigned cpus = 1;
  std::uint64_t memory = 256ull << 20;  // bytes
  Costs costs{};                        // instructions: isa::default_costs() unless given
  Gear gear = Gear::WatchedPages;
  debugunit::Model debug_unit = debugunit::Model::DebugRegisters;
  debugunit::Features debug_features{};
  bool bare = false;  // the program runs privileged, see bare/bare_machine.hpp

  static MachineSpec defaults(isa::Isa isa);
};

// The page size of Linux on this instruction set, in bytes: 4 KiB on x86-64; 64 KiB on PPC64, as
// distributions configure it.
constexpr std::uint64_t linux_page_size(isa::Isa isa) { return isa == isa::Isa::X86_64 ? 4096 : 65536; }

class Machine {
 public:
  explicit Machine(const MachineSpec& spec);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  isa::Isa isa() const { return spec_.isa; }
  const MachineSpec& spec() const { return spec_; }
  const EventCosts& event_costs() const { return spec_.costs.events; }

  Cpu& cpu(unsigned index) { return *cpus_[index]; }
  unsigned cpus() const { return static_cast<unsigned>(cpus_.size()); }

  Observers& observers() { return observers_; }

  // The latest time that a program read without its kernel: x86, RDTSC. In cycles.
  std::uint64_t latest_counter() const { return engine_.latest_counter(); }

  // The place of what happens now among all that happens: hits and the trace are numbered by it. CPUs' clocks
  // differ, so that cycles of two CPUs say less.
  std::uint64_t next_order() { return ++order_; }

  // Leave the run at the next boundary between instructions: it returns with BudgetUsed. Until it is taken.
  void request_halt() { halt_requested_ = true; }
  bool halt_requested() const { return halt_requested_; }
  bool take_halt_request() { return std::exchange(halt_requested_, false); }

  // Who is told of each step of a hit (Cpu::trace()).
  void set_trace(TraceSink sink) { trace_ = std::move(sink); }
  bool traced() const { return static_cast<bool>(trace_); }

  // An address space is about to go; another one may come to lie where it was.
  void forget(const AddressSpace& space);

  PhysicalMemory& memory() { return memory_; }
  // A zeroed frame with nothing of its former user's code left in the engine, or nothing where memory is used
  // up.
  std::optional<GuestPa> allocate_frame();
  // What host code writes to guest memory goes through here, so that code translated from it is translated
  // anew.
  void write(GuestPa address, std::span<const std::byte> bytes);

 private:
  friend class Cpu;
  friend class CpuState;

  MachineSpec spec_;
  PhysicalMemory memory_;
  Engine engine_;
  Observers observers_;
  std::uint64_t order_ = 0;
  TraceSink trace_;
  bool halt_requested_ = false;
  CpuState fresh_;
  CpuState* in_engine_ = nullptr;  // whose registers the engine has
  std::vector<std::unique_ptr<Cpu>> cpus_;
  const Cpu* armed_ = nullptr;  // whose breakpoints it looks for
};

}  // namespace trapline::machine
