// Holds the hits of perf events against what a scenario expects of them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/perf/result.hpp"
#include "emu/scenario/perf/spec.hpp"
#include "emu/scenario/symbols.hpp"
#include "emu/scenario/wording.hpp"

namespace trapline::scenario {

class HitJudge {
 public:
  HitJudge(const SymbolTable& symbols, std::vector<Problem>& problems)
      : symbols_(symbols), problems_(problems) {}

  // Adds a problem for each expectation of the event's hits that does not hold.
  void judge(const EventExpectation& expected, const EventResult& result, Wording wording);

  // Those of all events, of which there must be some one after another.
  void judge_order(std::span<const OrderedHit> expected, std::span<const EventResult> results,
                   Wording wording);

 private:
  // Of one event.
  struct Hits {
    const EventResult& result;
    Wording wording;
    std::string what;  // "event 'writes'"
  };

  void list(const Hits& hits, const EventExpectation& expected);
  void some(const Hits& hits, const HitExpectation& expected);
  void none(const Hits& hits, const HitExpectation& expected);
  void one(const Hits& hits, const HitExpectation& expected, std::string_view which, const Hit* hit);
  void last(const Hits& hits, const HitExpectation& expected);
  void every(const Hits& hits, const HitExpectation& expected);
  void not_next(const OrderedHit& expected, const Hits& hits, const std::string& where,
                const std::string& before, std::uint64_t after);

  std::vector<Problem> differences(const HitExpectation& expected, const Hit& hit, const std::string& event,
                                   const std::string& where, Wording wording) const;
  bool like(const HitExpectation& expected, const Hit& hit) const;
  std::string nearest(const HitExpectation& expected, const Hits& hits,
                      const std::function<bool(const Hit&)>& of) const;
  bool knows_places(const HitExpectation& expected, Wording wording);
  bool knows_all(const Hits& hits, const Position& at, std::string_view expectation);
  void fail(const Position& at, std::string message) { problems_.push_back({at, std::move(message)}); }

  const SymbolTable& symbols_;
  std::vector<Problem>& problems_;
};

}  // namespace trapline::scenario
