// The perf events of a scenario: those that it opens, what it does with them while the guest runs, and what
// it expects of them. Events are named by their number in Scenario::events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "emu/kernel/perf/attr.hpp"
#include "emu/kernel/perf/perf_event.hpp"
#include "emu/scenario/bounds.hpp"
#include "emu/scenario/input_error.hpp"
#include "emu/scenario/place.hpp"
#include "isa/access.hpp"

namespace trapline::scenario {

struct Errno {
  std::string name;  // "ENOSPC"
  int number = 0;    // Linux's, positive
};

// Where each of a mapping's values is written, by its key.
using ValuePositions = std::map<std::string, Position, std::less<>>;

// --- Moments of a run ---

// Right after the event's overflow of that number, from 1; without one after each.
struct AtOverflow {
  std::size_t event = 0;
  std::optional<std::uint64_t> number;
};

// When a function of the program has set up its frame, or has returned: the call of that number, from 1, of
// all tasks; without one each.
struct AtCall {
  Located<Place> function;
  bool returns = false;
  std::optional<std::uint64_t> number;
};

using Moment = std::variant<std::uint64_t, AtOverflow, AtCall>;  // a number is a cycle of virtual time

// --- Events ---

// A perf event that the scenario opens on the guest.
struct EventSpec {
  std::string name;
  Position at;
  std::optional<Located<Place>> watch;   // absent: a software event
  kernel::PerfEventAttr attr{};          // complete but for bp_addr
  bool length_of_place = false;          // bp_len is what the place has, where that is known
  std::optional<unsigned> task;          // 1: main, 2: the next that the run makes; absent: none, but `cpu`
  std::optional<Located<unsigned>> cpu;  // less than the machine's cpus
  std::optional<std::size_t> group;      // the event that leads it, earlier than this one
  std::optional<std::uint64_t> buffer;   // pages of data; absent: no ring buffer
  bool overwrite = false;                // the buffer is mapped for reading only
  std::optional<Located<Errno>> expect_error;  // opening must fail with it; absent: opening must succeed
  bool observe = false;                        // from outside: it is no perf event, see machine::Observers
  bool by_action = false;                      // Open opens it, and not the start or its task's birth
  std::optional<Located<Moment>> arm;          // it begins there, where its place is then; absent: at once
  std::optional<Located<Moment>> disarm;
  ValuePositions values{};  // of its keys
};

// --- Actions ---

// What an event has come to. What is absent is not compared.
struct ReadingExpectation {
  std::optional<Located<Bounds>> count;
  std::optional<Located<Bounds>> time_enabled;  // nanoseconds
  std::optional<Located<Bounds>> time_running;
  std::optional<Located<Bounds>> lost;  // samples
  std::optional<Located<kernel::EventState>> state;
};

struct MemberValue {
  std::size_t event = 0;  // of the same group
  Located<Bounds> value;
};

struct Open {
  std::size_t event = 0;
};
struct Close {
  std::size_t event = 0;
};
enum class Control : std::uint8_t { Enable, Disable, Reset };
struct ControlEvent {
  Control control = Control::Enable;
  std::size_t event = 0;
  bool group = false;  // PERF_IOC_FLAG_GROUP
};
struct Refresh {
  std::size_t event = 0;
  std::uint64_t count = 1;
};
struct SetPeriod {
  std::size_t event = 0;
  std::uint64_t value = 0;
};
// PERF_EVENT_IOC_MODIFY_ATTRIBUTES: what is absent stays as it is.
struct Modify {
  std::size_t event = 0;
  std::optional<Located<Place>> watch;
  std::optional<std::uint32_t> type;
  std::optional<std::uint64_t> length;
  std::optional<bool> enabled;
};
struct SetOutput {
  std::size_t event = 0;
  std::optional<std::size_t> to;  // absent: nowhere else any more
};
struct PauseOutput {
  std::size_t event = 0;
  bool pause = true;
};
// Takes the records out of the event's buffer, so that there is room again.
struct Drain {
  std::size_t event = 0;
};
struct ReadEvent {
  std::size_t event = 0;
  ReadingExpectation expect;
  std::vector<MemberValue> values;
};

struct ActionSpec {
  Position at;
  Moment when;  // once
  std::variant<Open, Close, ControlEvent, Refresh, SetPeriod, Modify, SetOutput, PauseOutput, Drain,
               ReadEvent>
      deed;
  std::string text;                            // what it does, for people: "disable writes"
  std::optional<Located<Errno>> expect_error;  // absent: it must succeed
  ValuePositions values{};                     // of the deed's keys
};

// --- Expectations ---

// One expected hit: what is absent is not compared.
struct HitExpectation {
  Position at;
  std::optional<Located<Place>> address;  // key `at`
  std::optional<Located<Place>> pc;
  std::optional<Located<std::string>> function;
  std::optional<Located<std::string>> caller;  // the function that called that one
  std::optional<Located<std::string>> line;    // "counter.c:12", or "12" of any file
  std::optional<Located<ValueBounds>> old_value;
  std::optional<Located<ValueBounds>> new_value;
  std::optional<Located<isa::AccessKind>> access;
  std::optional<Located<Bounds>> size;  // bytes
  std::optional<Located<Bounds>> cycle;
  std::optional<Located<Bounds>> cpu;
  std::optional<Located<std::string>> task;
  std::optional<Located<std::string>> kernel;   // what the kernel was at for it: "read(2)"; "": nothing
  std::vector<Located<std::string>> callchain;  // functions, from the innermost; what calls them may follow
};

struct RegisterExpectation {
  std::string name;  // as perf_registers() has it
  Located<Place> value;
};

// One expected record of a ring buffer: what is absent is not compared.
struct RecordExpectation {
  Position at;
  std::optional<Located<std::uint32_t>> type;  // PERF_RECORD_*
  std::optional<Located<std::size_t>> event;   // whose it is, by its id
  std::optional<Located<std::string>> mode;    // "user" or "kernel"
  std::optional<Located<Place>> ip;
  std::optional<Located<std::string>> function;  // that `ip` is in
  std::optional<Located<Place>> addr;
  std::vector<Located<std::string>> callchain;  // functions, from the innermost; what calls them may follow
  std::optional<Located<std::string>> process;  // "main" or a number: of a task, the pid
  std::optional<Located<std::string>> task;     // the tid
  std::optional<Located<std::string>> parent;   // the thread that made it
  std::optional<Located<std::string>> other;    // the thread that was there before, or comes next
  std::optional<Located<Bounds>> cpu;
  std::optional<Located<Bounds>> time;
  std::optional<Located<Bounds>> period;
  std::optional<Located<Bounds>> count;  // of `read`: the first value
  std::optional<Located<Bounds>> time_enabled;
  std::optional<Located<Bounds>> time_running;
  std::vector<MemberValue> values;
  std::vector<RegisterExpectation> regs_user;
  std::vector<RegisterExpectation> regs_intr;
  std::optional<Located<Bounds>> stack_user;  // bytes
  std::optional<Located<Bounds>> data_page_size;
  std::optional<Located<Bounds>> code_page_size;
  std::optional<Located<Bounds>> lost;
  std::optional<Located<std::string>> comm;
  std::optional<Located<std::string>> filename;
  std::optional<Located<bool>> exec;       // PERF_RECORD_MISC_COMM_EXEC
  std::optional<Located<bool>> out;        // PERF_RECORD_MISC_SWITCH_OUT
  std::optional<Located<bool>> preempted;  // PERF_RECORD_MISC_SWITCH_OUT_PREEMPT
};

struct EventExpectation {
  std::size_t event = 0;
  Position at;
  bool reveal = true;                               // failures may tell what was expected
  ReadingExpectation reading;                       // at the end
  std::optional<Located<Bounds>> samples;           // in the buffers
  std::optional<Located<Bounds>> wakeups;           // of readers of its buffer
  std::optional<Located<Bounds>> stray;             // hits of other bytes than the watched ones
  std::optional<Located<Bounds>> hit_count;         // where `hits` is a number
  std::optional<std::vector<HitExpectation>> hits;  // in order; absent: not compared
  bool more = false;                                // further hits after the listed ones are no failure
  std::vector<HitExpectation> some;                 // each is like a hit
  std::vector<HitExpectation> none;                 // no hit is like any
  std::optional<HitExpectation> first;
  std::optional<HitExpectation> last;
  std::optional<HitExpectation> every;                    // all hits are, and there is one
  std::optional<std::vector<RecordExpectation>> records;  // of its buffer, in order; absent: not compared
  bool more_records = false;
};

// One of the events that the program opens itself, or of the breakpoints of its tracers: what is absent is
// not compared.
struct OwnExpectation {
  Position at;
  std::optional<Located<std::string>> by;  // as owner_name()
  std::optional<Located<Place>> watch;
  std::optional<Located<std::string>> type;      // "rw"
  std::optional<Located<Bounds>> length;         // bytes
  std::optional<Located<std::string>> software;  // "page-faults"
  std::optional<Located<std::string>> task;
  std::optional<Located<Bounds>> cpu;
  std::optional<Located<Bounds>> count;
  std::optional<Located<Bounds>> stray;
};

// All of them.
struct OwnExpectations {
  std::optional<Located<Bounds>> number;
  std::optional<std::vector<OwnExpectation>>
      list;                          // in the order in which they are opened; absent: see below
  std::vector<OwnExpectation> some;  // each is like one of them
  std::vector<OwnExpectation> none;  // no one is like any
};

// One of the hits of all events, of which a scenario expects some in an order.
struct OrderedHit {
  std::size_t event = 0;
  HitExpectation hit;
};

}  // namespace trapline::scenario
