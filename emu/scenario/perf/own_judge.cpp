#include "emu/scenario/perf/own_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "emu/scenario/perf/comparison.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

std::vector<Problem> differences(const OwnExpectation& expected, const OwnEvent& own, std::string where,
                                 const SymbolTable& symbols, Wording wording) {
  Comparison compare(std::move(where), symbols, wording);
  const auto told = [&own](std::uint64_t value) { return own.address ? std::optional(value) : std::nullopt; };
  compare.equal("who made it", expected.by, std::string(owner_name(own)));
  compare.place("the address", expected.watch, own.address, own.at);
  compare.equal("the type", expected.type, own.type);
  compare.within("the length", expected.length, told(own.length));
  compare.equal("what it counts", expected.software, own.software);
  compare.within("the CPU", expected.cpu,
                 own.cpu < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(own.cpu)));
  compare.within("the count", expected.count, own.count);
  compare.within("the number of stray hits", expected.stray, own.stray_hits);
  const auto& task = expected.task;
  if (task && own.comm.empty()) {
    compare.fail(task->at, "it is of no task");
  } else if (task && !is_task(task->value, own.main, own.comm, own.task)) {
    compare.fail(task->at,
                 fmt::format("the task is {} ({}){}", own.comm, own.task, wording.instead(task->value)));
  }
  return compare.take();
}

bool knows_place(const OwnExpectation& expected, const SymbolTable& symbols, Wording wording,
                 std::vector<Problem>& problems) {
  if (!expected.watch) return true;
  Comparison compare("", symbols, wording);
  if (compare.knows(*expected.watch)) return true;
  for (Problem& problem : compare.take()) problems.push_back(std::move(problem));
  return false;
}

}  // namespace

void judge_own(const Located<OwnExpectations>& expected, std::span<const OwnEvent> events, bool left_out,
               const SymbolTable& symbols, Wording wording, std::vector<Problem>& problems) {
  const auto fail = [&](const Position& at, std::string message) {
    problems.push_back({at, std::move(message)});
  };
  const auto like = [&](const OwnExpectation& wanted, const OwnEvent& own) {
    return differences(wanted, own, "", symbols, Wording()).empty();
  };
  const OwnExpectations& own = expected.value;
  if (left_out) {
    return fail(expected.at,
                fmt::format("the program opened more than the {} events that are kept of its own: "
                            "too many to tell whether `own` holds",
                            events.size()));
  }
  const auto there_are = [&](const std::string& instead) {
    return fmt::format("the program opened {} itself{}", counted(events.size(), "event", "events"), instead);
  };
  if (own.number && !own.number->value.hold(events.size()))
    fail(own.number->at, there_are(wording.instead(to_string(own.number->value))));
  if (own.list) {
    if (own.list->size() != events.size())
      fail(expected.at, there_are(wording.instead(std::to_string(own.list->size()))));
    for (std::size_t i = 0; i < std::min(own.list->size(), events.size()); ++i) {
      const std::string where = fmt::format("own event {} ({})", i + 1, what(events[i]));
      for (Problem& problem : differences((*own.list)[i], events[i], where, symbols, wording))
        problems.push_back(std::move(problem));
    }
  }
  for (const OwnExpectation& some : own.some) {
    if (!knows_place(some, symbols, wording, problems)) continue;
    if (std::ranges::none_of(events, [&](const OwnEvent& event) { return like(some, event); }))
      fail(some.at, there_are(", of which none is like this"));
  }
  for (const OwnExpectation& none : own.none) {
    if (!knows_place(none, symbols, wording, problems)) continue;
    const auto found = std::ranges::find_if(events, [&](const OwnEvent& event) { return like(none, event); });
    if (found != events.end()) {
      fail(none.at, fmt::format("own event {} ({}) is like this", found - events.begin() + 1, what(*found)));
    }
  }
}

}  // namespace trapline::scenario
