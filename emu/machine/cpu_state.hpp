// Everything that a program owns of a CPU: what the engine knows of it (registers, floating point, vectors,
// flags), and the debug exceptions under way. Each task has one, and a CPU works with that of the task it
// runs. While the engine holds it, the engine's registers are the true ones (Machine). A state knows who
// works with it, and they lose it when it goes; where it is moved to, they go with it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "emu/machine/stop.hpp"
#include "isa/access.hpp"

namespace trapline::machine {

class Cpu;
class Machine;

class CpuState {
 public:
  CpuState();
  ~CpuState();
  CpuState(CpuState&& other) noexcept;
  CpuState& operator=(CpuState&& other) noexcept;

  bool empty() const { return impl_ == nullptr; }

 private:
  friend class Engine;
  friend class Cpu;
  friend class Machine;

  void leave();
  void take_place_of(CpuState& other);

  // A match that waits until debug exceptions are no longer held.
  struct Held {
    std::uint32_t slots = 0;
    isa::GuestVa instruction;
    std::vector<isa::Access> accesses;
    std::array<WatchedBytes, kMostSlots> before{};
  };
  struct Debug {
    bool resume = false;        // RFLAGS.RF
    bool held = false;          // Cpu::hold_debug_exceptions()
    bool branch_steps = false;  // Cpu::set_single_step()
    Held pending;
    // Of a REP whose execution observers were told of, and that goes on: its address and count.
    std::optional<std::pair<isa::GuestVa, std::uint64_t>> told_repeat;
  };

  struct Impl;  // the engine's
  struct Release {
    void operator()(Impl* impl) const;
  };
  std::unique_ptr<Impl, Release> impl_;
  Debug debug_;
  Machine* in_engine_of_ = nullptr;
  Cpu* used_by_ = nullptr;  // null of the CPU's own
};

}  // namespace trapline::machine
