#include "emu/scenario/perf/convert_expect.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "emu/scenario/perf/names.hpp"
#include "emu/scenario/perf/registers.hpp"

namespace trapline::scenario {

namespace {

bool as_boolean(const View& view) { return view.boolean(); }

kernel::EventState to_state(const View& view) {
  return std::ranges::find(kStateNames, std::string_view(view.text()), &NamedState::name)->state;
}

isa::AccessKind to_access(const View& view) {
  if (view.text() == "r") return isa::AccessKind::Read;
  return view.text() == "w" ? isa::AccessKind::Write : isa::AccessKind::Execute;
}

std::uint32_t to_record_type(const View& view) {
  return static_cast<std::uint32_t>(
      std::ranges::find(kRecordTypes, std::string_view(view.text()), &NamedBits::name)->bits);
}

std::vector<Located<std::string>> functions(const View& parent, std::string_view key) {
  std::vector<Located<std::string>> names;
  if (const auto chain = parent.find(key)) {
    for (const View& function : chain->items()) names.push_back({function.text(), function.at()});
  }
  return names;
}

}  // namespace

void check_items(const View& list, std::string_view key, std::vector<Problem>& problems) {
  const std::size_t items = list.node().items.size();
  if (items <= kMostItems) return;
  problems.push_back({list.at(), fmt::format("`{}` has {} items, and may have {}", key, items, kMostItems)});
}

Bounds to_bounds(const View& view, std::vector<Problem>& problems) {
  if (!view.is_map()) return {view.number(), view.number()};
  Bounds bounds;
  bounds.min = optional_number<std::uint64_t>(view, "min").value_or(bounds.min);
  bounds.max = optional_number<std::uint64_t>(view, "max").value_or(bounds.max);
  if (bounds.min > bounds.max) {
    problems.push_back(
        {view.at(), fmt::format("`min` is {} and `max` {}, which no number holds", bounds.min, bounds.max)});
  }
  return bounds;
}

std::optional<Located<Bounds>> ExpectationConverter::bounds(const View& parent, std::string_view key) {
  return located(parent, key, [this](const View& view) { return to_bounds(view, problems_); });
}

std::optional<Located<ValueBounds>> ExpectationConverter::value_bounds(const View& parent,
                                                                       std::string_view key) {
  return located(parent, key, [this](const View& view) {
    ValueBounds bounds;
    const auto bound = [&](const View& number) {
      bounds.is_signed |= number.text().starts_with('-');
      return static_cast<std::int64_t>(number.number());
    };
    if (!view.is_map()) {
      bounds.min = bounds.max = bound(view);
      return bounds;
    }
    if (const auto min = view.find("min")) bounds.min = bound(*min);
    if (const auto max = view.find("max")) bounds.max = bound(*max);
    const bool none = bounds.min && bounds.max &&
                      (bounds.is_signed ? *bounds.min > *bounds.max
                                        : static_cast<std::uint64_t>(*bounds.min) >
                                              static_cast<std::uint64_t>(*bounds.max));
    if (none) problems_.push_back({view.at(), "`min` is more than `max`, so that no value holds"});
    return bounds;
  });
}

std::optional<Located<Bounds>> ExpectationConverter::cpu(const View& parent) {
  auto cpu = bounds(parent, "cpu");
  const unsigned cpus = scenario_.machine.cpus;
  if (cpu && cpu->value.min >= cpus) {
    problems_.push_back(
        {cpu->at, fmt::format("CPU {} is none of the machine's, which are 0 to {}; raise `cpus` of `machine`",
                              cpu->value.min, cpus - 1)});
  }
  return cpu;
}

ReadingExpectation ExpectationConverter::reading(const View& view) {
  ReadingExpectation reading;
  reading.count = bounds(view, "count");
  reading.time_enabled = bounds(view, "time-enabled");
  reading.time_running = bounds(view, "time-running");
  reading.lost = bounds(view, "lost");
  reading.state = located(view, "state", to_state);
  return reading;
}

std::vector<MemberValue> ExpectationConverter::values(const View& view) {
  std::vector<MemberValue> values;
  if (const auto given = view.find("values")) {
    for (const auto& [key, value] : given->entries()) {
      values.push_back(
          {names_.number_of(key->text, value.position_of(*key)), {to_bounds(value, problems_), value.at()}});
    }
  }
  return values;
}

OwnExpectation ExpectationConverter::own_event(const View& view) {
  OwnExpectation own;
  own.at = view.at();
  own.by = located(view, "by", to_text);
  own.watch = located(view, "watch", to_place);
  own.type = located(view, "type", to_text);
  own.length = bounds(view, "length");
  own.software = located(view, "software", to_text);
  own.task = located(view, "task", to_text);
  own.cpu = cpu(view);
  own.count = bounds(view, "count");
  own.stray = bounds(view, "stray");
  return own;
}

OwnExpectations ExpectationConverter::own(const View& view) {
  OwnExpectations own;
  const auto all = [this](const std::optional<View>& list) {
    std::vector<OwnExpectation> events;
    if (!list) return events;
    for (const View& item : list->items()) events.push_back(own_event(item));
    return events;
  };
  if (view.is_list()) {
    own.list = all(view);
    return own;
  }
  own.some = all(view.find("some"));
  own.none = all(view.find("none"));
  const bool number = !view.is_map() || view.find("min") || view.find("max");
  if (number) own.number = {to_bounds(view, problems_), view.at()};
  return own;
}

EventExpectation ExpectationConverter::event(const View& view) {
  EventExpectation expect;
  if (const auto reveal = view.find("reveal")) expect.reveal = reveal->boolean();
  expect.reading = reading(view);
  expect.samples = bounds(view, "samples");
  expect.wakeups = bounds(view, "wakeups");
  expect.stray = bounds(view, "stray");
  if (const auto given = view.find("hits")) {
    if (given->node().kind == yaml::Node::Kind::List) {
      expect.hits = hits(view, "hits");
    } else {
      expect.hit_count = bounds(view, "hits");
    }
  }
  if (const auto more = view.find("more")) expect.more = more->boolean();
  expect.some = hits(view, "some");
  expect.none = hits(view, "none");
  for (const auto key : {"some", "none"}) {
    if (const auto list = view.find(key)) check_items(*list, key, problems_);
  }
  expect.first = one_hit(view, "first");
  expect.last = one_hit(view, "last");
  expect.every = one_hit(view, "every");
  if (const auto records = view.find("records")) {
    expect.records.emplace();
    for (const View& item : records->items()) expect.records->push_back(record(item));
  }
  if (const auto more = view.find("more-records")) expect.more_records = more->boolean();
  return expect;
}

OrderedHit ExpectationConverter::ordered_hit(const View& view) {
  return {names_.number_of(view.get("event")), hit(view)};
}

std::vector<HitExpectation> ExpectationConverter::hits(const View& parent, std::string_view key) {
  std::vector<HitExpectation> hits;
  if (const auto list = parent.find(key)) {
    for (const View& item : list->items()) hits.push_back(hit(item));
  }
  return hits;
}

std::optional<HitExpectation> ExpectationConverter::one_hit(const View& parent, std::string_view key) {
  const auto view = parent.find(key);
  return view ? std::optional(hit(*view)) : std::nullopt;
}

HitExpectation ExpectationConverter::hit(const View& view) {
  HitExpectation hit;
  hit.at = view.at();
  hit.address = located(view, "at", to_place);
  hit.pc = located(view, "pc", to_place);
  hit.function = located(view, "function", to_text);
  hit.caller = located(view, "caller", to_text);
  hit.line = located(view, "line", to_text);
  hit.old_value = value_bounds(view, "old");
  hit.new_value = value_bounds(view, "new");
  hit.access = located(view, "access", to_access);
  hit.size = bounds(view, "size");
  hit.cycle = bounds(view, "cycle");
  hit.cpu = cpu(view);
  hit.task = located(view, "task", to_text);
  hit.kernel = located(view, "kernel", to_text);
  hit.callchain = functions(view, "callchain");
  return hit;
}

RecordExpectation ExpectationConverter::record(const View& view) {
  RecordExpectation record;
  record.at = view.at();
  record.type = located(view, "type", to_record_type);
  record.event = located(view, "event", [this](const View& event) { return names_.number_of(event); });
  record.mode = located(view, "mode", to_text);
  record.ip = located(view, "ip", to_place);
  record.function = located(view, "function", to_text);
  record.addr = located(view, "addr", to_place);
  record.callchain = functions(view, "callchain");
  record.process = located(view, "process", to_text);
  record.task = located(view, "task", to_text);
  record.parent = located(view, "parent", to_text);
  record.other = located(view, "other", to_text);
  record.cpu = cpu(view);
  record.time = bounds(view, "time");
  record.period = bounds(view, "period");
  record.count = bounds(view, "count");
  record.time_enabled = bounds(view, "time-enabled");
  record.time_running = bounds(view, "time-running");
  record.values = values(view);
  record.regs_user = registers(view.find("regs-user"));
  record.regs_intr = registers(view.find("regs-intr"));
  record.stack_user = bounds(view, "stack-user");
  record.data_page_size = bounds(view, "data-page-size");
  record.code_page_size = bounds(view, "code-page-size");
  record.lost = bounds(view, "lost");
  record.comm = located(view, "comm", to_text);
  record.filename = located(view, "filename", to_text);
  record.exec = located(view, "exec", as_boolean);
  record.out = located(view, "out", as_boolean);
  record.preempted = located(view, "preempted", as_boolean);
  return record;
}

unsigned ExpectationConverter::number_of_register(const View& view, std::string_view name,
                                                  const Position& at) {
  const auto number = number_of_perf_register(view.isa(), name);
  if (number) return *number;
  const auto known = perf_registers(view.isa());
  problems_.push_back({at, fmt::format("perf knows no register `{}` of {}{}", name, isa::name(view.isa()),
                                       did_you_mean(name, {known.begin(), known.end()}))});
  return 0;
}

std::vector<RegisterExpectation> ExpectationConverter::registers(const std::optional<View>& given) {
  std::vector<RegisterExpectation> registers;
  if (!given) return registers;
  for (const auto& [key, value] : given->entries()) {
    (void)number_of_register(value, key->text, value.position_of(*key));
    // In a register a number need not be an address.
    const bool number = value.text().find_first_not_of("0123456789") == std::string::npos;
    registers.push_back({key->text, {number ? Place{"", value.number()} : to_place(value), value.at()}});
  }
  return registers;
}

}  // namespace trapline::scenario
