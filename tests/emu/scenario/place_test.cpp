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
  for (const char* text : {"",
                           "4",
                           "404010",
                           "counter+",
                           "counter-4",
                           "counter + 4",
                           "counter+4+4",
                           "+4",
                           "a b",
                           "0x",
                           "0xg",
                           "counter[",
                           "counter[]",
                           "counter[-1]",
                           "a->",
                           "a..b[0].",
                           "(a",
                           "((a))",
                           "a.c:0",
                           "a.c:x",
                           "heap:",
                           "*",
                           "a::",
                           "::a",
                           "counter+0x10000000000000000"}) {
    EXPECT_EQ(parse_place(text), std::nullopt) << text;
  }
}

TEST(Place, Steps) {
  const Place::Step follow = Place::Follow{};
  EXPECT_EQ(parse_place("list->head.x[2]"),
            (Place{.symbol = "list",
                   .steps = {follow, Place::Field{"head"}, Place::Field{"x"}, Place::Element{2}}}));
  EXPECT_EQ(parse_place("*p"), (Place{.symbol = "p", .steps = {follow}}));
  EXPECT_EQ(parse_place("*p->q"), (Place{.symbol = "p", .steps = {follow, Place::Field{"q"}, follow}}));
  EXPECT_EQ(parse_place("(*p).q"), parse_place("p->q"));
  EXPECT_EQ(parse_place("bank::Counter::total+4"), (Place{"bank::Counter::total", 4}));
}

TEST(Place, TemplatesAreNames) {
  EXPECT_EQ(parse_place("Box<int>::made"), (Place{"Box<int>::made", 0}));
  EXPECT_EQ(parse_place("f<A<int>, B<long> >::x->y"),
            (Place{.symbol = "f<A<int>, B<long> >::x", .steps = {Place::Follow{}, Place::Field{"y"}}}));
  for (const char* text : {"Box<int", "Box<A<B<C> > >::x", "<int>", "Box<int>>"})
    EXPECT_EQ(parse_place(text), std::nullopt) << text;
}

TEST(Place, Lines) {
  EXPECT_EQ(parse_place("a-b/c.c:12"), (Place{.symbol = "", .file = "a-b/c.c", .line = 12}));
  EXPECT_EQ(parse_place("c.c:12:x[1]"),
            (Place{.symbol = "x", .steps = {Place::Element{1}}, .file = "c.c", .line = 12}));
  EXPECT_EQ(parse_place("heap:c.c:12"), (Place{.symbol = "", .file = "c.c", .line = 12, .heap = true}));
  EXPECT_EQ(parse_place("heap:make"), (Place{.symbol = "make", .heap = true}));
}

TEST(Place, TextAndPlaceAreInverse) {
  for (const char* text : {"counter", "bump+0x12", "0x404010", "list->head->next", "*p", "(*p)[2]", "a.b",
                           "a.c:12", "a.c:12:x", "heap:make+0x4", "heap:a.c:3"}) {
    EXPECT_EQ(to_string(parse_place(text).value()), text);
  }
}

}  // namespace
}  // namespace trapline::scenario
