#include "emu/scenario/perf/hit_judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "emu/scenario/perf/comparison.hpp"
#include "emu/scenario/words.hpp"

namespace trapline::scenario {

namespace {

bool is_line(const std::string& actual, const std::string& expected) {
  if (expected.find(':') != std::string::npos) return actual == expected;
  return actual.ends_with(":" + expected);
}

// What is expected, in words that follow "no hit is".
std::string described(const HitExpectation& expected) {
  std::string text;
  const auto add = [&](std::string_view form, const std::string& value) {
    text += fmt::format("{}{}", text.empty() ? "" : " ", fmt::format(fmt::runtime(form), value));
  };
  const auto add_text = [&](std::string_view form, const auto& part) {
    if (part) add(form, part->value);
  };
  const auto add_shown = [&](std::string_view form, const auto& part) {
    if (part) add(form, to_string(part->value));
  };
  add_text("by {}", expected.function);
  add_text("called by {}", expected.caller);
  if (!expected.callchain.empty()) {
    std::string chain;
    for (const auto& function : expected.callchain)
      chain += fmt::format("{}{}", chain.empty() ? "" : " < ", function.value);
    add("with the call chain {}", chain);
  }
  add_text("in line {}", expected.line);
  add_shown("at {}", expected.address);
  add_shown("with PC {}", expected.pc);
  if (expected.access) add("with access {}", std::string(access_name(expected.access->value)));
  add_shown("of size {}", expected.size);
  add_shown("with old {}", expected.old_value);
  add_shown("with new {}", expected.new_value);
  add_shown("at cycle {}", expected.cycle);
  add_shown("on CPU {}", expected.cpu);
  add_text("in task {}", expected.task);
  add_text("by the kernel in {}", expected.kernel);
  return text.empty() ? "there" : text;
}

// What tells a hit from its neighbours.
std::string summary(const Hit& hit) {
  std::string text = hit.kernel.empty() ? hit.by : fmt::format("the kernel, in {}", hit.kernel);
  if (!hit.line.empty()) text += fmt::format(" ({})", hit.line);
  if (hit.old_value && hit.new_value) text += fmt::format(", {} -> {}", *hit.old_value, *hit.new_value);
  return text;
}

std::string in_one_sentence(const std::vector<Problem>& differences) {
  std::string text;
  for (const Problem& difference : differences)
    text += fmt::format("{}{}", text.empty() ? "" : ", and ", difference.message);
  return text;
}

}  // namespace

void HitJudge::judge(const EventExpectation& expected, const EventResult& result, Wording wording) {
  const Hits hits{result, wording, fmt::format("event '{}'", result.name)};
  if (expected.hit_count && !expected.hit_count->value.hold(result.overflows)) {
    fail(expected.hit_count->at,
         fmt::format("{} had {}{}", hits.what, counted(result.overflows, "hit", "hits"),
                     wording.instead(to_string(expected.hit_count->value))));
  }
  if (expected.hits) list(hits, expected);
  if (expected.first)
    one(hits, *expected.first, "first", result.hits.empty() ? nullptr : &result.hits.front());
  if (expected.last) last(hits, *expected.last);
  if (expected.every) every(hits, *expected.every);
  for (const HitExpectation& wanted : expected.some) some(hits, wanted);
  for (const HitExpectation& unwanted : expected.none) none(hits, unwanted);
}

void HitJudge::list(const Hits& hits, const EventExpectation& expected) {
  const std::size_t actual = hits.result.hits.size();
  const std::size_t wanted = expected.hits->size();
  if (actual < wanted || (actual > wanted && !expected.more)) {
    fail(expected.at,
         fmt::format("{} had {} hits{}", hits.what, actual,
                     hits.wording.instead(fmt::format("{}{}", expected.more ? "at least " : "", wanted))));
  }
  for (std::size_t i = 0; i < std::min(actual, wanted); ++i) {
    for (Problem& difference : differences((*expected.hits)[i], hits.result.hits[i], hits.result.name,
                                           fmt::format("{}, hit {}", hits.what, i + 1), hits.wording)) {
      problems_.push_back(std::move(difference));
    }
  }
}

void HitJudge::some(const Hits& hits, const HitExpectation& expected) {
  if (!knows_places(expected, hits.wording)) return;
  const auto is_like = [&](const Hit& hit) { return like(expected, hit); };
  if (std::ranges::any_of(hits.result.hits, is_like)) return;
  if (!knows_all(hits, expected.at, "some")) return;
  const std::uint64_t count = hits.result.overflows;
  if (!hits.wording.reveals()) {
    fail(expected.at, fmt::format("{} had {}, but none as is expected", hits.what,
                                  count == 0 ? "no hit" : counted(count, "hit", "hits")));
  } else if (count == 0) {
    fail(expected.at, fmt::format("{} had no hit; expected one that is {}", hits.what, described(expected)));
  } else {
    fail(expected.at, fmt::format("no hit of {} is {}; the nearest, {}", hits.what, described(expected),
                                  nearest(expected, hits, [](const Hit&) { return true; })));
  }
}

void HitJudge::none(const Hits& hits, const HitExpectation& expected) {
  if (!knows_places(expected, hits.wording)) return;
  std::uint64_t count = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < hits.result.hits.size(); ++i) {
    if (like(expected, hits.result.hits[i]) && count++ == 0) first = i;
  }
  if (count == 0) return (void)knows_all(hits, expected.at, "none");
  const std::string which = fmt::format("hit {} ({})", first + 1, summary(hits.result.hits[first]));
  const std::string others = count > 1 ? fmt::format(", and {} more", count - 1) : "";
  fail(expected.at,
       hits.wording.either(
           fmt::format("{}, {}{}: expected that no hit is {}", hits.what, which, others, described(expected)),
           fmt::format("{}, {}{}: no such hit is expected", hits.what, which, others)));
}

void HitJudge::one(const Hits& hits, const HitExpectation& expected, std::string_view which, const Hit* hit) {
  if (hit == nullptr) {
    return fail(expected.at, hits.wording.either(fmt::format("{} had no hit; expected that its {} is {}",
                                                             hits.what, which, described(expected)),
                                                 fmt::format("{} had no hit", hits.what)));
  }
  for (Problem& difference : differences(expected, *hit, hits.result.name,
                                         fmt::format("{}, its {} hit", hits.what, which), hits.wording)) {
    problems_.push_back(std::move(difference));
  }
}

void HitJudge::last(const Hits& hits, const HitExpectation& expected) {
  if (!knows_all(hits, expected.at, "last")) return;
  one(hits, expected, "last", hits.result.hits.empty() ? nullptr : &hits.result.hits.back());
}

// Without a hit nothing was seen of what is expected: that is no success.
void HitJudge::every(const Hits& hits, const HitExpectation& expected) {
  if (hits.result.hits.empty()) {
    return fail(expected.at, fmt::format("{} had no hit, and `every` wants one", hits.what));
  }
  std::uint64_t others = 0;
  std::optional<std::vector<Problem>> first;
  for (std::size_t i = 0; i < hits.result.hits.size(); ++i) {
    auto differ = differences(expected, hits.result.hits[i], hits.result.name,
                              fmt::format("{}, hit {} of `every`", hits.what, i + 1), hits.wording);
    if (differ.empty()) continue;
    if (first) {
      ++others;
    } else {
      first = std::move(differ);
    }
  }
  if (!first) return (void)knows_all(hits, expected.at, "every");
  if (others != 0)
    first->back().message += fmt::format("; {}", counted(others, "more hit differs", "more hits differ"));
  for (Problem& difference : *first) problems_.push_back(std::move(difference));
}

// --- Order ---

void HitJudge::judge_order(std::span<const OrderedHit> expected, std::span<const EventResult> results,
                           Wording wording) {
  std::uint64_t after = 0;
  std::string before;  // what was found last
  for (std::size_t item = 0; item < expected.size(); ++item) {
    const OrderedHit& wanted = expected[item];
    const EventResult& result = results[wanted.event];
    const Hits hits{result, wording, fmt::format("event '{}'", result.name)};
    if (!knows_places(wanted.hit, wording)) return;
    const auto found = std::ranges::find_if(
        result.hits, [&](const Hit& hit) { return hit.order > after && like(wanted.hit, hit); });
    if (found == result.hits.end()) {
      if (!knows_all(hits, wanted.hit.at, "order")) return;
      return not_next(wanted, hits, fmt::format("order, item {}", item + 1), before, after);
    }
    after = found->order;
    before = fmt::format(" after hit {} of event '{}' (#{})", found - result.hits.begin() + 1, result.name,
                         found->order);
  }
}

void HitJudge::not_next(const OrderedHit& expected, const Hits& hits, const std::string& where,
                        const std::string& before, std::uint64_t after) {
  if (!hits.wording.reveals())
    return fail(expected.hit.at, fmt::format("{}: {} has no hit that is expected there", where, hits.what));
  std::string text =
      fmt::format("{}: no hit of {} is {}{}", where, hits.what, described(expected.hit), before);
  const auto early =
      std::ranges::find_if(hits.result.hits, [&](const Hit& hit) { return like(expected.hit, hit); });
  if (early != hits.result.hits.end()) {
    text += fmt::format("; hit {} (#{}) is, but comes before that", early - hits.result.hits.begin() + 1,
                        early->order);
  }
  const auto later = [&](const Hit& hit) { return hit.order > after; };
  if (std::ranges::any_of(hits.result.hits, later)) {
    text += fmt::format("; the nearest{}, {}", before.empty() ? "" : " of those that follow",
                        nearest(expected.hit, hits, later));
  } else if (early == hits.result.hits.end() || !before.empty()) {
    text += before.empty() ? "; it had none" : "; it had none then";
  }
  fail(expected.hit.at, std::move(text));
}

// --- One hit ---

std::vector<Problem> HitJudge::differences(const HitExpectation& expected, const Hit& hit,
                                           const std::string& event, const std::string& where,
                                           Wording wording) const {
  Comparison compare(where, symbols_, wording);
  std::optional<std::uint64_t> address;
  std::optional<std::uint64_t> size;
  if (hit.access) {
    address = hit.access->address.value;
    size = hit.access->size;
  }
  compare.place("the address", expected.address, address, hit.at);
  compare.place("the PC", expected.pc, hit.pc, hit.pc_name);
  compare.equal("the function", expected.function, hit.function);
  compare.equal("the caller", expected.caller, caller_of(hit));
  if (expected.line && !is_line(hit.line, expected.line->value))
    compare.equal("the line", expected.line, hit.line);
  compare.value(event, "old", expected.old_value, hit.length, hit.old_value);
  compare.value(event, "new", expected.new_value, hit.length, hit.new_value);
  if (expected.access && !hit.access) {
    compare.fail(expected.access->at, "there is no access");
  } else if (expected.access && expected.access->value != hit.access->kind) {
    compare.fail(expected.access->at, fmt::format("the access is {}{}", access_name(hit.access->kind),
                                                  wording.instead(access_name(expected.access->value))));
  }
  compare.within("the size", expected.size, size);
  compare.within("the cycle", expected.cycle, hit.cycle);
  compare.within("the CPU", expected.cpu, hit.cpu);
  compare.equal("what the kernel was at", expected.kernel, hit.kernel);
  compare.callchain(expected.callchain, hit.callchain);
  if (expected.task && !is_task(expected.task->value, hit.main, hit.comm, hit.task)) {
    compare.fail(expected.task->at, fmt::format("the task is {} ({}){}", hit.comm, hit.task,
                                                wording.instead(expected.task->value)));
  }
  return compare.take();
}

bool HitJudge::like(const HitExpectation& expected, const Hit& hit) const {
  return differences(expected, hit, "", "", Wording()).empty();
}

// In words that follow "the nearest, ": the first of those that differ least.
std::string HitJudge::nearest(const HitExpectation& expected, const Hits& hits,
                              const std::function<bool(const Hit&)>& of) const {
  std::vector<Problem> fewest;
  std::size_t which = hits.result.hits.size();
  for (std::size_t i = 0; i < hits.result.hits.size(); ++i) {
    if (!of(hits.result.hits[i])) continue;
    auto differ = differences(expected, hits.result.hits[i], hits.result.name, "", hits.wording);
    if (which != hits.result.hits.size() && differ.size() >= fewest.size()) continue;
    fewest = std::move(differ);
    which = i;
  }
  return fmt::format("hit {} ({}): {}", which + 1, summary(hits.result.hits[which]), in_one_sentence(fewest));
}

// Of a place that the program lacks one learns once, and not as something that each hit differs in.
bool HitJudge::knows_places(const HitExpectation& expected, Wording wording) {
  Comparison compare("", symbols_, wording);
  for (const auto* const place : {&expected.address, &expected.pc}) {
    if (*place) (void)compare.knows(**place);
  }
  auto unknown = compare.take();
  const bool all = unknown.empty();
  for (Problem& problem : unknown) problems_.push_back(std::move(problem));
  return all;
}

// Whether the hits that were kept are all.
bool HitJudge::knows_all(const Hits& hits, const Position& at, std::string_view expectation) {
  if (hits.result.overflows <= hits.result.hits.size()) return true;
  fail(at, fmt::format("{} had {} hits, of which the first {} are kept: too many to tell whether `{}` holds; "
                       "a `period` makes fewer",
                       hits.what, hits.result.overflows, hits.result.hits.size(), expectation));
  return false;
}

}  // namespace trapline::scenario
