// The trace: one event for each step that a hit takes through the layers, in the order in which the steps
// happen. A sink that nobody set costs one test.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace trapline::machine {

// From the hardware up, as in docs/architecture.md.
enum class Layer : std::uint8_t {
  DebugUnit,
  Exception,
  Notifier,
  HwBreakpoint,
  Perf,
  FrontEnd,
  Syscall,
  Task
};

std::string_view name(Layer layer);

struct Hex {
  std::uint64_t value = 0;
};
using TraceValue = std::variant<std::uint64_t, std::int64_t, Hex, std::string>;

struct TraceEvent {
  std::uint64_t order = 0;  // Machine::next_order()
  std::uint64_t cycle = 0;  // of the CPU's clock
  unsigned cpu = 0;
  int task = 0;  // thread id; 0 where no task runs. The kernel, which knows tasks, fills it in.
  Layer layer = Layer::DebugUnit;
  std::string what;  // the function or event, by Linux's or the manual's name
  std::vector<std::pair<std::string, TraceValue>> fields;
};

using TraceSink = std::function<void(TraceEvent)>;
using TraceFields = std::initializer_list<std::pair<const char*, TraceValue>>;

// One line of JSON without the line feed: {"order":…,"cycle":…,"cpu":…,"task":…,"layer":…,"event":…,
// fields…}.
std::string to_json(const TraceEvent& event);

}  // namespace trapline::machine
