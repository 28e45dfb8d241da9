// docs/scenario.schema.json, which users point their editors at, is what `trapline schema` prints.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "emu/scenario/schema_json.hpp"

namespace trapline::scenario {
namespace {

TEST(SchemaFile, IsWhatTheProgramPrints) {
  const auto path = std::filesystem::path(TRAPLINE_SOURCE_DIR) / "docs" / "scenario.schema.json";
  std::ifstream file(path, std::ios::binary);
  ASSERT_TRUE(file) << path;
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  // No EXPECT_EQ: it would print both, thousands of lines.
  EXPECT_TRUE(text == json_schema())
      << "the format has changed; build/trapline schema > docs/scenario.schema.json";
}

}  // namespace
}  // namespace trapline::scenario
