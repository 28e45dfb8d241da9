// The perf events of one task or one CPU (struct perf_event_context). The context does not own them: file
// descriptors, parents and the callers of the core API do.
#pragma once

#include <absl/container/inlined_vector.h>

#include <cstdint>

namespace trapline::kernel {

class PerfEvent;
class Task;

// Most tasks with events have one or two. These lie in the context itself: to open an event among many tasks
// then does not wait for memory in yet another place.
using PerfEvents = absl::InlinedVector<PerfEvent*, 2>;

struct PerfContext {
  PerfEvents events;  // in the order in which they were opened
  PerfEvents pinned;  // the groups' leaders, in the order in which they go on
  PerfEvents flexible;
  PerfEvents owned;               // that the task opened, for whomever
  unsigned cpu = 0;               // of a CPU, that one; of a task the last on which it was active
  bool active = false;            // on a CPU: its time passes
  std::uint64_t time = 0;         // nanoseconds for which it was, complete up to `time_stamp`
  std::uint64_t time_stamp = 0;   // of the CPU's clock
  int last_cpu = -1;              // of a task: where it was last; -1: nowhere yet
  bool rotate_necessary = false;  // a flexible group did not get on

  bool empty() const { return events.empty(); }
};

}  // namespace trapline::kernel
