#include "emu/scenario/trace_expectation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "emu/scenario/format_types.hpp"
#include "emu/scenario/names.hpp"
#include "emu/scenario/numbers.hpp"

namespace trapline::scenario {

namespace {

using machine::Hex;
using machine::TraceEvent;
using machine::TraceValue;

struct NamedField {
  std::string_view name;
  std::string_view about;
};

// What lines of a trace have beside their layer; docs/scenarios.md says which line has which.
constexpr std::array kFields{
    NamedField{"event", "what happened, by Linux's or the manual's name"},
    NamedField{"order", "its place among all that happens on the machine"},
    NamedField{"cycle", "when, by the clock of its CPU"},
    NamedField{"cpu", "on which CPU"},
    NamedField{"task", "for which thread: main, or its id; 0: none"},
    NamedField{"slots", "the debug registers that matched, as bits"},
    NamedField{"timing", "whether the match comes before the access, or after it"},
    NamedField{"instruction", "the instruction that made the access"},
    NamedField{"access", "read, write or execute"},
    NamedField{"address", "the address"},
    NamedField{"size", "bytes of the access"},
    NamedField{"id", "the number of the event, from 1 as they are opened"},
    NamedField{"register", "the debug register that it is in"},
    NamedField{"DR6", "DR6 of the exception"},
    NamedField{"DR7", "DR7 as it is written"},
    NamedField{"rip", "where the exception finds the program"},
    NamedField{"DAR", "DAR of the interrupt"},
    NamedField{"DSISR", "DSISR of the interrupt"},
    NamedField{"nip", "where the interrupt finds the program"},
    NamedField{"DABR", "DABR as it is written"},
    NamedField{"DABRX", "DABRX as it is written"},
    NamedField{"DAWR0", "DAWR0 as it is written"},
    NamedField{"DAWRX0", "DAWRX0 as it is written"},
    NamedField{"DAWR1", "DAWR1 as it is written"},
    NamedField{"DAWRX1", "DAWRX1 as it is written"},
    NamedField{"which", "the CPU that goes or comes"},
    NamedField{"entry", "where a kernel begins that kexec starts"},
    NamedField{"ip", "the instruction that a sample is of"},
    NamedField{"count", "what the event has counted"},
    NamedField{"signal", "the signal"},
    NamedField{"code", "si_code of a signal, or the exit status"},
    NamedField{"handler", "the address of the signal's handler"},
    NamedField{"tracee", "the thread that stops"},
    NamedField{"status", "of the stop, as wait(2) has it, without its lower byte"},
    NamedField{"result", "of a system call"},
    NamedField{"errno", "of a system call that fails"},
    NamedField{"reason", "the rule that what was refused breaks"},
    NamedField{"of", "which event of the scenario's was refused"},
    NamedField{"child", "the new task"},
    NamedField{"program", "what is executed"},
    NamedField{"next", "the thread that runs next"},
    NamedField{"vector", "of an exception on a bare machine"},
};

constexpr std::size_t kLayers = static_cast<std::size_t>(machine::Layer::Task) + 1;

std::optional<TraceValue> field_of(const TraceEvent& event, std::string_view name) {
  if (name == "layer") return std::string(machine::name(event.layer));
  if (name == "event") return event.what;
  if (name == "order") return event.order;
  if (name == "cycle") return event.cycle;
  if (name == "cpu") return std::uint64_t{event.cpu};
  if (name == "task") return std::int64_t{event.task};
  const auto found = std::ranges::find(event.fields, name, &decltype(event.fields)::value_type::first);
  return found == event.fields.end() ? std::nullopt : std::optional(found->second);
}

// A text has none.
std::optional<std::uint64_t> to_number(const TraceValue& value) {
  if (const auto* const number = std::get_if<std::uint64_t>(&value)) return *number;
  if (const auto* const number = std::get_if<std::int64_t>(&value))
    return static_cast<std::uint64_t>(*number);
  if (const auto* const number = std::get_if<Hex>(&value)) return number->value;
  return std::nullopt;
}

std::string shown_value(const TraceValue& value) {
  if (const auto* const text = std::get_if<std::string>(&value)) return *text;
  if (const auto* const number = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *number);
  if (const auto* const number = std::get_if<Hex>(&value)) return fmt::format("{:#x}", number->value);
  return fmt::format("{}", std::get<std::uint64_t>(value));
}

std::string shown_expectation(const TraceFieldExpectation& field) {
  if (const auto* const text = std::get_if<std::string>(&field.value)) return *text;
  if (const auto* const bounds = std::get_if<ValueBounds>(&field.value)) return to_string(*bounds);
  const auto& masked = std::get<MaskedText>(field.value);
  return fmt::format("{} in the bits {:#x}", masked.text, masked.mask);
}

// "layer exception, event #DB"
std::string described_line(const TraceExpectation& expected) {
  std::string text;
  for (const TraceFieldExpectation& field : expected.fields)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", field.field, shown_expectation(field));
  return text.empty() ? "anything" : text;
}

TraceFieldExpectation convert_field(const yaml::Node& key, const View& view, std::vector<Problem>& problems) {
  TraceFieldExpectation field{key.text, view.at(), view.text()};
  if (!view.is_map()) return field;
  const auto mask = view.find("mask");
  const auto value = view.find("value");
  if (mask.has_value() != value.has_value())
    problems.push_back({view.at(), "`mask` and `value` want each other"});
  if (mask && value) {
    field.value = MaskedText{value->text(), mask->number()};
    return field;
  }
  ValueBounds bounds;
  for (const auto& [name, bound] : {std::pair{"min", &bounds.min}, std::pair{"max", &bounds.max}}) {
    const auto given = view.find(name);
    if (!given) continue;
    *bound = static_cast<std::int64_t>(given->number());
    bounds.is_signed |= given->text().starts_with('-');
  }
  field.value = bounds;
  return field;
}

}  // namespace

schema::TypeRef trace_expectation(const std::vector<schema::Field>& more) {
  using schema::make;
  schema::Choice layers;
  for (std::size_t i = 0; i < kLayers; ++i)
    layers.names.emplace_back(machine::name(static_cast<machine::Layer>(i)));
  const schema::TypeRef bound = per_isa(make(schema::Integer{.negative_too = true}));
  schema::Object parts{.fields = {{"min", bound, "the least"},
                                  {"max", bound, "the most"},
                                  {"mask", per_isa(make(schema::Integer{})), "the bits that are compared"},
                                  {"value", per_isa(line()), "what they must be"}},
                       .at_most_one = {{"min", "mask"}, {"max", "mask"}, {"min", "value"}, {"max", "value"}}};
  const schema::TypeRef value =
      make(schema::PerIsa{make(schema::Either{{line(), make(std::move(parts))}})}, "trace-value");
  schema::Object item{.fields = {{"layer", per_isa(make(std::move(layers))), "the layer"}}};
  for (const NamedField& field : kFields)
    item.fields.push_back({std::string(field.name), value, std::string(field.about)});
  for (const schema::Field& field : more) {
    if (std::ranges::find(item.fields, field.key, &schema::Field::key) == item.fields.end())
      item.fields.push_back({field.key, value, field.about});
  }
  return per_isa(
      make(schema::List{make(std::move(item), more.empty() ? "trace-line" : "bare-trace-line"), 1}));
}

std::vector<TraceExpectation> convert_trace(const View& view, std::vector<Problem>& problems) {
  std::vector<TraceExpectation> expected;
  for (const View& item : view.items()) {
    TraceExpectation& line = expected.emplace_back();
    line.at = item.at();
    for (const auto& [key, value] : item.entries())
      line.fields.push_back(convert_field(*key, value, problems));
  }
  return expected;
}

machine::TraceSink TraceMatcher::sink(machine::TraceSink next) {
  if (expected_.empty()) return next;
  return [this, next = std::move(next)](TraceEvent event) {
    take(event);
    if (next) next(std::move(event));
  };
}

void TraceMatcher::take(const TraceEvent& event) {
  if (match_.found == expected_.size()) return;
  const TraceExpectation& wanted = expected_[match_.found];
  const std::size_t like = likeness(event, wanted);
  if (like == wanted.fields.size()) {
    ++match_.found;
    match_.after = event.order;
    match_.nearest.reset();
    likest_ = 0;
    return;
  }
  if (like > likest_) {
    likest_ = like;
    match_.nearest = event;
  }
  for (std::size_t i = match_.found; i < expected_.size(); ++i) {
    const bool same = !early_[i] && likeness(event, expected_[i]) == expected_[i].fields.size();
    if (same) early_[i] = event.order;
  }
}

TraceMatch TraceMatcher::match() const {
  TraceMatch match = match_;
  if (match.found < expected_.size()) match.early = early_[match.found];
  return match;
}

// As a field has it that is no text.
std::optional<std::uint64_t> TraceMatcher::number_of(std::string_view field, const std::string& text) const {
  if (const auto number = parse_signed(text)) return number;
  if (text == "main" && (field == "task" || field == "child" || field == "next" || field == "tracee"))
    return static_cast<std::uint64_t>(main_);
  if (field == "errno") return scenario::number_of(kErrnos, text);
  if (field == "signal") return scenario::number_of(kSignals, text);
  return symbols_.resolve(text);
}

bool TraceMatcher::is(const TraceEvent& event, const TraceFieldExpectation& expected) const {
  const auto actual = field_of(event, expected.field);
  if (!actual) return false;
  const auto number = to_number(*actual);
  if (const auto* const text = std::get_if<std::string>(&expected.value)) {
    if (!number) return std::get<std::string>(*actual) == *text;
    return number == number_of(expected.field, *text);
  }
  if (!number) return false;
  if (const auto* const bounds = std::get_if<ValueBounds>(&expected.value)) return bounds->hold(*number, 64);
  const auto& masked = std::get<MaskedText>(expected.value);
  const auto wanted = number_of(expected.field, masked.text);
  return wanted && ((*wanted ^ *number) & masked.mask) == 0;
}

std::size_t TraceMatcher::likeness(const TraceEvent& event, const TraceExpectation& expected) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      expected.fields, [&](const TraceFieldExpectation& field) { return is(event, field); }));
}

std::string TraceMatcher::differences(const TraceEvent& event, const TraceExpectation& expected) const {
  std::string text;
  for (const TraceFieldExpectation& field : expected.fields) {
    if (is(event, field)) continue;
    const auto actual = field_of(event, field.field);
    text += fmt::format("{}{} is {}, expected {}", text.empty() ? "" : ", and ", field.field,
                        actual ? shown_value(*actual) : "not there", shown_expectation(field));
  }
  return text;
}

void judge_trace(std::span<const TraceExpectation> expected, const TraceMatch& match,
                 const SymbolTable& symbols, int main, Wording wording, std::vector<Problem>& problems) {
  if (match.found == expected.size()) return;
  const TraceExpectation& missing = expected[match.found];
  const std::string where = fmt::format("trace, item {}", match.found + 1);
  if (!wording.reveals())
    return problems.push_back({missing.at, where + ": the trace has no line that is expected there"});
  std::string text = fmt::format("{}: no line has {}", where, described_line(missing));
  if (match.found > 0) text += fmt::format(" after #{}", match.after);
  if (match.early) text += fmt::format("; #{} has, but comes before that", *match.early);
  if (match.nearest) {
    TraceMatcher matcher(expected, symbols);
    matcher.set_main(main);
    text += fmt::format("; the nearest{}, #{} ({} {}): {}", match.found > 0 ? " that follows" : "",
                        match.nearest->order, machine::name(match.nearest->layer), match.nearest->what,
                        matcher.differences(*match.nearest, missing));
  }
  problems.push_back({missing.at, std::move(text)});
}

}  // namespace trapline::scenario
