// Why a breakpoint of a scenario has no hits: what was done to its bytes that it was not for. Found by
// running the scenario once more, which comes out the same, with observers on them.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "emu/kernel/kernel.hpp"
#include "emu/scenario/document.hpp"
#include "emu/scenario/perf/result.hpp"

namespace trapline::scenario {

// Those without a hit of which the file does not expect that.
std::vector<std::size_t> events_missed(const Scenario& scenario, const std::vector<EventResult>& events);

class NearMisses {
 public:
  // From now on, of these events. `attrs` are those of all, as they are opened.
  NearMisses(const Scenario& scenario, std::span<const kernel::PerfEventAttr> attrs, kernel::Kernel& kernel,
             const kernel::Task& main, const std::vector<std::size_t>& events);
  ~NearMisses();
  NearMisses(const NearMisses&) = delete;
  NearMisses& operator=(const NearMisses&) = delete;

  // For people, of one of the events: "3 writes by worker/1001, and it is bound to main (inherit is off)".
  std::vector<std::string> of(std::size_t event) const;

 private:
  void saw(std::size_t event, const machine::Observation& what);
  std::string why(const EventSpec& spec, const machine::Observation& what) const;

  const Scenario& scenario_;
  kernel::Kernel& kernel_;
  int main_;
  std::vector<machine::Observers::Id> observers_;
  std::map<std::size_t, std::map<std::string, std::size_t>> misses_;  // how many for each reason
};

}  // namespace trapline::scenario
