// From the tree of what a scenario file expects of perf events to its typed form.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "emu/scenario/perf/event_names.hpp"
#include "emu/scenario/perf/spec.hpp"
#include "emu/scenario/view.hpp"

namespace trapline::scenario {

class ExpectationConverter {
 public:
  ExpectationConverter(const Scenario& scenario, std::vector<Problem>& problems)
      : names_(scenario, problems), scenario_(scenario), problems_(problems) {}

  EventExpectation event(const View& view);
  OrderedHit ordered_hit(const View& view);
  OwnExpectations own(const View& view);

  // What actions that read events expect, too.
  ReadingExpectation reading(const View& view);
  std::vector<MemberValue> values(const View& view);

  // The number of a register in perf; 0 where there is none, which is a problem.
  unsigned number_of_register(const View& view, std::string_view name, const Position& at);

 private:
  OwnExpectation own_event(const View& view);
  std::optional<Located<Bounds>> bounds(const View& parent, std::string_view key);
  std::optional<Located<ValueBounds>> value_bounds(const View& parent, std::string_view key);
  std::optional<Located<Bounds>> cpu(const View& parent);
  HitExpectation hit(const View& view);
  std::vector<HitExpectation> hits(const View& parent, std::string_view key);
  std::optional<HitExpectation> one_hit(const View& parent, std::string_view key);
  RecordExpectation record(const View& view);
  std::vector<RegisterExpectation> registers(const std::optional<View>& given);

  EventNames names_;
  const Scenario& scenario_;
  std::vector<Problem>& problems_;
};

// Adds a problem where the list has more than kMostItems.
void check_items(const View& list, std::string_view key, std::vector<Problem>& problems);

// `{min: …, max: …}`, or a number. `problems` learn where it holds for none.
Bounds to_bounds(const View& view, std::vector<Problem>& problems);

}  // namespace trapline::scenario
