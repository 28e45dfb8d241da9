// Hits, made up here, against what scenarios expect of them.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "emu/scenario/judge.hpp"
#include "emu/scenario/runner.hpp"
#include "support.hpp"
#include "tests/support/tiny_elf.hpp"

namespace trapline::scenario {
namespace {

using isa::Isa;

// Lines 1 to 7; what a test expects is in line 8, from column 9 on.
constexpr std::string_view kHead = R"(scenario: x
isa: x86-64
machine: {cpus: 2}
program: {c: {source: ''}}
events:
  writes: {watch: x}
  totals: {watch: y}
)";

struct HitOf {
  std::string function;
  int line;
  std::int32_t from;
  std::int32_t to;
  std::string caller;
};

std::vector<Caller> chain(const std::vector<std::string>& functions) {
  std::vector<Caller> callers;
  for (const std::string& function : functions) callers.push_back({function, "", "", 0});
  return callers;
}

class HitJudgeTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto elf = support::tiny_elf(Isa::X86_64, std::array<std::byte, 4>{});
    const auto file = folder_.write("a", {reinterpret_cast<const char*>(elf.image.data()), elf.image.size()});
    outcome_.symbols = std::make_shared<SymbolTable>(SymbolTable::load(file));
    outcome_.events.resize(2);
    outcome_.events[0].name = "writes";
    outcome_.events[1].name = "totals";
    for (EventResult& event : outcome_.events) event.opened = true;
    add(0, 10, {"bump", 3, 0, 1, "main"});
    add(1, 20, {"bump", 3, 0, 7, "main"});
    add(0, 30, {"reset", 4, 1, 0, "main"});
    add(0, 40, {"reset", 4, 0, -2, "main"});
    add(1, 50, {"add", 5, 7, 9, "reset"});
  }

  void add(std::size_t event, std::uint64_t order, const HitOf& what) {
    EventResult& result = outcome_.events[event];
    Hit hit;
    hit.order = order;
    hit.cycle = 100 * order;
    hit.cpu = static_cast<unsigned>(event);
    hit.task = 1000;
    hit.main = true;
    hit.comm = "x";
    hit.access = isa::Access{.address = isa::GuestVa(0x1000), .size = 4, .kind = isa::AccessKind::Write};
    hit.length = 4;
    hit.old_value = static_cast<std::uint32_t>(what.from);
    hit.new_value = static_cast<std::uint32_t>(what.to);
    hit.function = what.function;
    hit.by = what.function + "+0x4";
    hit.line = "x.c:" + std::to_string(what.line);
    hit.callchain = chain({what.function, what.caller, "_start"});
    result.hits.push_back(hit);
    result.overflows = result.hits.size();
    result.reading.count = result.overflows;
  }

  std::string judged(std::string_view expect) const {
    const Document document = parse(std::string(kHead) + "expect: " + std::string(expect) + "\n", "a.yaml");
    std::string problems;
    for (const Problem& problem : judge(document.scenarios.at(Isa::X86_64), outcome_))
      problems += problem.text() + "\n";
    return problems;
  }
  // Of event `writes`; column 1 of `expect` is column 27.
  std::string of_writes(std::string_view expect) const {
    return judged("{events: {writes: {" + std::string(expect) + "}}}");
  }

  test::TemporaryFolder folder_;
  Outcome outcome_;
};

TEST_F(HitJudgeTest, WhatHolds) {
  EXPECT_EQ(of_writes("hits: 3, count: {min: 3, max: 3}, stray: 0"), "");
  EXPECT_EQ(of_writes("some: [{function: reset, new: -2}, {line: 3}, {line: 'x.c:4'}, {caller: main}, "
                      "{old: {max: 0}, new: {min: 1}}, {new: {min: -5, max: -1}}, {cpu: 0, cycle: {min: "
                      "3001}}]"),
            "");
  EXPECT_EQ(of_writes("none: [{function: main}, {new: 5}, {caller: reset}, {line: 5}, {line: '.c:4'}]"), "");
  EXPECT_EQ(of_writes("first: {function: bump}, last: {function: reset, new: -2}, every: {caller: main, "
                      "access: w, size: {max: 4}}"),
            "");
  EXPECT_EQ(judged("{order: [{event: writes, function: bump}, {event: totals}, {event: writes, new: -2}, "
                   "{event: totals, caller: reset}]}"),
            "");
}

TEST_F(HitJudgeTest, Numbers) {
  EXPECT_EQ(of_writes("hits: {min: 4}"),
            "a.yaml:8:34: error: event 'writes' had 3 hits, expected 4 or more\n");
  EXPECT_EQ(of_writes("hits: [{}]"), "a.yaml:8:19: error: event 'writes' had 3 hits, expected 1\n");
  EXPECT_EQ(of_writes("count: {max: 2}"), "a.yaml:8:35: error: event 'writes' counted 3, expected 0 to 2\n");
  EXPECT_EQ(of_writes("stray: {min: 1}"),
            "a.yaml:8:35: error: event 'writes' had 0 stray hits, expected 1 or more\n");
}

TEST_F(HitJudgeTest, ValuesInARange) {
  const auto second = [&](const std::string& value) {
    const std::string problems = of_writes("more: true, hits: [{}, {}, {new: " + value + "}]");
    return problems.substr(0, problems.find('\n'));
  };
  EXPECT_EQ(second("{min: -2, max: -2}"), "");
  EXPECT_EQ(second("{min: 0xfffffffe}"), "");
  EXPECT_EQ(
      second("{min: -1}"),
      "a.yaml:8:61: error: event 'writes', hit 3: the new value is 4294967294 (0xfffffffe), expected -1 "
      "or more");
  EXPECT_EQ(
      second("{max: 9}"),
      "a.yaml:8:61: error: event 'writes', hit 3: the new value is 4294967294 (0xfffffffe), expected at "
      "most 9");
  EXPECT_EQ(second("{max: 0x100000000}"),
            "a.yaml:8:61: error: this value does not fit into the 4 bytes that event 'writes' watches");
}

TEST_F(HitJudgeTest, SomeSaysWhatCameNearest) {
  EXPECT_EQ(of_writes("some: [{function: reset, new: 3}]"),
            "a.yaml:8:35: error: no hit of event 'writes' is by reset with new 3; the nearest, hit 2 "
            "(reset+0x4 (x.c:4), 1 -> 0): the new value is 0 (0x0), expected 3\n");
  EXPECT_EQ(of_writes("some: [{caller: bump, line: 9, cpu: {min: 1}}]"),
            "a.yaml:8:35: error: no hit of event 'writes' is called by bump in line 9 on CPU 1 or more; the "
            "nearest, hit 1 (bump+0x4 (x.c:3), 0 -> 1): the caller is main, expected bump, and the line is "
            "x.c:3, expected 9, and the CPU is 0, expected 1 or more\n");
  EXPECT_EQ(
      of_writes("some: [{at: nowhere}]"),
      "a.yaml:8:40: error: the program has no symbol 'nowhere', and no debug information: compile it with -g "
      "for more than global names\n");
  outcome_.events[0].hits.clear();
  outcome_.events[0].overflows = 0;
  EXPECT_EQ(of_writes("some: [{function: reset}]"),
            "a.yaml:8:35: error: event 'writes' had no hit; expected one that is by reset\n");
}

TEST_F(HitJudgeTest, NoneSaysWhichThereIs) {
  EXPECT_EQ(
      of_writes("none: [{new: 7}, {function: reset}]"),
      "a.yaml:8:45: error: event 'writes', hit 2 (reset+0x4 (x.c:4), 1 -> 0), and 1 more: expected that "
      "no hit is by reset\n");
}

TEST_F(HitJudgeTest, FirstLastAndEvery) {
  EXPECT_EQ(of_writes("first: {function: reset}"),
            "a.yaml:8:46: error: event 'writes', its first hit: the function is bump, expected reset\n");
  EXPECT_EQ(of_writes("last: {function: bump, new: 0}"),
            "a.yaml:8:45: error: event 'writes', its last hit: the function is reset, expected bump\n"
            "a.yaml:8:56: error: event 'writes', its last hit: the new value is 4294967294 (0xfffffffe), "
            "expected 0\n");
  EXPECT_EQ(of_writes("every: {function: bump}"),
            "a.yaml:8:46: error: event 'writes', hit 2 of `every`: the function is reset, expected bump; 1 "
            "more hit differs\n");
  outcome_.events[0].hits.clear();
  outcome_.events[0].overflows = 0;
  EXPECT_EQ(of_writes("last: {function: bump}, every: {}"),
            "a.yaml:8:34: error: event 'writes' had no hit; expected that its last is by bump\n"
            "a.yaml:8:59: error: event 'writes' had no hit, and `every` wants one\n");
}

// Of those that were not kept nothing is known, and nothing is taken for granted.
TEST_F(HitJudgeTest, MoreHitsThanWereKept) {
  outcome_.events[0].overflows = 20'000;
  const std::string unknown =
      " error: event 'writes' had 20000 hits, of which the first 3 are kept: too many to tell whether `";
  const std::string rest = "` holds; a `period` makes fewer\n";
  EXPECT_EQ(of_writes("some: [{new: 1}], first: {new: 1}"), "");
  EXPECT_EQ(of_writes("some: [{new: 5}]"), "a.yaml:8:35:" + unknown + "some" + rest);
  EXPECT_EQ(of_writes("none: [{new: 5}]"), "a.yaml:8:35:" + unknown + "none" + rest);
  EXPECT_EQ(of_writes("last: {}"), "a.yaml:8:34:" + unknown + "last" + rest);
  EXPECT_EQ(of_writes("every: {}"), "a.yaml:8:35:" + unknown + "every" + rest);
  EXPECT_EQ(judged("{order: [{event: writes, new: 5}]}"), "a.yaml:8:18:" + unknown + "order" + rest);
}

TEST_F(HitJudgeTest, Order) {
  EXPECT_EQ(judged("{order: [{event: totals, new: 7}, {event: writes, function: bump}]}"),
            "a.yaml:8:43: error: order, item 2: no hit of event 'writes' is by bump after hit 1 of event "
            "'totals' (#20); hit 1 (#10) is, but comes before that; the nearest of those that follow, hit 2 "
            "(reset+0x4 (x.c:4), 1 -> 0): the function is reset, expected bump\n");
  EXPECT_EQ(judged("{order: [{event: totals, new: 9}, {event: writes}]}"),
            "a.yaml:8:43: error: order, item 2: no hit of event 'writes' is there after hit 2 of event "
            "'totals' (#50); hit 1 (#10) is, but comes before that; it had none then\n");
  EXPECT_EQ(judged("{order: [{event: totals, new: 8}]}"),
            "a.yaml:8:18: error: order, item 1: no hit of event 'totals' is with new 8; the nearest, hit 1 "
            "(bump+0x4 (x.c:3), 0 -> 7): the new value is 7 (0x7), expected 8\n");
}

// A return address is written by the call itself, whose PC is in the other function already.
TEST_F(HitJudgeTest, TheCallerOfACall) {
  Hit& hit = outcome_.events[0].hits[0];
  hit.callchain = chain({"called", "bump", "main"});
  EXPECT_EQ(of_writes("first: {function: bump, caller: main}"), "");
  hit.callchain = chain({"main", "_start"});  // and a return reads it
  EXPECT_EQ(of_writes("first: {function: bump, caller: main}"), "");
  hit.callchain.clear();
  EXPECT_EQ(
      of_writes("first: {caller: main}"),
      "a.yaml:8:44: error: event 'writes', its first hit: it does not tell the caller, expected main\n");
}

TEST_F(HitJudgeTest, NothingIsRevealed) {
  const std::string hidden = "which is not what is expected\n";
  EXPECT_EQ(of_writes("reveal: false, count: 4"), "a.yaml:8:50: error: event 'writes' counted 3, " + hidden);
  EXPECT_EQ(of_writes("reveal: false, hits: [{}, {function: main, new: 5}]"),
            "a.yaml:8:19: error: event 'writes' had 3 hits, " + hidden +
                "a.yaml:8:65: error: event 'writes', hit 2: the function is reset, " + hidden +
                "a.yaml:8:76: error: event 'writes', hit 2: the new value is 0 (0x0), " + hidden);
  EXPECT_EQ(of_writes("reveal: false, some: [{function: main}], none: [{function: bump}], last: {line: 3}"),
            "a.yaml:8:108: error: event 'writes', its last hit: the line is x.c:4, " + hidden +
                "a.yaml:8:50: error: event 'writes' had 3 hits, but none as is expected\n"
                "a.yaml:8:76: error: event 'writes', hit 1 (bump+0x4 (x.c:3), 0 -> 1): no such hit is "
                "expected\n");
  EXPECT_EQ(judged("{reveal: false, exit: 3, output: a, order: [{event: writes, function: main}]}"),
            "a.yaml:8:31: error: the program exited with 0, " + hidden +
                "a.yaml:8:42: error: output is not what is expected; it is \"\"\n"
                "a.yaml:8:53: error: order, item 1: event 'writes' has no hit that is expected there\n");
}

TEST(HitExpectation, ListsThatAreTooLong) {
  std::string items = "{}";
  for (int i = 0; i < 256; ++i) items += ", {}";
  const auto error = [&](const std::string& begin, const std::string& end) {
    return test::parse_error(std::string(kHead) + "expect: " + begin + "[" + items + "]" + end + "\n");
  };
  EXPECT_EQ(error("{events: {writes: {some: ", "}}}"),
            "a.yaml:8:34: error: `some` has 257 items, and may have 256");
  EXPECT_EQ(error("{trace: ", "}"), "a.yaml:8:17: error: `trace` has 257 items, and may have 256");
}

TEST(HitExpectation, RangesThatHoldForNothing) {
  const auto error = [](const std::string& expect) {
    return test::parse_error(std::string(kHead) + "expect: {events: {writes: {" + expect + "}}}\n");
  };
  EXPECT_EQ(error("count: {min: 3, max: 2}"),
            "a.yaml:8:35: error: `min` is 3 and `max` 2, which no number holds");
  EXPECT_EQ(error("last: {new: {min: 3, max: -2}}"),
            "a.yaml:8:40: error: `min` is more than `max`, so that no value holds");
  EXPECT_EQ(
      error("some: []"),
      "a.yaml:8:34: error: `some` wants a list (not empty) of a mapping with the keys at, pc, function, "
      "caller, line, old, new, access, size, cycle, cpu, task, kernel, callchain, not a list");
  EXPECT_EQ(error("last: {cpu: 2}"),
            "a.yaml:8:40: error: CPU 2 is none of the machine's, which are 0 to 1; "
            "raise `cpus` of `machine`");
}

}  // namespace
}  // namespace trapline::scenario
