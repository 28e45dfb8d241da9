#include "emu/kernel/hw_breakpoint/flat_map.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace trapline::kernel {
namespace {

TEST(FlatMap, HasWhatAMapHas) {
  std::mt19937 random(64);  // NOLINT: the same in every run
  FlatMap<std::uint64_t, std::unique_ptr<int>> flat;
  std::map<std::uint64_t, int> map;
  EXPECT_EQ(flat.find(1), nullptr);
  for (int step = 0; step < 40'000; ++step) {
    // From few keys, so that there are many of each kind of change, to many, and back.
    const std::uint64_t keys = step / 10'000 % 2 == 0 ? 20 : 3000;
    const std::uint64_t key = 1 + random() % keys;
    if (map.contains(key) && random() % 2 == 0) {
      map.erase(key);
      flat.erase(key);
    } else {
      map[key] = step;
      flat[key] = std::make_unique<int>(step);
    }
    const std::uint64_t other = 1 + random() % keys;
    const auto known = map.find(other);
    const auto* const found = flat.find(other);
    ASSERT_EQ(found != nullptr, known != map.end());
    if (found != nullptr) {
      ASSERT_EQ(**found, known->second);
    }
  }
  std::size_t seen = 0;
  EXPECT_FALSE(flat.any_of([&](std::uint64_t key, const std::unique_ptr<int>& value) {
    ++seen;
    return map.at(key) != *value;
  }));
  EXPECT_EQ(seen, map.size());
  while (!map.empty()) {
    flat.erase(map.begin()->first);
    map.erase(map.begin());
    for (const auto& [key, value] : map) {
      ASSERT_NE(flat.find(key), nullptr);
      if (map.size() > 50) break;
    }
  }
  EXPECT_FALSE(flat.any_of([](std::uint64_t, const std::unique_ptr<int>&) { return true; }));
}

}  // namespace
}  // namespace trapline::kernel
