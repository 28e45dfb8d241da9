// Which breakpoints may be reserved together on PPC64 (arch_reserve_bp_slot() of
// arch/powerpc/kernel/hw_breakpoint.c, from Linux 5.8 to 6.5). A tracer's breakpoint is reported before the
// access and the others after it, which takes a step, and one access cannot be both; so those of ptrace and
// the others may not watch the same doubleword where they can meet: in the same task, or a task's and one
// that is bound to a CPU.
//
// The cost does not grow with the number of tasks and events. Of a task's own breakpoints there are no more
// than registers to compare with, and for the rest it is counted for each doubleword how many watch it.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <memory>

#include "emu/kernel/perf/perf_event.hpp"

namespace trapline::kernel::ppc64 {

inline constexpr unsigned kHbpNumMax = 2;  // HBP_NUM_MAX: the most registers that any processor has
inline constexpr std::uint64_t kHwBreakpointSize = 8;  // HW_BREAKPOINT_SIZE: all ranges are of doublewords

// The whole doublewords that a request is in. GuestVa wraps, as Linux's arithmetic does, so a request may
// make a range that ends before it begins.
struct WatchedRange {
  isa::GuestVa first;
  isa::GuestVa end;

  static constexpr WatchedRange of(isa::GuestVa address, std::uint64_t len) {
    return {address.align_down(kHwBreakpointSize), (address + len).align_up(kHwBreakpointSize)};
  }
  constexpr std::uint64_t size() const { return end - first; }
  constexpr bool overlaps(const WatchedRange& other) const { return first < other.end && other.first < end; }
};

class Reservations {
 public:
  // Whether a breakpoint from the other side of the divide is in the way. A range that no register can watch
  // is compared with all breakpoints, one by one: it will be refused in any case, but with this error first.
  bool conflicts(const PerfEvent& event) const;

  // One that SlotConstraints allows; a tracer's is bound to no CPU.
  void add(const PerfEvent& event);
  // Nothing happens to one that was not added.
  void remove(const PerfEvent& event);
  // It watches what `to` says from now on, whatever is there.
  void move(const PerfEvent& event, const PerfEventAttr& to);

 private:
  // How many breakpoints watch each doubleword.
  class Doublewords {
   public:
    void add(const WatchedRange& range) { change(range, +1); }
    void remove(const WatchedRange& range) { change(range, -1); }
    bool any(const WatchedRange& range) const;

   private:
    static constexpr unsigned kInBlock = 64;
    struct Block {
      std::uint64_t watched = 0;  // bit n: counts[n] is not 0
      std::array<std::uint32_t, kInBlock> counts{};
    };
    void change(const WatchedRange& range, int direction);

    absl::flat_hash_map<std::uint64_t, std::unique_ptr<Block>> blocks_;  // by their number
  };
  // What is compared of a breakpoint, so that nobody has to look into the event.
  struct Known {
    const PerfEvent* event = nullptr;  // null: this place is free
    WatchedRange range;
    bool ptrace = false;
  };
  using OfTask = std::array<Known, kHbpNumMax>;

  Known* known(const PerfEvent& event);

  Doublewords& side_of(const PerfEvent& event) { return event.ptrace ? of_tracers_ : of_cpus_; }

  absl::flat_hash_map<const Task*, OfTask> of_tasks_;            // those that are bound to no CPU
  Doublewords of_tracers_;                                       // in all tasks
  Doublewords of_cpus_;                                          // bound to a CPU, and to a task or not
  absl::flat_hash_map<const PerfEvent*, WatchedRange> counted_;  // in of_tracers_ or of_cpus_
};

}  // namespace trapline::kernel::ppc64
