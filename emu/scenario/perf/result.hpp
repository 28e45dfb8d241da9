// What became of a scenario's perf events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/kernel/perf/perf_event.hpp"
#include "emu/scenario/input_error.hpp"
#include "emu/scenario/number_type.hpp"
#include "emu/scenario/perf/records.hpp"
#include "isa/access.hpp"

namespace trapline::scenario {

// A function on the stack, with its address.
struct Caller {
  std::string function;  // "" where no symbol is near
  std::string at;
  std::string line;  // "counter.c:12", or ""
  std::uint64_t address = 0;
};

// Where a task was when something went wrong.
struct TaskWhere {
  int task = 0;  // thread id
  std::string comm;
  std::string state;          // "sleeps in futex(2)", "was killed by SIGSEGV …"
  std::vector<Caller> chain;  // from the innermost function
  std::size_t others = 0;     // tasks beyond the last one that is told of
};

// An event that the program opened itself, or a breakpoint that a tracer of it set; as it was when it was
// closed.
struct OwnEvent {
  std::uint64_t id = 0;
  bool ptrace = false;  // a tracer's
  std::string comm{};   // of whose task; "": of a CPU
  int task = 0;
  bool main = false;  // it is the program's first
  int cpu = -1;       // -1: on any
  // What it watches, or
  std::optional<std::uint64_t> address{};
  std::string at{};    // its name
  std::string type{};  // "rw"
  std::uint64_t length = 0;
  std::string software{};  // "page-faults", or a number that has no name
  std::uint64_t count = 0;
  std::uint64_t stray_hits = 0;
};

// One overflow, with its addresses and also their names. With a period of 1 that is a hit.
struct Hit {
  std::uint64_t order = 0;  // among all that happened on the machine
  std::uint64_t cycle = 0;  // of its CPU's clock, when the event counted
  unsigned cpu = 0;
  int task = 0;       // thread id
  bool main = false;  // the task is the program's first
  std::string comm;
  std::optional<isa::Access> access;       // for an execution, the fetch; absent: of a software event
  std::uint64_t instruction = 0;           // whose access it was
  std::uint64_t pc = 0;                    // at the callback: past the instruction, except for an execution
  std::uint64_t length = 0;                // bytes that were watched
  std::optional<std::uint64_t> old_value;  // of the watched bytes, for data
  std::optional<std::uint64_t> new_value;
  NumberType number = NumberType::Unsigned;  // what they are
  // Names for people.
  std::string at;
  std::string by;        // of `instruction`
  std::string function;  // that `instruction` is in; "" where no symbol is near
  std::string line;      // "counter.c:12", or ""
  std::string pc_name;
  std::string kernel;             // what the kernel was at for the task, "read(2)"; "": it was the program
  std::vector<Caller> callchain;  // from the function that `pc` is in outwards; of an access of data or code
};

// Whether a task is the one that a scenario expects: "main", or by its name or its number.
bool is_task(std::string_view expected, bool main, std::string_view comm, int tid);

// "ptrace" or "perf_event_open".
std::string_view owner_name(const OwnEvent& own);
// "w 8 bytes at x", "page-faults".
std::string what(const OwnEvent& own);

// "r", "w", "x"; "io" of a port.
std::string_view access_name(isa::AccessKind kind);

// The function that called the one of the hit's instruction; "" where nobody is known to have.
std::string caller_of(const Hit& hit);

// A record of a ring buffer, with names for people.
struct RecordResult {
  Record record;
  std::string event;     // whose id it has; "": it has none
  std::string at;        // of `ip`
  std::string function;  // that `ip` is in
  std::string line;      // "counter.c:12", or ""
  std::string addr;      // of `addr`
  std::vector<Caller> callchain;
};

// What an event has come to.
struct EventReading {
  std::uint64_t count = 0;
  std::uint64_t time_enabled = 0;  // nanoseconds
  std::uint64_t time_running = 0;
  std::uint64_t lost = 0;
  kernel::EventState state = kernel::EventState::Off;
};

// What the kernel would not do.
struct Refusal {
  std::optional<int> error;  // errno; absent: it was done, or not asked for
  std::string reason;        // why, for people; "": nothing is known
  std::string broken;        // what of the request breaks that rule: a field of struct perf_event_attr, or ""
};

// A refusal: it could not be opened, or armed again.
struct EventResult : Refusal {
  std::string name;
  bool breakpoint = true;  // not a software event
  bool opened = false;
  bool nowhere = false;  // its place was, when it was to be armed
  bool in_mmap = false;  // it was its buffer that could not be mapped
  std::uint64_t id = 0;
  EventReading reading;  // at the end, or when it was closed
  std::uint64_t stray_hits = 0;
  std::vector<std::string> near_misses;  // where it has no hits, and should: what else was done to its bytes
  std::vector<Hit> strays;               // the first kMostHits of these
  std::uint64_t overflows = 0;
  std::vector<Hit> hits;  // the first kMostHits of them
  std::uint64_t samples = 0;
  std::vector<RecordResult> records;  // of its buffer, the first kMostHits
  std::uint64_t records_taken = 0;
  bool wrapped = false;       // its buffer was filled more than once, so that what is left cannot be read
  std::uint64_t wakeups = 0;  // of readers of its buffer
};
inline constexpr std::size_t kMostHits = 10'000;

struct ActionResult : Refusal {
  Position at;
  std::string text;                     // what it does, for people: "disable writes"
  std::optional<std::uint64_t> time;    // when it was done, in nanoseconds; absent: it never came to it
  std::optional<EventReading> reading;  // of a read
  std::vector<std::pair<std::size_t, std::uint64_t>> values;  // of a read: the counts of the group's events
};

}  // namespace trapline::scenario
