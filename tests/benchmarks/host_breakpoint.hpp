// The same loops on the host itself, with the host's own breakpoint events, where both can be had: on x86-64
// Linux, if the kernel lets us and the (perhaps virtual) machine has debug registers.
#pragma once

#include <cstdint>

namespace trapline::benchmarks::host {

enum class Work : std::uint8_t {
  StoreOnly,   // as store_only() of loops.hpp
  RareStore,   // as rare_store()
  Executions,  // calls of an empty function, whose entry is watched
};

// Runs `work` n times around and returns how many seconds that took; with `counted`, a breakpoint event
// counts the stores or executions. Throws std::runtime_error where the event cannot be opened or misses hits.
double run(Work work, bool counted, std::uint64_t n);

// Whether run() with an event works here.
bool can_count();

}  // namespace trapline::benchmarks::host
