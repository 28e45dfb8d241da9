// The perf events of one task or one CPU (struct perf_event_context). The context does not own them: file
// descriptors and the callers of the core API do.
#pragma once

#include <vector>

namespace trapline::kernel {

class PerfEvent;

struct PerfContext {
  std::vector<PerfEvent*> events;  // in the order in which they were opened
};
using PerfTaskContext = PerfContext;
using PerfCpuContext = PerfContext;

}  // namespace trapline::kernel
