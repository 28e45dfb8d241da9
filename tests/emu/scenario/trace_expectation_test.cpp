// Lines of a trace, made up here, against what scenarios expect of it.
#include "emu/scenario/trace_expectation.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "support.hpp"
#include "tests/support/tiny_elf.hpp"

namespace trapline::scenario {
namespace {

using isa::Isa;
using machine::Hex;
using machine::Layer;
using machine::TraceEvent;

constexpr std::string_view kHead = "scenario: x\nprogram: {c: {source: ''}}\nexpect:\n  trace: ";

std::vector<TraceExpectation> expected(std::string_view trace) {
  return parse(std::string(kHead) + std::string(trace) + "\n", "a.yaml").scenarios.at(Isa::X86_64).trace;
}

TraceEvent line(std::uint64_t order, Layer layer, const char* what,
                std::vector<std::pair<std::string, machine::TraceValue>> fields) {
  return {order, 10 * order, 1, 1000, layer, what, std::move(fields)};
}

class TraceExpectationTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto elf = support::tiny_elf(Isa::X86_64, std::array<std::byte, 4>{});
    const auto file = folder_.write("a", {reinterpret_cast<const char*>(elf.image.data()), elf.image.size()});
    symbols_ = std::make_unique<SymbolTable>(SymbolTable::load(file));
  }

  // What is wrong with four lines.
  std::string judged(std::string_view trace, Wording wording = Wording()) const {
    const std::vector<TraceExpectation> wanted = expected(trace);
    TraceMatcher matcher(wanted, *symbols_);
    matcher.set_main(1000);
    std::size_t handed_on = 0;
    const auto sink = matcher.sink([&](const TraceEvent&) { ++handed_on; });
    sink(line(1, Layer::DebugUnit, "match",
              {{"slots", std::uint64_t{3}}, {"timing", std::string("after")}, {"address", Hex{0x1000}}}));
    sink(line(2, Layer::Exception, "#DB", {{"DR6", Hex{0xffff0ff1}}, {"rip", Hex{0x2000}}}));
    sink(line(3, Layer::FrontEnd, "force_sig_fault",
              {{"signal", std::string("SIGTRAP")}, {"code", std::int64_t{-6}}}));
    sink(line(4, Layer::Syscall, "read", {{"errno", std::int64_t{11}}}));
    EXPECT_EQ(handed_on, 4u);
    std::vector<Problem> problems;
    judge_trace(wanted, matcher.match(), *symbols_, 1000, wording, problems);
    return problems.empty() ? "" : problems.front().text();
  }

  test::TemporaryFolder folder_;
  std::unique_ptr<SymbolTable> symbols_;
};

TEST_F(TraceExpectationTest, ASubsequence) {
  EXPECT_EQ(judged("[{layer: debug-unit}, {layer: syscall}]"), "");
  EXPECT_EQ(
      judged("[{event: match, slots: 3, timing: after, address: 0x1000, cycle: 10, cpu: 1, task: main}, "
             "{order: 2, DR6: {mask: 0xf, value: 1}, rip: {min: 0x1000, max: 0x2000}}, "
             "{signal: SIGTRAP, code: {max: -1}}, {event: read, errno: EAGAIN}]"),
      "");
  EXPECT_EQ(judged("[{code: -6}]"), "");
}

TEST_F(TraceExpectationTest, WhatDoesNotCome) {
  EXPECT_EQ(
      judged("[{layer: debug-unit}, {layer: exception, event: '#DB', DR6: 0xffff0ff2}]"),
      "a.yaml:4:32: error: trace, item 2: no line has layer exception, event #DB, DR6 0xffff0ff2 after #1; "
      "the nearest that follows, #2 (exception #DB): DR6 is 0xffff0ff1, expected 0xffff0ff2");
  EXPECT_EQ(
      judged("[{layer: exception}, {layer: debug-unit}]"),
      "a.yaml:4:31: error: trace, item 2: no line has layer debug-unit after #2; #1 has, but comes before "
      "that");
  EXPECT_EQ(judged("[{layer: exception}, {layer: exception}]"),
            "a.yaml:4:31: error: trace, item 2: no line has layer exception after #2");
  EXPECT_EQ(
      judged("[{event: match, slots: {mask: 4, value: 4}, rip: {max: 5}}]"),
      "a.yaml:4:11: error: trace, item 1: no line has event match, slots 4 in the bits 0x4, rip at most 5; "
      "the nearest, #1 (debug-unit match): slots is 3, expected 4 in the bits 0x4, and rip is not there, "
      "expected at most 5");
  EXPECT_EQ(judged("[{event: nowhere}]"), "a.yaml:4:11: error: trace, item 1: no line has event nowhere");
}

TEST_F(TraceExpectationTest, NothingIsRevealed) {
  EXPECT_EQ(judged("[{event: match}, {event: secret}]", Wording(false)),
            "a.yaml:4:27: error: trace, item 2: the trace has no line that is expected there");
}

// All but what it has found so far, and what came nearest, is forgotten.
TEST_F(TraceExpectationTest, KeepsNoMoreThanOneLine) {
  const std::vector<TraceExpectation> wanted = expected("[{event: a, cycle: 0}, {event: b}]");
  TraceMatcher matcher(wanted, *symbols_);
  const auto sink = matcher.sink({});
  for (std::uint64_t order = 1; order <= 1000; ++order) sink(line(order, Layer::Task, "a", {}));
  EXPECT_EQ(matcher.match().found, 0u);
  EXPECT_EQ(matcher.match().nearest->order, 1u);
}

TEST(TraceMatcherTest, NobodyIsCalledForNothing) {
  const test::TemporaryFolder folder;
  const auto elf = support::tiny_elf(Isa::X86_64, std::array<std::byte, 4>{});
  const SymbolTable symbols = SymbolTable::load(
      folder.write("a", {reinterpret_cast<const char*>(elf.image.data()), elf.image.size()}));
  TraceMatcher matcher({}, symbols);
  EXPECT_FALSE(matcher.sink({}));
}

TEST(TraceExpectationFormat, WhatIsWrong) {
  const auto error = [](std::string_view trace) {
    return test::parse_error(std::string(kHead) + std::string(trace) + "\n");
  };
  EXPECT_EQ(error("[{layer: perv}]"),
            "a.yaml:4:19: error: `layer` does not know `perv`; did you mean `perf`?");
  EXPECT_EQ(error("[{DR66: 1}]"),
            "a.yaml:4:12: error: an item of `trace` has no key `DR66`; did you mean `DR6`?");
  EXPECT_EQ(error("[{DR6: {mask: 1}}]"), "a.yaml:4:17: error: `mask` and `value` want each other");
  EXPECT_EQ(error("[{DR6: {mask: 1, value: 1, min: 2}}]"),
            "a.yaml:4:37: error: `DR6` takes only one of the keys min, mask; remove the others\n"
            "a.yaml:4:37: error: `DR6` takes only one of the keys min, value; remove the others");
}

}  // namespace
}  // namespace trapline::scenario
