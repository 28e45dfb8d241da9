#include "emu/scenario/perf/convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "emu/kernel/hw_breakpoint/hw_breakpoint.hpp"
#include "emu/scenario/names.hpp"
#include "emu/scenario/perf/convert_expect.hpp"
#include "emu/scenario/perf/event_names.hpp"
#include "emu/scenario/perf/names.hpp"
#include "emu/scenario/yaml.hpp"

namespace trapline::scenario {
namespace {

using kernel::PerfEventAttr;

template <class Table>
std::uint64_t bits_of(const Table& table, std::string_view name) {
  return std::ranges::find(table, name, &NamedBits::name)->bits;
}

constexpr std::array<std::string_view, 3> kMomentsWithKeys{"hit", "call", "return"};  // keys with a mapping

Errno to_errno(const View& view) { return {view.text(), number_of(kErrnos, view.text()).value()}; }

std::uint32_t to_bp_type(const View& view) {
  if (view.text() == "x") return kernel::kHwBreakpointX;
  const bool reads = view.text() != "w";
  const bool writes = view.text() != "r";
  return (reads ? kernel::kHwBreakpointR : 0) | (writes ? kernel::kHwBreakpointW : 0);
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
    const bool line = to_place(view.get("watch")).code();
    attr.bp_type = type ? to_bp_type(*type) : line ? kernel::kHwBreakpointX : kernel::kHwBreakpointW;
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

bool checks(const ReadingExpectation& reading) {
  return reading.count || reading.time_enabled || reading.time_running || reading.lost || reading.state;
}

bool checks(const EventExpectation& event) {
  const bool hits = event.hits && (!event.hits->empty() || !event.more);
  const bool records = event.records && (!event.records->empty() || !event.more_records);
  return checks(event.reading) || event.samples || event.wakeups || event.stray || event.hit_count || hits ||
         !event.some.empty() || !event.none.empty() || event.first || event.last || event.every || records;
}

ValuePositions value_positions(const View& view) {
  ValuePositions positions;
  for (const auto& [key, value] : view.entries()) positions.emplace(key->text, value.at());
  return positions;
}

class PerfConverter {
 public:
  PerfConverter(Scenario& scenario, std::vector<Problem>& problems)
      : events_(scenario.events),
        names_(scenario, problems),
        expect_(scenario, problems),
        scenario_(scenario),
        problems_(problems) {}

  void convert(const Sources& sources) {
    if (const auto events = sources.file.find("events")) {
      for (const auto& [key, view] : events->entries())
        add_event(key->text, view.position_of(*key), view, false);
    }
    if (sources.laid) add_laid(*sources.laid);
    const auto actions = sources.file.find("actions");
    if (actions) {
      // First what there is, so that each action may name any event.
      std::vector<std::size_t> opened;
      for (const View& action : actions->items()) {
        const auto open = action.find("open");
        opened.push_back(events_.size());
        if (!open) continue;
        const View name = open->get("name");
        if (names_.has(name.text())) {
          add(name.at(), fmt::format("there is another event `{}`; take another name", name.text()));
        }
        add_event(name.text(), name.at(), *open, true);
      }
      for (std::size_t i = 0; i < opened.size(); ++i)
        scenario_.actions.push_back(convert_action(actions->items()[i], opened[i]));
    }
    convert_moments();
    if (const auto expect = sources.expect()) convert_expectations(*expect);
  }

 private:
  // The events of a file that is laid over the scenario's.
  void add_laid(const View& laid) {
    const auto events = laid.find("events");
    if (!events) return;
    for (const auto& [key, view] : events->entries()) {
      const Position at = view.position_of(*key);
      if (const auto own = names_.find(key->text); own != events_.end()) {
        add(at, fmt::format("{}:{} has another event `{}`; take another name", own->at.file, own->at.line,
                            key->text));
      }
      add_event(key->text, at, view, false);
    }
  }

  void convert_expectations(const View& expect) {
    if (const auto order = expect.find("order")) {
      check_items(*order, "order", problems_);
      for (const View& hit : order->items()) scenario_.expect.order.push_back(expect_.ordered_hit(hit));
    }
    scenario_.expect.own = located(expect, "own", [this](const View& own) { return expect_.own(own); });
    const auto events = expect.find("events");
    if (!events) return;
    for (const auto& [key, view] : events->entries()) {
      EventExpectation expectation = expect_.event(view);
      expectation.event = names_.number_of(key->text, view.position_of(*key));
      expectation.at = view.position_of(*key);
      scenario_.expect.events.push_back(std::move(expectation));
    }
  }

  void add(Position at, std::string message) { problems_.push_back({std::move(at), std::move(message)}); }

  void check_cpu(const std::optional<Located<unsigned>>& cpu) {
    const unsigned cpus = scenario_.machine.cpus;
    if (!cpu || cpu->value < cpus) return;
    add(cpu->at, fmt::format("CPU {} is none of the machine's, which are 0 to {}; raise `cpus` of `machine`",
                             cpu->value, cpus - 1));
  }

  std::uint64_t mask_of(const std::optional<View>& list) {
    std::uint64_t mask = 0;
    if (!list) return mask;
    for (const View& item : list->items())
      mask |= std::uint64_t{1} << expect_.number_of_register(item, item.text(), item.at());
    return mask;
  }
  void add_event(const std::string& name, Position at, const View& view, bool by_action) {
    EventSpec event;
    event.name = name;
    event.at = std::move(at);
    event.by_action = by_action;
    event.values = value_positions(view);
    event.watch = located(view, "watch", to_place);
    event.attr = convert_attr(view);
    event.length_of_place =
        event.watch && !view.find("length") && event.attr.bp_type != kernel::kHwBreakpointX;
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
      const auto leader = names_.find(group->text());
      if (leader == events_.end()) {
        add(group->at(), fmt::format("no event `{}` before this one, to lead its group{}",
                                     yaml::shown(group->text()), names_.near(group->text())));
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
    moments_.emplace_back(events_.size(), view);
    events_.push_back(std::move(event));
  }

  // When the events begin and end: at hits of any event, of one that comes later as well.
  void convert_moments() {
    for (const auto& [event, view] : moments_) {
      events_[event].arm = located(view, "arm", [this](const View& at) { return to_moment(at); });
      events_[event].disarm = located(view, "disarm", [this](const View& at) { return to_moment(at); });
    }
  }

  Moment to_moment(const View& view) {
    if (const auto at = view.find("at")) return at->number();
    if (const auto hit = view.find("hit"))
      return AtOverflow{names_.number_of(hit->get("event")), optional_number<std::uint64_t>(*hit, "number")};
    const auto called = view.find("call");
    const View call = called ? *called : view.get("return");
    const View function = call.is_map() ? call.get("function") : call;
    const auto number = call.is_map() ? optional_number<std::uint64_t>(call, "number") : std::nullopt;
    return AtCall{{to_place(function), function.at()}, !called, number};
  }

  // An observer is no perf event, and has only what is asked of the machine.
  void check_observer(EventSpec& event, const View& view) {
    constexpr std::array<std::string_view, 11> kOfObservers{
        "observe", "watch", "type", "length", "task", "cpu", "inherit", "exclude", "name", "arm", "disarm"};
    for (const auto& [key, value] : view.entries()) {
      if (std::ranges::find(kOfObservers, key->text) != kOfObservers.end()) continue;
      add(value.position_of(*key),
          fmt::format("`{}` is for perf events; an observer from outside has watch, type, length, task, cpu, "
                      "inherit, exclude, arm and disarm",
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
      if (value.is_map() && std::ranges::find(kMomentsWithKeys, key->text) == kMomentsWithKeys.end())
        action.values = value_positions(value);
    }
    action.when = to_moment(view);
    once(action.when);
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

  // What is done once is done the first time.
  static void once(Moment& moment) {
    if (auto* const overflow = std::get_if<AtOverflow>(&moment))
      overflow->number = overflow->number.value_or(1);
    if (auto* const call = std::get_if<AtCall>(&moment)) call->number = call->number.value_or(1);
  }

  std::size_t event_of(const View& deed, std::string_view verb, ActionSpec& action) {
    const View event = deed.is_map() ? deed.get("event") : deed;
    action.text = fmt::format("{} {}", verb, event.text());
    const std::size_t number = names_.number_of(event);
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
      action.deed = ControlEvent{control, names_.number_of(event), group};
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
        deed.to = names_.number_of(*to);
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
    read.expect = expect_.reading(view);
    read.values = expect_.values(view);
    return read;
  }

  std::vector<EventSpec>& events_;
  std::vector<std::pair<std::size_t, View>> moments_;  // of these
  EventNames names_;
  ExpectationConverter expect_;
  Scenario& scenario_;
  std::vector<Problem>& problems_;
};

}  // namespace

void convert_perf(const Sources& sources, Scenario& scenario, std::vector<Problem>& problems) {
  PerfConverter(scenario, problems).convert(sources);
}

bool checks_events(const Scenario& scenario) {
  return std::ranges::any_of(scenario.events,
                             [](const EventSpec& event) { return event.expect_error.has_value(); }) ||
         std::ranges::any_of(scenario.actions,
                             [](const ActionSpec& action) {
                               const auto* const read = std::get_if<ReadEvent>(&action.deed);
                               return action.expect_error ||
                                      (read != nullptr && (checks(read->expect) || !read->values.empty()));
                             }) ||
         std::ranges::any_of(scenario.expect.events,
                             [](const EventExpectation& event) { return checks(event); });
}

}  // namespace trapline::scenario
