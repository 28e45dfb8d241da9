// What particular scenarios of the repository show beyond what a scenario file can expect.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "emu/scenario/document.hpp"
#include "emu/scenario/runner.hpp"
#include "tests/scenarios/observation.hpp"

namespace trapline::scenario::test {
namespace {

using isa::Isa;
using machine::Gear;
using testing::HasSubstr;

Document scenario(const std::string& name) {
  return load(std::filesystem::path(TRAPLINE_SOURCE_DIR) / "scenarios" / name);
}

class QuickStart : public testing::TestWithParam<Isa> {};

TEST_P(QuickStart, HundredRunsLeaveTheSameTrace) {
  const Document document = scenario("quickstart/quickstart.yaml");
  const Observation first = observe(document, GetParam(), Gear::WatchedPages);
  EXPECT_NE(first.trace, "");
  for (int i = 1; i < 100; ++i) {
    const Observation again = observe(document, GetParam(), Gear::WatchedPages);
    ASSERT_EQ(first_difference(first.trace, again.trace), "") << "run " << i + 1;
    ASSERT_EQ(first_difference(first.report, again.report), "") << "run " << i + 1;
  }
}

INSTANTIATE_TEST_SUITE_P(BothIsas, QuickStart, testing::Values(Isa::X86_64, Isa::Ppc64),
                         [](const auto& test) { return test.param == Isa::X86_64 ? "X86_64" : "Ppc64"; });

class StrayHits : public testing::TestWithParam<const char*> {};

TEST_P(StrayHits, AreCountedApartAndShown) {
  const Observation observation = observe(scenario(GetParam()), Isa::Ppc64, Gear::WatchedPages);
  const EventResult& stores = observation.verdict.outcome->events.front();
  EXPECT_EQ(stores.reading.count, 1u);
  EXPECT_EQ(stores.stray_hits, 3u);
  EXPECT_THAT(observation.report, HasSubstr(R"("stray": 3)"));
  EXPECT_THAT(observation.trace, HasSubstr("hw_breakpoint_handler: stray"));
}

INSTANTIATE_TEST_SUITE_P(RequestsShorterThanDabr, StrayHits,
                         testing::Values("ppc64/stray-1.yaml", "ppc64/stray-2.yaml", "ppc64/stray-4.yaml"),
                         [](const auto& test) { return "Case" + std::to_string(test.index + 1); });

// Intel SDM vol. 3, 17.2.3: B0 to B3 of DR6, one for each register that matched; the other bits as after
// reset.
TEST(FourRegisters, Dr6NamesThoseThatMatched) {
  const Observation observation =
      observe(scenario("x86/four-registers.yaml"), Isa::X86_64, Gear::WatchedPages);
  std::string statuses;
  std::size_t at = 0;
  const std::string key = R"("event":"#DB","DR6":")";
  while ((at = observation.trace.find(key, at)) != std::string::npos) {
    at += key.size();
    statuses += observation.trace.substr(at, observation.trace.find('"', at) - at) + " ";
  }
  EXPECT_EQ(statuses, "0xffff0fff 0xffff0ffc 0xffff0ff2 ");
}

// What a hit finds is what the one before it left, whoever wrote.
TEST(TwoWriters, EachOverwritesWhatTheLastOneWrote) {
  const Document document = scenario("observe/two-writers.yaml");
  for (const Isa isa : document.isas) {
    for (const Gear gear : {Gear::WatchedPages, Gear::Everything}) {
      const Observation observation = observe(document, isa, gear);
      for (const EventResult& event : observation.verdict.outcome->events) {
        ASSERT_EQ(event.hits.size(), 200u);
        for (std::size_t i = 1; i < event.hits.size(); ++i) {
          EXPECT_EQ(event.hits[i].old_value, event.hits[i - 1].new_value) << event.name << ", hit " << i + 1;
          EXPECT_GT(event.hits[i].order, event.hits[i - 1].order) << event.name << ", hit " << i + 1;
        }
      }
    }
  }
}

// The numbers are of what happened, not of what is shown of it.
TEST(Order, IsTheSameWithoutATraceAndGrowsWithinOne) {
  const Document document = scenario("observe/order.yaml");
  for (const Isa isa : document.isas) {
    const Observation traced = observe(document, isa, Gear::WatchedPages);
    RunOptions options;
    options.build.cache = TRAPLINE_GUEST_CACHE;
    const Outcome plain = run(document.scenarios.at(isa), isa, options);
    const auto& events = traced.verdict.outcome->events;
    for (std::size_t i = 0; i < events.size(); ++i) {
      ASSERT_EQ(events[i].hits.size(), plain.events[i].hits.size());
      for (std::size_t hit = 0; hit < events[i].hits.size(); ++hit)
        EXPECT_EQ(events[i].hits[hit].order, plain.events[i].hits[hit].order);
    }
    std::uint64_t last = 0;
    const std::string key = R"({"order":)";
    for (std::size_t at = 0; (at = traced.trace.find(key, at)) != std::string::npos;) {
      at += key.size();
      const std::uint64_t order = std::stoull(traced.trace.substr(at, 20));
      EXPECT_GT(order, last);
      last = order;
    }
    EXPECT_GT(last, 0u);
  }
}

TEST(DisabledEvent, WritesNoDebugRegister) {
  const Document document = scenario("perf/disabled.yaml");
  for (const Isa isa : document.isas) {
    EXPECT_THAT(observe(document, isa, Gear::WatchedPages).trace, Not(HasSubstr("install_hw_breakpoint")));
  }
}

}  // namespace
}  // namespace trapline::scenario::test
