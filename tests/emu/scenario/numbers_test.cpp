#include "emu/scenario/numbers.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace trapline::scenario {
namespace {

TEST(Numbers, DecimalAndHexadecimal) {
  EXPECT_EQ(parse_unsigned("0"), 0u);
  EXPECT_EQ(parse_unsigned("1234"), 1234u);
  EXPECT_EQ(parse_unsigned("0x1f"), 0x1fu);
  EXPECT_EQ(parse_unsigned("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_unsigned("0xffffffffffffffff"), std::numeric_limits<std::uint64_t>::max());
}

TEST(Numbers, RefusesEverythingElse) {
  for (const char* text : {"", "0x", "010", "-1", "+1", " 1", "1 ", "1e9", "1_000", "0o17", "0x-1", "four",
                           "18446744073709551616", "0x10000000000000000"}) {
    EXPECT_EQ(parse_unsigned(text), std::nullopt) << text;
  }
}

TEST(Numbers, NegativeOnesAreTwosComplement) {
  EXPECT_EQ(parse_signed("-1"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_signed("-9223372036854775808"), std::uint64_t{1} << 63);
  EXPECT_EQ(parse_signed("-9223372036854775809"), std::nullopt);
  EXPECT_EQ(parse_signed("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_signed("--1"), std::nullopt);
}

TEST(Numbers, SizesTakeUnits) {
  EXPECT_EQ(parse_size("65536"), 65536u);
  EXPECT_EQ(parse_size("64KiB"), 65536u);
  EXPECT_EQ(parse_size("64 KiB"), 65536u);
  EXPECT_EQ(parse_size("0x10MiB"), std::uint64_t{16} << 20);
  EXPECT_EQ(parse_size("2GiB"), std::uint64_t{2} << 30);
  for (const char* text : {"", "KiB", "1KB", "1kib", "1  KiB", "1.5GiB", "18446744073709551615KiB"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace trapline::scenario
