#include "emu/scenario/perf/convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/scenario/names.hpp"
#include "emu/scenario/perf/names.hpp"
#include "emu/scenario/perf/registers.hpp"
#include "emu/scenario/yaml.hpp"

namespace trapline::scenario {
namespace {

using kernel::PerfEventAttr;

template <class Table>
std::uint64_t bits_of(const Table& table, std::string_view name) {
  return std::ranges::find(table, name, &NamedBits::name)->bits;
}

bool to_boolean(const View& view) { return view.boolean(); }

Errno to_errno(const View& view) { return {view.text(), number_of(kErrnos, view.text()).value()}; }

std::uint32_t to_bp_type(const View& view) {
  if (view.text() == "x") return kernel::kHwBreakpointX;
  const bool reads = view.text() != "w";
  const bool writes = view.text() != "r";
  return (reads ? kernel::kHwBreakpointR : 0) | (writes ? kernel::kHwBreakpointW : 0);
}

Bounds to_bounds(const View& view) {
  if (!view.is_map()) return {view.number(), view.number()};
  Bounds bounds;
  bounds.min = optional_number<std::uint64_t>(view, "min").value_or(bounds.min);
  bounds.max = optional_number<std::uint64_t>(view, "max").value_or(bounds.max);
  return bounds;
}

kernel::EventState to_state(const View& view) {
  return std::ranges::find(kStateNames, std::string_view(view.text()), &NamedState::name)->state;
}

// The attributes, but for the address.
PerfEventAttr convert_attr(const View& view) {
  PerfEventAttr attr = kernel::hw_breakpoint_init();
  if (const auto software = view.find("software")) {
    attr.type = kernel::kPerfTypeSoftware;
    attr.config = bits_of(kSoftwareEventNames, software->text());
    attr.sample_period = 0;
  } else {
    const auto type = view.find("type");
    attr.bp_type = type ? to_bp_type(*type) : kernel::kHwBreakpointW;
    const std::uint64_t length = attr.bp_type == kernel::kHwBreakpointX ? 8 : 4;
    attr.bp_len = optional_number<std::uint64_t>(view, "length").value_or(length);
  }
  attr.pinned = !view.find("group");
  for (const NamedFlag& flag : kAttributeFlags) {
    if (const auto value = view.find(flag.name)) attr.*flag.flag = value->boolean();
  }
  if (const auto enabled = view.find("enabled")) attr.disabled = !enabled->boolean();
  if (const auto exclude = view.find("exclude")) {
    for (const View& item : exclude->items())
      attr.*std::ranges::find(kExcludeNames, std::string_view(item.text()), &NamedFlag::name)->flag = true;
  }
  attr.sample_period = optional_number<std::uint64_t>(view, "period").value_or(attr.sample_period);
  if (const auto freq = view.find("freq")) {
    attr.freq = true;
    attr.sample_period = freq->number();
  }
  attr.sig_data = optional_number<std::uint64_t>(view, "sig-data").value_or(0);
  if (const auto sample = view.find("sample")) {
    for (const View& item : sample->items()) attr.sample_type |= bits_of(kSampleNames, item.text());
  }
  if (const auto format = view.find("read-format")) {
    for (const View& item : format->items()) attr.read_format |= bits_of(kReadFormatNames, item.text());
  }
  attr.sample_stack_user = optional_number<std::uint32_t>(view, "sample-stack-user").value_or(0);
  attr.sample_max_stack =
      optional_number<std::uint16_t>(view, "sample-max-stack").value_or(attr.sample_max_stack);
  if (const auto clock = view.find("clockid")) {
    attr.use_clockid = true;
    attr.clockid = static_cast<std::int32_t>(bits_of(kClockNames, clock->text()));
  }
  attr.precise_ip = optional_number<std::uint8_t>(view, "precise-ip").value_or(0);
  attr.wakeup = optional_number<std::uint32_t>(view, "wakeup-events").value_or(0);
  if (const auto watermark = view.find("watermark")) {
    attr.watermark = true;
    attr.wakeup = watermark->number<std::uint32_t>();
  }
  return attr;
}

ValuePositions value_positions(const View& view) {
  ValuePositions positions;
  for (const auto& [key, value] : view.entries()) positions.emplace(key->text, value.at());
  return positions;
}

class PerfConverter {
 public:
  PerfConverter(Scenario& scenario, std::vector<Problem>& problems)
      : events_(scenario.events), scenario_(scenario), problems_(problems) {}

  void convert(const View& root) {
    const auto events = root.find("events");
    const auto actions = root.find("actions");
    if (events) {
      for (const auto& [key, view] : events->entries())
        add_event(key->text, view.position_of(*key), view, false);
    }
    if (actions) {
      // First what there is, so that each action may name any event.
      std::vector<std::size_t> opened;
      for (const View& action : actions->items()) {
        const auto open = action.find("open");
        opened.push_back(events_.size());
        if (!open) continue;
        const View name = open->get("name");
        if (find(name.text()) != events_.end()) {
          add(name.at(), fmt::format("there is another event `{}`; take another name", name.text()));
        }
        add_event(name.text(), name.at(), *open, true);
      }
      for (std::size_t i = 0; i < opened.size(); ++i)
        scenario_.actions.push_back(convert_action(actions->items()[i], opened[i]));
    }
    const auto expect = root.find("expect");
    const auto expected = expect ? expect->find("events") : std::nullopt;
    if (!expected) return;
    for (const auto& [key, view] : expected->entries()) {
      EventExpectation expectation = convert_expectation(view);
      expectation.event = number_of_event(key->text, view.position_of(*key));
      expectation.at = view.position_of(*key);
      scenario_.expect.events.push_back(std::move(expectation));
    }
  }

 private:
  void add(Position at, std::string message) { problems_.push_back({std::move(at), std::move(message)}); }

  std::vector<EventSpec>::const_iterator find(std::string_view name) const {
    return std::ranges::find(events_, name, &EventSpec::name);
  }

  static std::string did_you_mean(std::string_view name, const std::vector<std::string>& names) {
    const std::string near = schema::nearest(name, names);
    return near.empty() ? "" : fmt::format("; did you mean `{}`?", near);
  }

  std::string near(std::string_view name) const {
    std::vector<std::string> names;
    for (const EventSpec& event : events_) names.push_back(event.name);
    return did_you_mean(name, names);
  }

  // 0 where there is none, which is a problem.
  std::size_t number_of_event(const std::string& name, const Position& at) {
    const auto found = find(name);
    if (found != events_.end()) return static_cast<std::size_t>(found - events_.begin());
    add(at, fmt::format("no event `{}` in `events`{}", yaml::shown(name), near(name)));
    return 0;
  }
  std::size_t number_of_event(const View& view) { return number_of_event(view.text(), view.at()); }

  void check_cpu(const std::optional<Located<unsigned>>& cpu) {
    const unsigned cpus = scenario_.machine.cpus;
    if (!cpu || cpu->value < cpus) return;
    add(cpu->at, fmt::format("CPU {} is none of the machine's, which are 0 to {}; raise `cpus` of `machine`",
                             cpu->value, cpus - 1));
  }

  // 0 where there is none, which is a problem.
  unsigned number_of_register(const View& view, std::string_view name, const Position& at) {
    const auto number = number_of_perf_register(view.isa(), name);
    if (number) return *number;
    const auto known = perf_registers(view.isa());
    add(at, fmt::format("perf knows no register `{}` of {}{}", name, isa::name(view.isa()),
                        did_you_mean(name, {known.begin(), known.end()})));
    return 0;
  }
  std::uint64_t mask_of(const std::optional<View>& list) {
    std::uint64_t mask = 0;
    if (!list) return mask;
    for (const View& item : list->items())
      mask |= std::uint64_t{1} << number_of_register(item, item.text(), item.at());
    return mask;
  }
  std::vector<RegisterExpectation> convert_registers(const std::optional<View>& given) {
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

  void add_event(const std::string& name, Position at, const View& view, bool by_action) {
    EventSpec event;
    event.name = name;
    event.at = std::move(at);
    event.by_action = by_action;
    event.values = value_positions(view);
    event.watch = located(view, "watch", to_place);
    event.attr = convert_attr(view);
    event.attr.sample_regs_user = mask_of(view.find("sample-regs-user"));
    event.attr.sample_regs_intr = mask_of(view.find("sample-regs-intr"));
    event.cpu = located(view, "cpu", to_unsigned);
    check_cpu(event.cpu);
    if (const auto task = view.find("task")) {
      event.task = task->text() == "main" ? 1 : task->number<unsigned>();
    } else if (!event.cpu) {
      event.task = 1;
    }
    if (const auto group = view.find("group")) {
      const auto leader = find(group->text());
      if (leader == events_.end()) {
        add(group->at(), fmt::format("no event `{}` before this one, to lead its group{}",
                                     yaml::shown(group->text()), near(group->text())));
      } else {
        event.group = static_cast<std::size_t>(leader - events_.begin());
        check_not_observed(*event.group, group->at());
      }
    }
    event.buffer = optional_number<std::uint64_t>(view, "buffer");
    if (const auto overwrite = view.find("overwrite")) event.overwrite = overwrite->boolean();
    if (const auto observe = view.find("observe")) event.observe = observe->boolean();
    if (event.observe) check_observer(event, view);
    event.expect_error = located(view, "expect-error", to_errno);
    events_.push_back(std::move(event));
  }

  // An observer is no perf event, and has only what is asked of the machine.
  void check_observer(EventSpec& event, const View& view) {
    constexpr std::array<std::string_view, 9> kOfObservers{"observe", "watch",   "type",    "length", "task",
                                                           "cpu",     "inherit", "exclude", "name"};
    for (const auto& [key, value] : view.entries()) {
      if (std::ranges::find(kOfObservers, key->text) != kOfObservers.end()) continue;
      add(value.position_of(*key),
          fmt::format("`{}` is for perf events; an observer from outside has watch, type, length, task, cpu, "
                      "inherit and exclude",
                      key->text));
    }
    if (!view.find("task")) event.task.reset();
  }
  // Actions are done to perf events.
  void check_not_observed(std::size_t event, const Position& at) {
    if (events_.empty() || !events_[event].observe) return;
    add(at, fmt::format("`{}` observes from outside, and nothing can be done to it while the program runs",
                        events_[event].name));
  }

  // --- Actions ---

  // `opened`: the event that it opens, where it opens one.
  ActionSpec convert_action(const View& view, std::size_t opened) {
    ActionSpec action;
    action.at = view.at();
    for (const auto& [key, value] : view.entries()) {
      if (value.is_map() && key->text != "hit") action.values = value_positions(value);
    }
    if (const auto at = view.find("at")) {
      action.when = at->number();
    } else {
      const View hit = view.get("hit");
      const View event = hit.get("event");
      action.when =
          AtOverflow{number_of_event(event), optional_number<std::uint64_t>(hit, "number").value_or(1)};
      check_not_observed(std::get<AtOverflow>(action.when).event, event.at());
    }
    action.expect_error = located(view, "expect-error", to_errno);
    if (const auto open = view.find("open")) {
      action.deed = Open{opened};
      check_not_observed(opened, open->at());
      action.text = fmt::format("open {}", events_[opened].name);
      events_[opened].expect_error = action.expect_error;
    }
    convert_control(view, action);
    convert_output(view, action);
    convert_change(view, action);
    if (const auto read = view.find("read")) action.deed = convert_read(*read, action);
    return action;
  }

  std::size_t event_of(const View& deed, std::string_view verb, ActionSpec& action) {
    const View event = deed.is_map() ? deed.get("event") : deed;
    action.text = fmt::format("{} {}", verb, event.text());
    const std::size_t number = number_of_event(event);
    check_not_observed(number, event.at());
    return number;
  }

  void convert_control(const View& view, ActionSpec& action) {
    constexpr std::array kControls{std::pair{"enable", Control::Enable},
                                   std::pair{"disable", Control::Disable},
                                   std::pair{"reset", Control::Reset}};
    for (const auto& [verb, control] : kControls) {
      const auto deed = view.find(verb);
      if (!deed) continue;
      const bool group = deed->is_map();
      const View event = group ? deed->get("group") : *deed;
      action.text = fmt::format("{} {}{}", verb, group ? "group " : "", event.text());
      action.deed = ControlEvent{control, number_of_event(event), group};
      check_not_observed(std::get<ControlEvent>(action.deed).event, event.at());
    }
    if (const auto close = view.find("close")) action.deed = Close{event_of(*close, "close", action)};
    if (const auto refresh = view.find("refresh")) {
      const Refresh deed{event_of(*refresh, "refresh", action), refresh->get("count").number()};
      action.text += fmt::format(" by {}", deed.count);
      action.deed = deed;
    }
  }

  void convert_output(const View& view, ActionSpec& action) {
    if (const auto output = view.find("set-output")) {
      SetOutput deed{event_of(*output, "set-output", action), {}};
      if (const auto to = output->find("to")) {
        deed.to = number_of_event(*to);
        check_not_observed(*deed.to, to->at());
        action.text += fmt::format(" to {}", to->text());
      }
      action.deed = deed;
    }
    if (const auto pause = view.find("pause-output"))
      action.deed = PauseOutput{event_of(*pause, "pause-output", action), true};
    if (const auto resume = view.find("resume-output"))
      action.deed = PauseOutput{event_of(*resume, "resume-output", action), false};
    if (const auto drain = view.find("drain")) action.deed = Drain{event_of(*drain, "drain", action)};
  }

  void convert_change(const View& view, ActionSpec& action) {
    if (const auto period = view.find("period")) {
      const SetPeriod deed{event_of(*period, "period", action), period->get("value").number()};
      action.text += fmt::format(" {}", deed.value);
      action.deed = deed;
    }
    if (const auto modify = view.find("modify")) {
      Modify deed{event_of(*modify, "modify", action), located(*modify, "watch", to_place), {}, {}, {}};
      if (const auto type = modify->find("type")) deed.type = to_bp_type(*type);
      deed.length = optional_number<std::uint64_t>(*modify, "length");
      if (const auto enabled = modify->find("enabled")) deed.enabled = enabled->boolean();
      action.deed = std::move(deed);
    }
  }

  ReadEvent convert_read(const View& view, ActionSpec& action) {
    ReadEvent read;
    read.event = event_of(view, "read", action);
    read.expect = convert_reading(view);
    read.values = convert_values(view);
    return read;
  }

  // --- Expectations ---

  static ReadingExpectation convert_reading(const View& view) {
    ReadingExpectation reading;
    reading.count = located(view, "count", to_u64);
    reading.time_enabled = located(view, "time-enabled", to_bounds);
    reading.time_running = located(view, "time-running", to_bounds);
    reading.lost = located(view, "lost", to_bounds);
    reading.state = located(view, "state", to_state);
    return reading;
  }

  std::vector<MemberValue> convert_values(const View& view) {
    std::vector<MemberValue> values;
    if (const auto given = view.find("values")) {
      for (const auto& [key, value] : given->entries())
        values.push_back({number_of_event(key->text, value.position_of(*key)), {value.number(), value.at()}});
    }
    return values;
  }

  EventExpectation convert_expectation(const View& view) {
    EventExpectation expect;
    expect.reading = convert_reading(view);
    expect.samples = located(view, "samples", to_bounds);
    expect.wakeups = located(view, "wakeups", to_bounds);
    if (const auto hits = view.find("hits")) {
      expect.hits.emplace();
      for (const View& hit : hits->items()) expect.hits->push_back(convert_hit(hit));
    }
    if (const auto more = view.find("more")) expect.more = more->boolean();
    if (const auto records = view.find("records")) {
      expect.records.emplace();
      for (const View& record : records->items()) expect.records->push_back(convert_record(record));
    }
    if (const auto more = view.find("more-records")) expect.more_records = more->boolean();
    return expect;
  }

  HitExpectation convert_hit(const View& view) {
    HitExpectation hit;
    hit.at = view.at();
    hit.address = located(view, "at", to_place);
    hit.pc = located(view, "pc", to_place);
    hit.function = located(view, "function", to_text);
    hit.old_value = located(view, "old", to_u64);
    hit.new_value = located(view, "new", to_u64);
    hit.access = located(view, "access", [](const View& access) {
      if (access.text() == "r") return isa::AccessKind::Read;
      return access.text() == "w" ? isa::AccessKind::Write : isa::AccessKind::Execute;
    });
    hit.size = located(view, "size", to_unsigned);
    hit.cycle = located(view, "cycle", to_u64);
    hit.cpu = located(view, "cpu", to_unsigned);
    check_cpu(hit.cpu);
    hit.task = located(view, "task", to_text);
    hit.kernel = located(view, "kernel", to_text);
    if (const auto chain = view.find("callchain")) {
      for (const View& function : chain->items()) hit.callchain.push_back({function.text(), function.at()});
    }
    return hit;
  }

  RecordExpectation convert_record(const View& view) {
    RecordExpectation record;
    record.at = view.at();
    record.type = located(view, "type", [](const View& type) {
      return static_cast<std::uint32_t>(bits_of(kRecordTypes, type.text()));
    });
    record.event = located(view, "event", [this](const View& event) { return number_of_event(event); });
    record.mode = located(view, "mode", to_text);
    record.ip = located(view, "ip", to_place);
    record.function = located(view, "function", to_text);
    record.addr = located(view, "addr", to_place);
    if (const auto chain = view.find("callchain")) {
      for (const View& item : chain->items()) record.callchain.push_back({item.text(), item.at()});
    }
    record.process = located(view, "process", to_text);
    record.task = located(view, "task", to_text);
    record.parent = located(view, "parent", to_text);
    record.other = located(view, "other", to_text);
    record.cpu = located(view, "cpu", to_unsigned);
    check_cpu(record.cpu);
    record.time = located(view, "time", to_u64);
    record.period = located(view, "period", to_u64);
    record.count = located(view, "count", to_u64);
    record.time_enabled = located(view, "time-enabled", to_bounds);
    record.time_running = located(view, "time-running", to_bounds);
    record.values = convert_values(view);
    record.regs_user = convert_registers(view.find("regs-user"));
    record.regs_intr = convert_registers(view.find("regs-intr"));
    record.stack_user = located(view, "stack-user", to_u64);
    record.data_page_size = located(view, "data-page-size", to_u64);
    record.code_page_size = located(view, "code-page-size", to_u64);
    record.lost = located(view, "lost", to_u64);
    record.comm = located(view, "comm", to_text);
    record.filename = located(view, "filename", to_text);
    record.exec = located(view, "exec", to_boolean);
    record.out = located(view, "out", to_boolean);
    record.preempted = located(view, "preempted", to_boolean);
    return record;
  }

  std::vector<EventSpec>& events_;
  Scenario& scenario_;
  std::vector<Problem>& problems_;
};

}  // namespace

void convert_perf(const View& root, Scenario& scenario, std::vector<Problem>& problems) {
  PerfConverter(scenario, problems).convert(root);
}

}  // namespace trapline::scenario
