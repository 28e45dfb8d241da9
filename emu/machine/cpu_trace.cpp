// What a CPU itself adds to the trace: the first step of every hit.
#include <algorithm>

#include "emu/machine/machine.hpp"

namespace trapline::machine {

void Cpu::trace(Layer layer, std::string_view what, TraceFields fields) const {
  const std::uint64_t order = machine_.next_order();
  if (!machine_.trace_) return;
  TraceEvent event{.order = order,
                   .cycle = clock_,
                   .cpu = index_,
                   .layer = layer,
                   .what = std::string(what),
                   .fields = {}};
  for (const auto& [key, value] : fields) event.fields.emplace_back(key, value);
  machine_.trace_(std::move(event));
}

// The debug unit matched: a line for each access of the instruction that it did for, or one for the fetch.
void Cpu::trace_match(const DebugException& exception) const {
  const auto matched = [this](const isa::Access& access) {
    return unit_->match(access, context_).has_value();
  };
  if (!machine_.trace_) {  // the same numbers all the same
    const auto lines = std::ranges::count_if(exception.accesses, matched);
    for (auto left = exception.accesses.empty() ? 1 : lines; left > 0; --left) (void)machine_.next_order();
    return;
  }
  const bool before = exception.match.timing == debugunit::Timing::Before;
  const std::pair<const char*, TraceValue> slots{"slots", std::uint64_t{exception.match.slots}};
  const std::pair<const char*, TraceValue> timing{"timing", std::string(before ? "before" : "after")};
  const std::pair<const char*, TraceValue> instruction{"instruction", Hex{exception.instruction.value}};
  if (exception.accesses.empty())
    trace(Layer::DebugUnit, "match", {slots, timing, instruction, {"access", std::string("execute")}});
  for (const isa::Access& access : exception.accesses) {
    if (!matched(access)) continue;  // seen by the way
    trace(Layer::DebugUnit, "match",
          {slots,
           timing,
           instruction,
           {"access", std::string(access.kind == isa::AccessKind::Write ? "write" : "read")},
           {"address", Hex{access.address.value}},
           {"size", std::uint64_t{access.size}}});
  }
}

}  // namespace trapline::machine
