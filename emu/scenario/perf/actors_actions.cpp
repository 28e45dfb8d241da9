// What actors do to perf events at the times of a scenario's actions, and the records that they take.
#include <algorithm>
#include <variant>

#include "emu/scenario/perf/actors.hpp"

namespace trapline::scenario {

namespace {

using kernel::Done;
using kernel::Error;
using kernel::PerfEvent;
using kernel::Status;

Status not_open() { return kernel::refused(EBADF, "", "the event is not open"); }

}  // namespace

// --- Actions ---

void Actors::act(std::size_t index) {
  ActionResult& result = action_results_[index];
  result.time = kernel_.scheduler().now();
  const Status status =
      std::visit([&](const auto& deed) { return perform(deed, result); }, scenario_.actions[index].deed);
  if (status || std::holds_alternative<Open>(scenario_.actions[index].deed)) {
    if (!status) result.error = status.error().number;
    return;  // see open()
  }
  const auto* const modify = std::get_if<Modify>(&scenario_.actions[index].deed);
  note_refusal(result, status.error(), "ioctl", result.text,
               modify != nullptr && modify->watch ? &modify->watch->value : nullptr);
}

Status Actors::perform(const Open& deed, ActionResult& /*result*/) {
  open(deed.event);
  return results_[deed.event].error ? Status(Error{*results_[deed.event].error}) : Done{};
}

Status Actors::perform(const Close& deed, ActionResult& /*result*/) {
  if (file(deed.event) == nullptr) return not_open();
  settle(deed.event);
  close(deed.event);
  return Done{};
}

Status Actors::perform(const ControlEvent& deed, ActionResult& /*result*/) {
  if (file(deed.event) == nullptr) return not_open();
  kernel::PerfCore& core = kernel_.perf();
  const auto control = [&](PerfEvent& event) {
    switch (deed.control) {
      case Control::Enable:
        return core.enable(event);
      case Control::Disable:
        return core.disable(event);
      case Control::Reset:
        return core.reset(event);
    }
  };
  PerfEvent& event = file(deed.event)->event();
  if (deed.group)
    kernel_.perf().for_group(event, control);
  else
    control(event);
  return Done{};
}

Status Actors::perform(const Refresh& deed, ActionResult& /*result*/) {
  return file(deed.event) == nullptr ? not_open() : file(deed.event)->refresh(static_cast<int>(deed.count));
}

Status Actors::perform(const SetPeriod& deed, ActionResult& /*result*/) {
  return file(deed.event) == nullptr ? not_open() : file(deed.event)->set_period(deed.value);
}

Status Actors::perform(const Modify& deed, ActionResult& result) {
  if (file(deed.event) == nullptr) return not_open();
  const auto index = static_cast<std::size_t>(&result - action_results_.data());
  kernel::PerfEventAttr attr = file(deed.event)->event().attr;
  if (deed.watch) attr.bp_addr = modified_.at(index);
  attr.bp_type = deed.type.value_or(attr.bp_type);
  attr.bp_len = deed.length.value_or(attr.bp_len);
  if (deed.enabled) attr.disabled = !*deed.enabled;
  return file(deed.event)->modify_attributes(attr);
}

Status Actors::perform(const SetOutput& deed, ActionResult& /*result*/) {
  if (file(deed.event) == nullptr || (deed.to && file(*deed.to) == nullptr)) return not_open();
  PerfEvent* const to = deed.to ? &file(*deed.to)->event() : nullptr;
  return kernel_.perf().set_output(file(deed.event)->event(), to);
}

Status Actors::perform(const PauseOutput& deed, ActionResult& /*result*/) {
  return file(deed.event) == nullptr ? not_open() : file(deed.event)->pause_output(deed.pause);
}

Status Actors::perform(const Drain& deed, ActionResult& /*result*/) {
  if (file(deed.event) == nullptr) return not_open();
  // Nothing is ever taken out of a buffer that keeps the newest.
  if (opened_[deed.event].buffer == nullptr) return kernel::refused(EINVAL, "", "the event has no `buffer`");
  if (scenario_.events[deed.event].overwrite)
    return kernel::refused(EINVAL, "",
                           "nothing is taken out of a buffer with `overwrite`: it keeps the newest");
  take_records(deed.event);
  return Done{};
}

Status Actors::perform(const ReadEvent& deed, ActionResult& result) {
  if (file(deed.event) == nullptr) return not_open();
  PerfEvent& event = file(deed.event)->event();
  result.reading = reading(event);
  kernel_.perf().for_group(event, [&](PerfEvent& member) {
    for (std::size_t i = 0; i < opened_.size(); ++i) {
      if (file(i) != nullptr && &file(i)->event() == &member)
        result.values.emplace_back(i, kernel_.perf().read(member).count);
    }
  });
  return Done{};
}

EventReading Actors::reading(PerfEvent& event) {
  const auto read = kernel_.perf().read(event);
  return {read.count, read.time_enabled, read.time_running, event.lost_samples, event.state};
}

// --- Records ---

std::optional<std::size_t> Actors::event_of(std::uint64_t id) const {
  const auto found = std::ranges::find(results_, id, &EventResult::id);
  if (id == 0 || found == results_.end()) return std::nullopt;
  return static_cast<std::size_t>(found - results_.begin());
}

void Actors::take_records(std::size_t index) {
  if (opened_[index].buffer == nullptr) return;
  const EventSpec& spec = scenario_.events[index];
  RecordReader reader(*opened_[index].buffer, kernel_.isa(), spec.attr, [this](std::uint64_t id) {
    const auto event = event_of(id);
    return event ? &scenario_.events[*event].attr : nullptr;
  });
  EventResult& result = results_[index];
  const auto records = reader.take(spec.overwrite);
  result.wrapped = reader.wrapped();
  for (const Record& record : records) {
    if (record.type == static_cast<std::uint32_t>(kernel::RecordType::Sample))
      ++results_[event_of(record.id.value_or(0)).value_or(index)].samples;
    ++result.records_taken;
    if (result.records.size() < kMostHits) result.records.push_back(describe(record));
  }
}

RecordResult Actors::describe(const Record& record) const {
  RecordResult result;
  result.record = record;
  const auto function = [this](std::uint64_t address) {
    const auto symbol = symbols_.at(address);
    return symbol ? symbol->name : std::string();
  };
  if (record.id) {
    const auto event = event_of(*record.id);
    if (event) result.event = scenario_.events[*event].name;
  }
  if (record.ip) {
    result.at = symbols_.describe(*record.ip);
    result.function = function(*record.ip);
    result.line = symbols_.line(*record.ip).value_or("");
  }
  if (record.addr) result.addr = symbols_.describe(*record.addr);
  for (const std::uint64_t ip : record.callchain)
    result.callchain.push_back({function(ip), symbols_.describe(ip), "", ip});
  return result;
}

}  // namespace trapline::scenario
