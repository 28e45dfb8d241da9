#include "emu/scenario/place.hpp"

#include <gtest/gtest.h>

namespace trapline::scenario {
namespace {

TEST(Place, SymbolWithOrWithoutOffset) {
  EXPECT_EQ(parse_place("counter"), (Place{"counter", 0}));
  EXPECT_EQ(parse_place("counter+4"), (Place{"counter", 4}));
  EXPECT_EQ(parse_place("bump+0x12"), (Place{"bump", 0x12}));
  EXPECT_EQ(parse_place("state.0+8"), (Place{"state.0", 8}));
  EXPECT_EQ(parse_place("memcpy@GLIBC_2.14"), (Place{"memcpy@GLIBC_2.14", 0}));
}

TEST(Place, AddressIsHexadecimal) {
  EXPECT_EQ(parse_place("0x404010"), (Place{"", 0x404010}));
  EXPECT_EQ(parse_place("0xc000000000001000"), (Place{"", 0xc000000000001000}));
}

TEST(Place, RefusesWhatIsNeither) {
  for (const char* text : {"", "4", "404010", "counter+", "counter-4", "counter + 4", "counter+4+4", "+4",
                           "a b", "0x", "0xg", "counter[1]", "counter+0x10000000000000000"}) {
    EXPECT_EQ(parse_place(text), std::nullopt) << text;
  }
}

TEST(Place, TextAndPlaceAreInverse) {
  for (const char* text : {"counter", "bump+0x12", "0x404010"}) {
    EXPECT_EQ(to_string(parse_place(text).value()), text);
  }
}

}  // namespace
}  // namespace trapline::scenario
