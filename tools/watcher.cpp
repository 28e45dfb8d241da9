#include "tools/watcher.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "emu/scenario/numbers.hpp"
#include "emu/scenario/perf/report.hpp"
#include "emu/scenario/target.hpp"
#include "emu/scenario/utf8.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::tools {

namespace {

using scenario::Place;
using scenario::PlaceError;

constexpr std::array<std::string_view, 4> kTypes{"r", "w", "rw", "x"};
constexpr std::uint64_t kLengthOfNothingKnown = 4;  // bytes
constexpr std::uint64_t kMostLength = std::uint64_t{1} << 20;

// The last part of a text with colons.
std::pair<std::string, std::string> split_last(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || text[colon - 1] == ':') return {text, ""};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool is_type(const std::string& text) { return std::ranges::find(kTypes, text) != kTypes.end(); }

// PLACE, PLACE:TYPE, PLACE:TYPE:LENGTH. After a line a word is a variable: "a.c:12:x" has no type.
WatchPlan::Watched parse_watched(const std::string& text) {
  WatchPlan::Watched watched{.text = text};
  auto [before, last] = split_last(text);
  if (const auto length = scenario::parse_size(last); length && is_type(split_last(before).second)) {
    if (*length == 0 || *length > kMostLength)
      throw std::runtime_error(fmt::format("{}: a length is 1 to {} bytes", text, kMostLength));
    watched.length = *length;
    std::tie(before, last) = split_last(std::string(before));
  }
  const bool typed =
      is_type(last) && (watched.length != 0 || !scenario::parse_place(before).value_or(Place{}).code());
  if (typed) {
    watched.text = before;
    watched.type = last;
  }
  const auto place = scenario::parse_place(watched.text);
  if (!place) {
    throw std::runtime_error(
        fmt::format("`{}` is no place; places are such as counter, table[2], list->head, function::local, "
                    "file.c:12, 0x404010, "
                    "each with a type (:r, :w, :rw, :x) and a length (:w:8) if you like",
                    text));
  }
  watched.place = *place;
  return watched;
}

}  // namespace

WatchPlan::WatchPlan(const WatchOptions& options) : stop_after(options.stop_after), json(options.json) {
  for (const std::string& text : options.places) watched.push_back(parse_watched(text));
  if (options.condition.empty()) return;
  try {
    condition.emplace(options.condition);
  } catch (const scenario::ConditionError& error) {
    throw std::runtime_error(fmt::format("--if, character {}: {}\n  {}\n  {:>{}}", error.column(),
                                         error.what(), options.condition, "^", error.column()));
  }
}

Watcher::Watcher(const WatchPlan& plan, std::ostream& out, kernel::Kernel& kernel, kernel::Task& main,
                 ProgramNames& names)
    : plan_(plan),
      out_(out),
      kernel_(kernel),
      teller_(kernel, names.symbols(), names.callers()),
      watches_(plan.watched.size()) {
  teller_.set_main(main);
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    watches_[i].plan = &plan.watched[i];
    try {
      watch(watches_[i], main, names);
    } catch (const PlaceError& error) {
      throw std::runtime_error(fmt::format("{}: {}", plan.watched[i].text, error.what()));
    }
  }
}

void Watcher::watch(Watch& watch, kernel::Task& main, ProgramNames& names) {
  const WatchPlan::Watched& plan = *watch.plan;
  scenario::PlaceWatch::Request request{.target = names.symbols().target(plan.place)};
  const scenario::Target& target = request.target;
  watch.target = target;
  const std::string type = !plan.type.empty() ? plan.type : target.code() ? "x" : "w";
  request.reads = type == "r" || type == "rw";
  request.writes = type == "w" || type == "rw";
  request.executes = type == "x";
  request.length = plan.length != 0 ? plan.length : target.size;
  if (request.length == 0 && !target.heap()) request.length = kLengthOfNothingKnown;
  watch.watch = std::make_unique<scenario::PlaceWatch>(
      kernel_, names.symbols(), names.callers(), std::move(request),
      [this, &watch](const machine::Observation& what, isa::GuestVa first) { saw(watch, what, first); });
  watch.watch->start(main);
}

void Watcher::saw(Watch& watch, const machine::Observation& what, isa::GuestVa first) {
  if (has_seen_enough()) return;
  scenario::Hit hit = teller_.tell(what, watch.plan->place, first);
  hit.number = watch.target.number_of(hit.length);
  if (plan_.condition && !plan_.condition->holds({hit, watch.hits + 1})) return;
  ++watch.hits;
  ++hits_;
  print(watch, hit);
  if (has_seen_enough()) kernel_.halt();
}

bool Watcher::has_seen_enough() const { return plan_.stop_after && hits_ >= *plan_.stop_after; }

void Watcher::print(const Watch& watch, const scenario::Hit& hit) {
  if (plan_.json) {
    nlohmann::ordered_json json{{"place", watch.plan->text}};
    json.update(scenario::hit_json(hit));
    out_ << json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n' << std::flush;
    return;
  }
  // Names of tasks are the guest's.
  const std::string callers = scenario::callers_line(hit);
  out_ << scenario::printable(scenario::hit_line(hit)) << '\n';
  if (!callers.empty()) out_ << "         called by " << scenario::printable(callers) << '\n';
  out_ << std::flush;
}

void Watcher::end() {
  for (const Watch& watch : watches_) {
    if (plan_.json) {
      out_ << nlohmann::ordered_json{{"place", watch.plan->text}, {"hits", watch.hits}}.dump() << '\n';
    } else {
      out_ << fmt::format("{}: {}\n", watch.plan->text,
                          watch.hits == 0 ? "no hits" + watch.watch->why_no_hits()
                                          : scenario::counted(watch.hits, "hit", "hits"));
    }
  }
  out_ << std::flush;
}

int run_watched(const ExecOptions& program, const WatchOptions& watch, std::ostream& out) {
  try {
    const WatchPlan plan(watch);
    return run_program(program, [&](kernel::Kernel& kernel, kernel::Task& main, ProgramNames& names) {
      return std::make_unique<Watcher>(plan, out, kernel, main, names);
    });
  } catch (const std::runtime_error& error) {
    std::cerr << fmt::format("trapline: error: {}\n", error.what());
    return kBadInput;
  }
}

}  // namespace trapline::tools
