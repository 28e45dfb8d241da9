#include "emu/scenario/perf/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "emu/scenario/names.hpp"
#include "emu/scenario/perf/comparison.hpp"
#include "emu/scenario/perf/hit_judge.hpp"
#include "emu/scenario/perf/names.hpp"
#include "emu/scenario/perf/own_judge.hpp"

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

std::string mode_name(const Record& record) {
  if (record.user()) return "user";
  return record.kernel() ? "kernel" : "unknown";
}

class PerfJudge {
 public:
  PerfJudge(const Scenario& scenario, const Outcome& outcome, std::vector<Problem>& problems)
      : scenario_(scenario),
        outcome_(outcome),
        symbols_(*outcome.symbols),
        whole_(scenario.expect.reveal),
        wording_(whole_),
        hits_(symbols_, problems),
        problems_(problems) {}

  void judge() {
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) opened(scenario_.events[i], outcome_.events[i]);
    for (std::size_t i = 0; i < scenario_.actions.size(); ++i)
      action(scenario_.actions[i], outcome_.actions[i]);
    for (const EventExpectation& expected : scenario_.expect.events) {
      wording_ = Wording(whole_.reveals() && expected.reveal);
      event(expected);
    }
    hits_.judge_order(scenario_.expect.order, outcome_.events, whole_);
    if (scenario_.expect.own)
      judge_own(*scenario_.expect.own, outcome_.own, outcome_.own_left_out, symbols_, whole_, problems_);
  }

 private:
  void fail(const Position& at, std::string message) { problems_.push_back({at, std::move(message)}); }

  void opened(const EventSpec& spec, const EventResult& result) {
    const std::optional<int>& error = result.error;
    if (!result.opened && !error) {
      // Where it was for an action to open it, that is what did not happen.
      if (spec.by_action) return;
      if (spec.arm) {
        fail(spec.arm->at, fmt::format("event '{}' was never armed: {}", spec.name,
                                       result.nowhere ? "its place was nowhere then: no frame had it, no "
                                                        "pointer led there, or its task was not there yet"
                                                      : "the run did not come to that"));
        return;
      }
      fail(spec.at, fmt::format("event '{}' was never opened: it is for task {}, and the run made {}",
                                spec.name, spec.task.value_or(1), outcome_.tasks_made));
    } else if (spec.expect_error) {
      if (!error) {
        fail(spec.expect_error->at, fmt::format("event '{}' was opened{}", spec.name,
                                                whole_.instead(spec.expect_error->value.name)));
      } else if (*error != spec.expect_error->value.number) {
        fail(spec.expect_error->at,
             fmt::format("event '{}' was refused{}: {}", spec.name,
                         whole_.either(fmt::format(", but not with {}", spec.expect_error->value.name),
                                       ", but not as expected"),
                         with_reason(*error, result.reason)));
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
        fail(spec.expect_error->at, fmt::format("'{}' succeeded{}", spec.text, whole_.instead(wanted.name)));
      } else if (*result.error != wanted.number) {
        fail(spec.expect_error->at, fmt::format("'{}' was refused{}: {}", spec.text,
                                                whole_.either(fmt::format(", but not with {}", wanted.name),
                                                              ", but not as expected"),
                                                with_reason(*result.error, result.reason)));
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
      } else if (!value.value.value.hold(found->second)) {
        fail(value.value.at, fmt::format("{}: event '{}' counted {}{}", what, name, found->second,
                                         wording_.instead(to_string(value.value.value))));
      }
    }
  }

  void reading(const std::string& what, const ReadingExpectation& expected, const EventReading& actual) {
    bounded(what, "counted", "", expected.count, actual.count);
    bounded(what, "was enabled for", " ns", expected.time_enabled, actual.time_enabled);
    bounded(what, "was on a CPU for", " ns", expected.time_running, actual.time_running);
    bounded(what, "lost", " samples", expected.lost, actual.lost);
    if (expected.state && expected.state->value != actual.state) {
      fail(expected.state->at, fmt::format("{} is in state {}{}", what, name(actual.state),
                                           wording_.instead(name(expected.state->value))));
    }
  }

  void bounded(const std::string& what, std::string_view verb, std::string_view unit,
               const std::optional<Located<Bounds>>& expected, std::uint64_t actual,
               std::string_view why = "") {
    if (!expected || expected->value.hold(actual)) return;
    fail(expected->at, fmt::format("{} {} {}{}{}{}", what, verb, actual, unit,
                                   wording_.instead(to_string(expected->value)), why));
  }

  // --- Events ---

  void event(const EventExpectation& expected) {
    const EventResult& result = outcome_.events[expected.event];
    // That it was refused, where it should not have been, is said already.
    const EventSpec& spec = scenario_.events[expected.event];
    if (result.error && !spec.expect_error) return;
    const std::string what = fmt::format("event '{}'", result.name);
    reading(what, expected.reading, result.reading);
    bounded(what, "left", " samples", expected.samples, result.samples,
            result.samples == 0 ? why_no_records(spec, result) : "");
    bounded(what, "woke a reader", " times", expected.wakeups, result.wakeups);
    bounded(what, "had", " stray hits", expected.stray, result.stray_hits);
    hits_.judge(expected, result, wording_);
    if (expected.records) {
      const auto& records = *expected.records;
      number_of_records(what, expected, result.records.size(), why_no_records(spec, result));
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

  void number_of_records(const std::string& what, const EventExpectation& expected, std::size_t actual,
                         std::string_view why) {
    const std::size_t wanted = expected.records->size();
    const bool more = expected.more_records;
    if (actual == wanted || (actual > wanted && more)) return;
    fail(expected.at,
         fmt::format("{} had {} records{}{}", what, actual,
                     wording_.instead(fmt::format("{}{}", more ? "at least " : "", wanted)), why));
  }

  // --- Records ---

  void task(Comparison& compare, std::string_view what, const std::optional<Located<std::string>>& expected,
            const std::optional<std::uint32_t>& actual) {
    if (!expected) return;
    const std::string wanted =
        expected->value == "main" ? std::to_string(outcome_.main_task) : expected->value;
    if (!actual) {
      compare.fail(expected->at, fmt::format("it does not tell {}", what));
    } else if (wanted != std::to_string(*actual)) {
      compare.fail(expected->at, fmt::format("{} is {}{}", what, *actual, wording_.instead(wanted)));
    }
  }

  void record(const std::string& where, const RecordExpectation& expected, const RecordResult& actual) {
    Comparison compare(where, symbols_, wording_);
    const Record& record = actual.record;
    if (expected.type && expected.type->value != record.type) {
      compare.fail(expected.type->at,
                   fmt::format("it is {}{}", name_of(kRecordTypes, record.type),
                               wording_.instead(name_of(kRecordTypes, expected.type->value))));
    } else {
      record_parts(compare, expected, actual);
    }
    for (Problem& problem : compare.take()) problems_.push_back(std::move(problem));
  }

  void record_parts(Comparison& compare, const RecordExpectation& expected, const RecordResult& actual) {
    const Record& record = actual.record;
    if (expected.event && scenario_.events[expected.event->value].name != actual.event) {
      compare.fail(
          expected.event->at,
          fmt::format("it is of event '{}'{}", actual.event,
                      wording_.instead(fmt::format("'{}'", scenario_.events[expected.event->value].name))));
    }
    compare.equal("the mode", expected.mode, mode_name(record));
    compare.place("the instruction", expected.ip, record.ip);
    compare.equal("the function", expected.function, actual.function);
    compare.place("the address", expected.addr, record.addr);
    compare.callchain(expected.callchain, actual.callchain);
    task(compare, "the process", expected.process, record.pid);
    task(compare, "the task", expected.task, record.tid);
    task(compare, "the parent", expected.parent, record.parent_tid);
    task(compare, "the other", expected.other, record.other_tid);
    compare.within("the CPU", expected.cpu, record.cpu);
    compare.within("the time", expected.time, record.time);
    compare.within("the period", expected.period, record.period);
    registers(compare, expected.regs_user, record.regs_user);
    registers(compare, expected.regs_intr, record.regs_intr);
    compare.within("the stack's size", expected.stack_user, record.stack_user);
    compare.within("the page size of the data", expected.data_page_size, record.data_page_size);
    compare.within("the page size of the code", expected.code_page_size, record.code_page_size);
    compare.within("how many were lost", expected.lost, record.lost);
    compare.equal("the name", expected.comm, record.comm);
    compare.equal("the file", expected.filename, record.filename);
    compare.equal("exec", expected.exec, record.exec());
    compare.equal("out", expected.out, record.out());
    compare.equal("preempted", expected.preempted, record.preempted());
    read_values(compare, expected, record.read.value_or(ReadValues{}));
  }

  static void registers(Comparison& compare, const std::vector<RegisterExpectation>& expected,
                        const std::vector<RegisterValue>& actual) {
    for (const RegisterExpectation& wanted : expected) {
      const auto found = std::ranges::find(actual, wanted.name, &RegisterValue::name);
      compare.place(wanted.name, wanted.value,
                    found == actual.end() ? std::nullopt : std::optional(found->value));
    }
  }

  void read_values(Comparison& compare, const RecordExpectation& expected, const ReadValues& actual) {
    std::optional<std::uint64_t> count;
    if (!actual.counts.empty()) count = actual.counts.front().value;
    compare.within("the count", expected.count, count);
    compare.within("the time enabled", expected.time_enabled, actual.time_enabled);
    compare.within("the time running", expected.time_running, actual.time_running);
    for (const MemberValue& value : expected.values) {
      const EventResult& event = outcome_.events[value.event];
      const auto found = std::ranges::find(actual.counts, event.id, [](const CountRead& c) { return c.id; });
      if (found == actual.counts.end()) {
        compare.fail(value.value.at,
                     fmt::format("it does not tell the count of event '{}'; that wants `read-format: [id, "
                                 "group]`",
                                 event.name));
      } else if (!value.value.value.hold(found->value)) {
        compare.fail(value.value.at, fmt::format("event '{}' counted {}{}", event.name, found->value,
                                                 wording_.instead(to_string(value.value.value))));
      }
    }
  }

  const Scenario& scenario_;
  const Outcome& outcome_;
  const SymbolTable& symbols_;
  Wording whole_;    // of the whole scenario
  Wording wording_;  // of the event at hand
  HitJudge hits_;
  std::vector<Problem>& problems_;
};

}  // namespace

void judge_perf(const Scenario& scenario, const Outcome& outcome, std::vector<Problem>& problems) {
  PerfJudge(scenario, outcome, problems).judge();
}

}  // namespace trapline::scenario
