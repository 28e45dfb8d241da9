// One run with perf events, against what scenarios expect of it.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "emu/scenario/judge.hpp"
#include "emu/scenario/runner.hpp"
#include "support.hpp"

namespace trapline::scenario {
namespace {

using isa::Isa;

// Lines 1 to 25 of each file; what a test adds starts at line 26.
constexpr std::string_view kHead = R"(scenario: x
isa: x86-64
program:
  assembly: |
    .intel_syntax noprefix
    .globl _start
    _start:
      mov ecx, 4
    loop:
      mov dword ptr [cell], ecx
    stored:
      dec ecx
      jnz loop
      mov eax, 60
      xor edi, edi
      syscall
    .comm cell, 8, 8
events:
  leader: {software: dummy, enabled: false}
  writes: {watch: cell, sample: [ip, tid, cpu, read, period], buffer: 1, read-format: [id, total-time-enabled]}
  member: {software: dummy, group: leader}
  late: {watch: cell, task: 2}
  refused: {watch: cell, length: 3}
actions:
  - {hit: {event: writes, number: 2}, close: member}
)";

class PerfJudge : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const test::TemporaryFolder folder;
    RunOptions options;
    options.build.cache = folder.path() / "cache";
    outcome_ = new Outcome(run(document(kActions).scenarios.at(Isa::X86_64), Isa::X86_64, options));
  }
  static void TearDownTestSuite() { delete outcome_; }

  static Document document(std::string_view more) {
    return parse(std::string(kHead) + std::string(more), "a.yaml");
  }

  // What is wrong beside what is wrong with `late` and `refused`.
  static std::string judged(std::string_view more) {
    std::string problems;
    const Document document = PerfJudge::document(more);
    for (const Problem& problem : judge(document.scenarios.at(Isa::X86_64), *outcome_)) {
      if (problem.at.line >= 26) problems += problem.text() + "\n";
    }
    return problems;
  }

  static constexpr std::string_view kActions =
      "  - {hit: {event: writes, number: 3}, read: {event: writes}}\n"
      "  - {hit: {event: writes, number: 3}, enable: member}\n"
      "  - {hit: {event: writes, number: 9}, enable: leader}\n";

  static std::string expecting(std::string_view event) {
    std::string text(kActions);
    text += "expect: {events: {writes: ";
    text += event;
    return judged(text += "}}\n");
  }

  // When the third write was.
  static std::string time() { return std::to_string(outcome_->actions[1].time.value()); }

  static Outcome* outcome_;
};

Outcome* PerfJudge::outcome_ = nullptr;

constexpr const char* kAlways =
    "a.yaml:27:5: error: 'enable member' was refused: EBADF: the event is not open\n"
    "a.yaml:28:5: error: the run ended before 'enable leader'\n";

TEST_F(PerfJudge, WhatCouldNotBeOpened) {
  std::string problems;
  const Document document = PerfJudge::document(kActions);
  for (const Problem& problem : judge(document.scenarios.at(Isa::X86_64), *outcome_))
    problems += problem.text() + "\n";
  std::string expected =
      "a.yaml:22:3: error: event 'late' was never opened: it is for task 2, and the run made 1\n"
      "a.yaml:23:34: error: event 'refused' could not be opened: EINVAL: x86-64 watches 1, 2, 4 or 8 bytes "
      "(DR7.LEN, SDM vol. 3B, 17.2.4), and 3 is none of these\n";
  EXPECT_EQ(problems, expected += kAlways);
}

TEST_F(PerfJudge, WhatHolds) {
  EXPECT_EQ(
      expecting("{count: 4, state: exit, lost: 0, samples: 4, time-enabled: {min: 1}, more: true, "
                "more-records: true, hits: [{new: 4}], "
                "records: [{type: sample, ip: stored, task: main, cpu: 0, period: 1, mode: user, count: 1, "
                "values: {writes: 1}}]}"),
      kAlways);
}

TEST_F(PerfJudge, NumbersOfAnEvent) {
  const std::string always = kAlways;
  EXPECT_EQ(expecting("{count: 5}"), always + "a.yaml:29:35: error: event 'writes' counted 4, expected 5\n");
  EXPECT_EQ(expecting("{state: off}"),
            always + "a.yaml:29:35: error: event 'writes' is in state exit, expected off\n");
  EXPECT_EQ(expecting("{lost: {min: 1}}"),
            always + "a.yaml:29:34: error: event 'writes' lost 0 samples, expected 1 or more\n");
  EXPECT_EQ(expecting("{samples: {min: 5, max: 6}}"),
            always + "a.yaml:29:37: error: event 'writes' left 4 samples, expected 5 to 6\n");
  EXPECT_EQ(
      expecting("{time-enabled: 1}").find(always + "a.yaml:29:42: error: event 'writes' was enabled for "),
      0u);
  EXPECT_EQ(expecting("{time-running: {max: 1}}")
                .find(always + "a.yaml:29:42: error: event 'writes' was on a CPU for "),
            0u);
}

TEST_F(PerfJudge, Records) {
  const std::string always = kAlways;
  EXPECT_EQ(expecting("{records: [{}]}"),
            always + "a.yaml:29:19: error: event 'writes' had 4 records, expected 1\n");
  const auto first = [&](const std::string& record) {
    const std::string problems = expecting("{more-records: true, records: [" + record + "]}");
    EXPECT_EQ(problems.find(always), 0u);
    return problems.substr(std::min(problems.size(), always.size()));
  };
  EXPECT_EQ(first("{type: lost}"),
            "a.yaml:29:65: error: event 'writes', record 1: it is sample, expected lost\n");
  EXPECT_EQ(first("{ip: loop}"),
            "a.yaml:29:63: error: event 'writes', record 1: the instruction is stored, expected loop\n");
  EXPECT_EQ(first("{ip: nowhere}"),
            "a.yaml:29:63: error: the program has no symbol 'nowhere'; if it was optimised away, make it "
            "volatile\n");
  EXPECT_EQ(first("{addr: cell}"),
            "a.yaml:29:65: error: event 'writes', record 1: it does not tell the address\n");
  EXPECT_EQ(first("{task: 7}"),
            "a.yaml:29:65: error: event 'writes', record 1: the task is 1000, expected 7\n");
  EXPECT_EQ(first("{mode: kernel}"),
            "a.yaml:29:65: error: event 'writes', record 1: the mode is user, expected kernel\n");
  EXPECT_EQ(first("{period: 2}"),
            "a.yaml:29:67: error: event 'writes', record 1: the period is 1, expected 2\n");
  EXPECT_EQ(first("{count: 2}"),
            "a.yaml:29:66: error: event 'writes', record 1: the count is 1, expected 2\n");
  EXPECT_EQ(first("{time-running: 1}"),
            "a.yaml:29:73: error: event 'writes', record 1: it does not tell the time running\n");
  EXPECT_EQ(first("{values: {leader: 0}}"),
            "a.yaml:29:76: error: event 'writes', record 1: it does not tell the count of event 'leader'; "
            "that wants `read-format: [id, group]`\n");
  EXPECT_EQ(first("{values: {writes: 3}}"),
            "a.yaml:29:76: error: event 'writes', record 1: event 'writes' counted 1, expected 3\n");
  EXPECT_EQ(first("{event: leader}"),
            "a.yaml:29:66: error: event 'writes', record 1: it is of event '', expected 'leader'\n");
  EXPECT_EQ(
      first("{callchain: [main]}"),
      "a.yaml:29:71: error: event 'writes', record 1: function 1 of the call chain is '', expected 'main'\n");
}

TEST_F(PerfJudge, HitsOfASoftwareEventHaveNoAccess) {
  Outcome outcome = *outcome_;
  outcome.events[1].hits.front().access.reset();
  const Document document = PerfJudge::document(std::string(kActions).append(
      "expect: {events: {writes: {more: true, hits: [{at: cell, access: w, size: 4}]}}}\n"));
  std::string problems;
  for (const Problem& problem : judge(document.scenarios.at(Isa::X86_64), outcome)) {
    if (problem.at.line == 29) problems += problem.text() + "\n";
  }
  EXPECT_EQ(problems,
            "a.yaml:29:52: error: event 'writes', hit 1: it does not tell the address\n"
            "a.yaml:29:66: error: event 'writes', hit 1: there is no access\n"
            "a.yaml:29:75: error: event 'writes', hit 1: it does not tell the size\n");
}

TEST_F(PerfJudge, WhatAnActionReads) {
  const auto read = [](const std::string& what, const std::string& rest = "") {
    return judged("  - {hit: {event: writes, number: 3}, read: {event: writes" + what +
                  "}}\n  - {hit: {event: writes, number: 3}, enable: member" + rest +
                  "}\n  - {hit: {event: writes, number: 9}, enable: leader}\n");
  };
  EXPECT_EQ(read(", count: 3, state: active, values: {writes: 3}"), kAlways);
  EXPECT_EQ(read(", count: 2, values: {writes: 4, leader: 0}", ", expect-error: EBADF"),
            "a.yaml:26:68: error: 'read writes' at " + time() + " counted 3, expected 2\n" +
                "a.yaml:26:88: error: 'read writes' at " + time() +
                ": event 'writes' counted 3, expected 4\n" + "a.yaml:26:99: error: 'read writes' at " +
                time() + ": event 'leader' is not in its group\n" +
                "a.yaml:28:5: error: the run ended before 'enable leader'\n");
  EXPECT_EQ(
      read("", ", expect-error: EINVAL"),
      "a.yaml:27:69: error: 'enable member' was refused, but not with EINVAL: EBADF: the event is not open\n"
      "a.yaml:28:5: error: the run ended before 'enable leader'\n");
}

}  // namespace
}  // namespace trapline::scenario
