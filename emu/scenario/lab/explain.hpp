// The way of one hit through the layers, told from the trace of a run.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emu/machine/trace.hpp"

namespace trapline::scenario::lab {

// Takes a run's trace, and keeps its first hit: from the debug unit's match to what comes of it on the same
// CPU.
class FirstHit {
 public:
  void add(const machine::TraceEvent& event);

  // A few lines for each step; empty where nothing was hit.
  std::string text() const;

  // A list, for each step: layer, event, cycle, and since, the cycles since the match.
  nlohmann::ordered_json json() const;

 private:
  std::vector<machine::TraceEvent> steps_;
  bool over_ = false;
};

}  // namespace trapline::scenario::lab
