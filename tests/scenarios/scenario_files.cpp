// Runs the scenario files given as arguments, each on all of its instruction sets: it must pass, and nothing
// of what it shows may depend on the engine's gear or on which run it is.
#include <gtest/gtest.h>

#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <utility>

#include "emu/scenario/document.hpp"
#include "tests/scenarios/observation.hpp"

namespace trapline::scenario::test {
namespace {

using machine::Gear;

class ScenarioFile : public testing::Test {
 public:
  ScenarioFile(std::shared_ptr<const Document> document, isa::Isa isa)
      : document_(std::move(document)), isa_(isa) {}

  void TestBody() override {
    const Observation first = observe(*document_, isa_, Gear::WatchedPages);
    for (const Problem& problem : first.verdict.problems) ADD_FAILURE() << problem.text();
    {
      SCOPED_TRACE("a second run");
      expect_same(first, observe(*document_, isa_, Gear::WatchedPages));
    }
    const Observation everything = observe(*document_, isa_, Gear::Everything);
    {
      SCOPED_TRACE("the gear that observes everything");
      expect_same(first, everything);
    }
    {
      SCOPED_TRACE("a second run of the gear that observes everything");
      expect_same(everything, observe(*document_, isa_, Gear::Everything));
    }
  }

 private:
  // The report holds events, output, cycles, and the checksum of the guest's memory.
  static void expect_same(const Observation& a, const Observation& b) {
    EXPECT_EQ(first_difference(a.trace, b.trace), "");
    EXPECT_EQ(first_difference(a.report, b.report), "");
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
