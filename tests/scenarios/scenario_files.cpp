// Runs the scenario files given as arguments, each on all of its instruction sets: it must pass, and nothing
// of what it shows may depend on the engine's gear, on which run it is, or on who observes it from outside.
#include <gtest/gtest.h>

#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "emu/scenario/document.hpp"
#include "emu/scenario/runner.hpp"
#include "tests/scenarios/observation.hpp"

namespace trapline::scenario::test {
namespace {

using machine::Gear;

// Under the sanitizers each way of running is run once: whether two runs agree, they do not change.
#ifdef __SANITIZE_ADDRESS__
constexpr bool kTwice = false;
#else
constexpr bool kTwice = true;
#endif

class ScenarioFile : public testing::Test {
 public:
  ScenarioFile(std::shared_ptr<const Document> document, isa::Isa isa)
      : document_(std::move(document)), isa_(isa) {}

  void TestBody() override {
    const Observation first = observe(*document_, isa_, Gear::WatchedPages);
    if (!first.verdict.passed()) {
      for (const Problem& problem : first.verdict.problems) ADD_FAILURE() << problem.text();
    }
    if (kTwice) {
      SCOPED_TRACE("a second run");
      expect_same(first, observe(*document_, isa_, Gear::WatchedPages));
    }
    const Observation everything = observe(*document_, isa_, Gear::Everything);
    {
      SCOPED_TRACE("the gear that observes everything");
      expect_same(first, everything);
    }
    if (kTwice) {
      SCOPED_TRACE("a second run of the gear that observes everything");
      expect_same(everything, observe(*document_, isa_, Gear::Everything));
    }
    if (document_->scenarios.at(isa_).bare) return;
    const Document observed = with_observers();
    for (const Gear gear : {Gear::WatchedPages, Gear::Everything}) {
      SCOPED_TRACE("with observers from outside");
      expect_same_end(*first.verdict.outcome, *observe(observed, isa_, gear).verdict.outcome);
    }
  }

 private:
  // The report holds events, output, cycles, and the checksum of the guest's memory.
  static void expect_same(const Observation& a, const Observation& b) {
    EXPECT_EQ(first_difference(a.trace, b.trace), "");
    EXPECT_EQ(first_difference(a.report, b.report), "");
  }

  // Observers of what the events watch, and of what lies around it.
  Document with_observers() const {
    Document document = *document_;
    Scenario scenario = document.scenarios.at(isa_);
    const std::vector<EventSpec> own = scenario.events;
    for (const EventSpec& event : own) {
      if (!event.watch) continue;
      EventSpec observer;
      observer.observe = true;
      observer.watch = event.watch;
      observer.name = event.name + ".data";
      observer.attr.bp_type = kernel::kHwBreakpointR | kernel::kHwBreakpointW;
      observer.attr.bp_len = 64;
      scenario.events.push_back(observer);
      if (event.observe || event.arm) continue;  // what it watches may move, and then is no code
      observer.name = event.name + ".code";
      observer.attr.bp_type = kernel::kHwBreakpointX;
      scenario.events.push_back(observer);
    }
    document.scenarios.set(isa_, std::move(scenario));
    return document;
  }

  // All but the numbers of hits: observers' have some of their own.
  static void expect_same_end(const Outcome& alone, const Outcome& observed) {
    EXPECT_EQ(alone.exit.wait_status(), observed.exit.wait_status());
    EXPECT_EQ(alone.output, observed.output);
    EXPECT_EQ(alone.error_output, observed.error_output);
    EXPECT_EQ(alone.cycles, observed.cycles);
    EXPECT_EQ(alone.memory_checksum, observed.memory_checksum);
    for (std::size_t i = 0; i < alone.events.size(); ++i) {
      const EventResult& a = alone.events[i];
      const EventResult& b = observed.events[i];
      EXPECT_EQ(a.reading.count, b.reading.count) << a.name;
      ASSERT_EQ(a.hits.size(), b.hits.size()) << a.name;
      for (std::size_t hit = 0; hit < a.hits.size(); ++hit) {
        EXPECT_EQ(a.hits[hit].cycle, b.hits[hit].cycle) << a.name;
        EXPECT_EQ(a.hits[hit].new_value, b.hits[hit].new_value) << a.name;
      }
    }
  }

  std::shared_ptr<const Document> document_;
  isa::Isa isa_;
};

void add(const std::filesystem::path& file) {
  const auto document = std::make_shared<const Document>(load(file));
  for (const isa::Isa isa : document->isas) {
    const std::string name(isa::name(isa));
    testing::RegisterTest(file.string().c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [document, isa]() -> ScenarioFile* { return new ScenarioFile(document, isa); });
  }
}

}  // namespace
}  // namespace trapline::scenario::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    if (argc < 2) throw std::invalid_argument("no scenario files given");
    for (int i = 1; i < argc; ++i) trapline::scenario::test::add(argv[i]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 2;
  }
  return RUN_ALL_TESTS();
}
