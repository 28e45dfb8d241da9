#include "emu/scenario/perf/result.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "emu/scenario/words.hpp"

namespace trapline::scenario {

bool is_task(std::string_view expected, bool main, std::string_view comm, int tid) {
  return expected == "main" ? main : expected == comm || expected == std::to_string(tid);
}

std::string_view owner_name(const OwnEvent& own) { return own.ptrace ? "ptrace" : "perf_event_open"; }

std::string what(const OwnEvent& own) {
  if (!own.address) return own.software;
  return fmt::format("{} {} at {}", own.type, counted(own.length, "byte", "bytes"), own.at);
}

std::string_view access_name(isa::AccessKind kind) {
  switch (kind) {
    case isa::AccessKind::Read:
      return "r";
    case isa::AccessKind::Write:
      return "w";
    case isa::AccessKind::Execute:
      return "x";
    case isa::AccessKind::Io:
      return "io";
  }
  return "";
}

// The PC, where the chain begins, is in another function after a call, which wrote its return address, or a
// return.
std::string caller_of(const Hit& hit) {
  constexpr std::size_t kDeepest = 2;
  for (std::size_t i = 0; i < std::min(hit.callchain.size(), kDeepest); ++i) {
    if (hit.callchain[i].function != hit.function) continue;
    return i + 1 < hit.callchain.size() ? hit.callchain[i + 1].function : "";
  }
  return hit.callchain.empty() ? "" : hit.callchain.front().function;
}

}  // namespace trapline::scenario
