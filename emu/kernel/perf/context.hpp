// The perf events of one task or one CPU (struct perf_event_context). The context does not own them: file
// descriptors, parents and the callers of the core API do.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace trapline::kernel {

class PerfEvent;
class Task;

struct PerfContext {
  Task* task = nullptr;                        // null: of a CPU
  std::vector<PerfEvent*> events;              // in the order in which they were opened
  std::map<std::uint64_t, PerfEvent*> pinned;  // the groups' leaders, in the order in which they go on
  std::map<std::uint64_t, PerfEvent*> flexible;
  std::vector<PerfEvent*> owned;  // that the task opened, for whomever
  std::uint64_t next_place = 0;
  unsigned cpu = 0;               // of a CPU, that one; of a task the last on which it was active
  bool active = false;            // on a CPU: its time passes
  std::uint64_t time = 0;         // nanoseconds for which it was, complete up to `time_stamp`
  std::uint64_t time_stamp = 0;   // of the CPU's clock
  int last_cpu = -1;              // of a task: where it was last; -1: nowhere yet
  bool rotate_necessary = false;  // a flexible group did not get on

  bool empty() const { return events.empty(); }
};

}  // namespace trapline::kernel
