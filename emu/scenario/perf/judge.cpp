#include "emu/scenario/perf/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "emu/scenario/names.hpp"
#include "emu/scenario/perf/names.hpp"

namespace trapline::scenario {

namespace {

std::string errno_or_number(int number) {
  for (const NamedNumber& entry : kErrnos) {
    if (entry.number == number) return std::string(entry.name);
  }
  return fmt::format("errno {}", number);
}

// "EINVAL: …", or its name alone where nothing more is known.
std::string with_reason(int number, const std::string& reason) {
  return reason.empty() ? errno_or_number(number) : fmt::format("{}: {}", errno_or_number(number), reason);
}

// Where what breaks the rule is written; else the whole.
const Position& broken_at(const ValuePositions& values, const std::string& field, const Position& whole) {
  const auto known = std::ranges::find(kKeysOfFields, field, &KeyOfField::field);
  std::string key(known == kKeysOfFields.end() ? std::string_view(field) : known->key);
  std::ranges::replace(key, '_', '-');
  const auto value = values.find(key);
  return value == values.end() ? whole : value->second;
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

std::string bounds_text(const Bounds& bounds) {
  if (bounds.min == bounds.max) return fmt::format("{}", bounds.min);
  if (bounds.max == Bounds{}.max) return fmt::format("{} or more", bounds.min);
  return fmt::format("{} to {}", bounds.min, bounds.max);
}

std::string mode_name(const Record& record) {
  if (record.user()) return "user";
  return record.kernel() ? "kernel" : "unknown";
}

class PerfJudge {
 public:
  PerfJudge(const Scenario& scenario, const Outcome& outcome, std::vector<Problem>& problems)
      : scenario_(scenario), outcome_(outcome), symbols_(*outcome.symbols), problems_(problems) {}

  void judge() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) opened(scenario_.events[i], outcome_.events[i]);
    for (std::size_t i = 0; i < scenario_.actions.size(); ++i)
      action(scenario_.actions[i], outcome_.actions[i]);
    for (const EventExpectation& expected : scenario_.expect.events) event(expected);
  }

 private:
  void fail(const Position& at, std::string message) { problems_.push_back({at, std::move(message)}); }

  void opened(const EventSpec& spec, const EventResult& result) {
    const std::optional<int>& error = result.error;
    if (!result.opened && !error) {
      // Where it was for an action to open it, that is what did not happen.
      if (spec.by_action) return;
      fail(spec.at, fmt::format("event '{}' was never opened: it is for task {}, and the run made {}",
                                spec.name, spec.task.value_or(1), outcome_.tasks_made));
    } else if (spec.expect_error) {
      if (!error) {
        fail(spec.expect_error->at,
             fmt::format("event '{}' was opened, expected {}", spec.name, spec.expect_error->value.name));
      } else if (*error != spec.expect_error->value.number) {
        fail(spec.expect_error->at,
             fmt::format("event '{}' was refused, but not with {}: {}", spec.name,
                         spec.expect_error->value.name, with_reason(*error, result.reason)));
      }
    } else if (error && result.in_mmap) {
      fail(broken_at(spec.values, result.broken, spec.at),
           fmt::format("the buffer of event '{}' could not be mapped: {}", spec.name,
                       with_reason(*error, result.reason)));
    } else if (error) {
      fail(broken_at(spec.values, result.broken, spec.at),
           fmt::format("event '{}' could not be opened: {}", spec.name, with_reason(*error, result.reason)));
    }
  }

  // --- Actions ---

  void action(const ActionSpec& spec, const ActionResult& result) {
    if (!result.time) {
      fail(spec.at, fmt::format("the run ended before '{}'", spec.text));
      return;
    }
    if (std::holds_alternative<Open>(spec.deed)) return;  // see opened()
    if (spec.expect_error) {
      const Errno& wanted = spec.expect_error->value;
      if (!result.error) {
        fail(spec.expect_error->at, fmt::format("'{}' succeeded, expected {}", spec.text, wanted.name));
      } else if (*result.error != wanted.number) {
        fail(spec.expect_error->at, fmt::format("'{}' was refused, but not with {}: {}", spec.text,
                                                wanted.name, with_reason(*result.error, result.reason)));
      }
    } else if (result.error) {
      fail(broken_at(spec.values, result.broken, spec.at),
           fmt::format("'{}' was refused: {}", spec.text, with_reason(*result.error, result.reason)));
    }
    const auto* const read = std::get_if<ReadEvent>(&spec.deed);
    if (read == nullptr || !result.reading) return;
    const std::string what = fmt::format("'{}' at {}", spec.text, *result.time);
    reading(what, read->expect, *result.reading);
    for (const MemberValue& value : read->values) {
      const auto found =
          std::ranges::find(result.values, value.event, &decltype(result.values)::value_type::first);
      const std::string& name = scenario_.events[value.event].name;
      if (found == result.values.end()) {
        fail(value.value.at, fmt::format("{}: event '{}' is not in its group", what, name));
      } else if (found->second != value.value.value) {
        fail(value.value.at, fmt::format("{}: event '{}' counted {}, expected {}", what, name, found->second,
                                         value.value.value));
      }
    }
  }

  void reading(const std::string& what, const ReadingExpectation& expected, const EventReading& actual) {
    if (expected.count && expected.count->value != actual.count) {
      fail(expected.count->at,
           fmt::format("{} counted {}, expected {}", what, actual.count, expected.count->value));
    }
    time(what, "enabled for", expected.time_enabled, actual.time_enabled);
    time(what, "on a CPU for", expected.time_running, actual.time_running);
    if (expected.lost && !expected.lost->value.hold(actual.lost)) {
      fail(expected.lost->at, fmt::format("{} lost {} samples, expected {}", what, actual.lost,
                                          bounds_text(expected.lost->value)));
    }
    if (expected.state && expected.state->value != actual.state) {
      fail(expected.state->at, fmt::format("{} is in state {}, expected {}", what, name(actual.state),
                                           name(expected.state->value)));
    }
  }

  void time(const std::string& what, std::string_view which, const std::optional<Located<Bounds>>& expected,
            std::uint64_t actual) {
    if (!expected || expected->value.hold(actual)) return;
    fail(expected->at,
         fmt::format("{} was {} {} ns, expected {}", what, which, actual, bounds_text(expected->value)));
  }

  // --- Events ---

  void event(const EventExpectation& expected) {
    const EventResult& result = outcome_.events[expected.event];
    // That it was refused, where it should not have been, is said already.
    const EventSpec& spec = scenario_.events[expected.event];
    if (result.error && !spec.expect_error) return;
    const std::string what = fmt::format("event '{}'", result.name);
    reading(what, expected.reading, result.reading);
    if (expected.samples && !expected.samples->value.hold(result.samples)) {
      fail(expected.samples->at, fmt::format("{} left {} samples, expected {}{}", what, result.samples,
                                             bounds_text(expected.samples->value),
                                             result.samples == 0 ? why_no_records(spec, result) : ""));
    }
    if (expected.wakeups && !expected.wakeups->value.hold(result.wakeups)) {
      fail(expected.wakeups->at, fmt::format("{} woke a reader {} times, expected {}", what, result.wakeups,
                                             bounds_text(expected.wakeups->value)));
    }
    if (expected.hits) {
      const auto& hits = *expected.hits;
      number_of(what, "hits", expected.at, hits.size(), result.hits.size(), expected.more, "");
      for (std::size_t i = 0; i < std::min(hits.size(), result.hits.size()); ++i)
        hit(fmt::format("{}, hit {}", what, i + 1), result.name, hits[i], result.hits[i]);
    }
    if (expected.records) {
      const auto& records = *expected.records;
      number_of(what, "records", expected.at, records.size(), result.records.size(), expected.more_records,
                why_no_records(spec, result));
      for (std::size_t i = 0; i < std::min(records.size(), result.records.size()); ++i)
        record(fmt::format("{}, record {}", what, i + 1), records[i], result.records[i]);
    }
  }

  static std::string_view why_no_records(const EventSpec& spec, const EventResult& result) {
    if (!result.records.empty()) return "";
    if (!spec.buffer) return "; give it a `buffer`";
    return result.wrapped ? "; its buffer went round, forwards: with `write-backward` the newest can be read"
                          : "";
  }

  void number_of(const std::string& what, std::string_view things, const Position& at, std::size_t expected,
                 std::size_t actual, bool more, std::string_view why) {
    if (actual == expected || (actual > expected && more)) return;
    fail(at, fmt::format("{} had {} {}, expected {}{}{}", what, actual, things, more ? "at least " : "",
                         expected, why));
  }

  template <class T, class U>
  void compare(const std::string& where, std::string_view what, const std::optional<Located<T>>& expected,
               const U& actual) {
    if (!expected || expected->value == actual) return;
    if constexpr (std::is_same_v<U, std::string>) {
      if (actual.empty())
        return fail(expected->at,
                    fmt::format("{}: it does not tell {}, expected {}", where, what, expected->value));
    }
    fail(expected->at, fmt::format("{}: {} is {}, expected {}", where, what, actual, expected->value));
  }

  // Of what may not be there at all.
  template <class T, class U>
  void compare(const std::string& where, std::string_view what, const std::optional<Located<T>>& expected,
               const std::optional<U>& actual) {
    if (!expected) return;
    if (actual) return compare(where, what, expected, *actual);
    fail(expected->at, fmt::format("{}: it does not tell {}", where, what));
  }

  void compare_place(const std::string& where, std::string_view what,
                     const std::optional<Located<Place>>& expected,
                     const std::optional<std::uint64_t>& actual) {
    if (!expected) return;
    const auto address = symbols_.resolve(expected->value);
    if (!address) {
      fail(expected->at, fmt::format("the program has no symbol '{}'", expected->value.symbol));
    } else if (!actual) {
      fail(expected->at, fmt::format("{}: it does not tell {}", where, what));
    } else if (*address != *actual) {
      fail(expected->at, fmt::format("{}: {} is {}, expected {}", where, what, symbols_.describe(*actual),
                                     scenario::to_string(expected->value)));
    }
  }

  // --- Hits ---

  void compare_value(const std::string& where, const std::string& event, std::string_view what,
                     const std::optional<Located<std::uint64_t>>& expected, std::uint64_t length,
                     const std::optional<std::uint64_t>& actual) {
    if (!expected) return;
    if (!actual) return fail(expected->at, fmt::format("{}: there is no {} value", where, what));
    const std::uint64_t bits = 8 * length;
    const auto as_signed = static_cast<std::int64_t>(expected->value);
    const bool fits = bits >= 64 || (expected->value >> bits) == 0 ||
                      (as_signed < 0 && as_signed >= -(std::int64_t{1} << (bits - 1)));
    if (!fits) {
      fail(expected->at,
           fmt::format("this value does not fit into the {} bytes that event '{}' watches", length, event));
      return;
    }
    // A negative number in the file stands for its bytes.
    const std::uint64_t mask = bits >= 64 ? ~0ull : (1ull << bits) - 1;
    if ((expected->value & mask) != *actual) {
      fail(expected->at, fmt::format("{}: the {} value is {} ({:#x}), expected {}", where, what, *actual,
                                     *actual, expected->value & mask));
    }
  }

  void hit(const std::string& where, const std::string& event, const HitExpectation& expected,
           const Hit& actual) {
    std::optional<std::uint64_t> address;
    std::optional<std::uint64_t> size;
    if (actual.access) {
      address = actual.access->address.value;
      size = actual.access->size;
    }
    compare_place(where, "the address", expected.address, address);
    compare_place(where, "the PC", expected.pc, actual.pc);
    compare(where, "the function", expected.function, actual.function);
    compare_value(where, event, "old", expected.old_value, actual.length, actual.old_value);
    compare_value(where, event, "new", expected.new_value, actual.length, actual.new_value);
    if (expected.access && !actual.access) {
      fail(expected.access->at, fmt::format("{}: there is no access", where));
    } else if (expected.access && expected.access->value != actual.access->kind) {
      fail(expected.access->at,
           fmt::format("{}: the access is {}, expected {}", where, access_name(actual.access->kind),
                       access_name(expected.access->value)));
    }
    compare(where, "the size", expected.size, size);
    compare(where, "the cycle", expected.cycle, actual.cycle);
    compare(where, "the CPU", expected.cpu, actual.cpu);
    compare(where, "what the kernel was at", expected.kernel, actual.kernel);
    callchain(where, expected.callchain, actual.callchain);
    if (expected.task) {
      const std::string& wanted = expected.task->value;
      const bool same =
          wanted == "main" ? actual.main : wanted == actual.comm || wanted == std::to_string(actual.task);
      if (!same) {
        fail(expected.task->at,
             fmt::format("{}: the task is {} ({}), expected {}", where, actual.comm, actual.task, wanted));
      }
    }
  }

  // --- Records ---

  void compare_task(const std::string& where, std::string_view what,
                    const std::optional<Located<std::string>>& expected,
                    const std::optional<std::uint32_t>& actual) {
    if (!expected) return;
    const std::string wanted =
        expected->value == "main" ? std::to_string(outcome_.main_task) : expected->value;
    if (!actual) {
      fail(expected->at, fmt::format("{}: it does not tell {}", where, what));
    } else if (wanted != std::to_string(*actual)) {
      fail(expected->at, fmt::format("{}: {} is {}, expected {}", where, what, *actual, wanted));
    }
  }

  void record(const std::string& where, const RecordExpectation& expected, const RecordResult& actual) {
    const Record& record = actual.record;
    if (expected.type && expected.type->value != record.type) {
      fail(expected.type->at,
           fmt::format("{}: it is {}, expected {}", where, name_of(kRecordTypes, record.type),
                       name_of(kRecordTypes, expected.type->value)));
      return;  // nor will the rest fit
    }
    if (expected.event && scenario_.events[expected.event->value].name != actual.event) {
      fail(expected.event->at, fmt::format("{}: it is of event '{}', expected '{}'", where, actual.event,
                                           scenario_.events[expected.event->value].name));
    }
    compare(where, "the mode", expected.mode, mode_name(record));
    compare_place(where, "the instruction", expected.ip, record.ip);
    compare(where, "the function", expected.function, actual.function);
    compare_place(where, "the address", expected.addr, record.addr);
    callchain(where, expected.callchain, actual.callchain);
    compare_task(where, "the process", expected.process, record.pid);
    compare_task(where, "the task", expected.task, record.tid);
    compare_task(where, "the parent", expected.parent, record.parent_tid);
    compare_task(where, "the other", expected.other, record.other_tid);
    compare(where, "the CPU", expected.cpu, record.cpu);
    compare(where, "the time", expected.time, record.time);
    compare(where, "the period", expected.period, record.period);
    registers(where, expected.regs_user, record.regs_user);
    registers(where, expected.regs_intr, record.regs_intr);
    compare(where, "the stack's size", expected.stack_user, record.stack_user);
    compare(where, "the page size of the data", expected.data_page_size, record.data_page_size);
    compare(where, "the page size of the code", expected.code_page_size, record.code_page_size);
    compare(where, "how many were lost", expected.lost, record.lost);
    compare(where, "the name", expected.comm, record.comm);
    compare(where, "the file", expected.filename, record.filename);
    compare(where, "exec", expected.exec, record.exec());
    compare(where, "out", expected.out, record.out());
    compare(where, "preempted", expected.preempted, record.preempted());
    read_values(where, expected, record.read.value_or(ReadValues{}));
  }

  void registers(const std::string& where, const std::vector<RegisterExpectation>& expected,
                 const std::vector<RegisterValue>& actual) {
    for (const RegisterExpectation& wanted : expected) {
      const auto found = std::ranges::find(actual, wanted.name, &RegisterValue::name);
      const auto value = found == actual.end() ? std::nullopt : std::optional(found->value);
      compare_place(where, wanted.name, wanted.value, value);
    }
  }

  void callchain(const std::string& where, const std::vector<Located<std::string>>& expected,
                 const std::vector<Caller>& actual) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto& wanted = expected[i];
      const std::string function = i < actual.size() ? actual[i].function : "";
      if (function == wanted.value) continue;
      fail(wanted.at, fmt::format("{}: function {} of the call chain is '{}', expected '{}'", where, i + 1,
                                  function, wanted.value));
    }
  }

  void read_values(const std::string& where, const RecordExpectation& expected, const ReadValues& actual) {
    std::optional<std::uint64_t> count;
    if (!actual.counts.empty()) count = actual.counts.front().value;
    compare(where, "the count", expected.count, count);
    times(where, "the time enabled", expected.time_enabled, actual.time_enabled);
    times(where, "the time running", expected.time_running, actual.time_running);
    for (const MemberValue& value : expected.values) {
      const EventResult& event = outcome_.events[value.event];
      const auto found = std::ranges::find(actual.counts, event.id, [](const CountRead& c) { return c.id; });
      if (found == actual.counts.end()) {
        fail(
            value.value.at,
            fmt::format("{}: it does not tell the count of event '{}'; that wants `read-format: [id, group]`",
                        where, event.name));
      } else if (found->value != value.value.value) {
        fail(value.value.at, fmt::format("{}: event '{}' counted {}, expected {}", where, event.name,
                                         found->value, value.value.value));
      }
    }
  }

  void times(const std::string& where, std::string_view what, const std::optional<Located<Bounds>>& expected,
             const std::optional<std::uint64_t>& actual) {
    if (!expected) return;
    if (!actual) {
      fail(expected->at, fmt::format("{}: it does not tell {}", where, what));
    } else if (!expected->value.hold(*actual)) {
      fail(expected->at,
           fmt::format("{}: {} is {}, expected {}", where, what, *actual, bounds_text(expected->value)));
    }
  }

  const Scenario& scenario_;
  const Outcome& outcome_;
  const SymbolTable& symbols_;
  std::vector<Problem>& problems_;
};

}  // namespace

void judge_perf(const Scenario& scenario, const Outcome& outcome, std::vector<Problem>& problems) {
  PerfJudge(scenario, outcome, problems).judge();
}

}  // namespace trapline::scenario
