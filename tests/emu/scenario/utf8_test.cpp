#include "emu/scenario/utf8.hpp"

#include <gtest/gtest.h>

namespace trapline::scenario {
namespace {

TEST(Utf8, KnowsItsSequences) {
  EXPECT_EQ(utf8_sequence("a"), 1u);
  EXPECT_EQ(utf8_sequence("\xc2\x80z"), 2u);
  EXPECT_EQ(utf8_sequence("\xe0\xa0\x80"), 3u);
  EXPECT_EQ(utf8_sequence("\xed\x9f\xbf"), 3u);
  EXPECT_EQ(utf8_sequence("\xf0\x90\x80\x80"), 4u);
  EXPECT_EQ(utf8_sequence("\xf4\x8f\xbf\xbf"), 4u);
  // Cut, without a start, overlong, surrogates, beyond U+10FFFF.
  for (const char* text :
       {"\xc2", "\x80", "\xe0\xa0", "\xf0\x90\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    EXPECT_EQ(utf8_sequence(text), 0u) << printable(text);
  }
}

TEST(Utf8, PrintableHasNothingThatATerminalObeys) {
  EXPECT_EQ(printable("a\nä\x1b[0m\x7f\xc2\x9b\xff\t"), "a\\nä\\x1b[0m\\x7f\\x9b\\xff\\x09");
  EXPECT_EQ(printable("a\nb\r", Lines::Kept), "a\nb\\x0d");
}

TEST(Utf8, XmlHasNothingThatIsNone) {
  EXPECT_EQ(xml("<&>\"\n\t\r"), "&lt;&amp;&gt;&quot;&#10;&#9;&#13;");
  // Of the surrogate each byte, since it is no sequence.
  EXPECT_EQ(xml("\x01\xff\xef\xbf\xbe\xef\xbf\xbf\xed\xa0\x80"),
            "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd");
  EXPECT_EQ(xml("\xef\xbf\xbd\xc2\x85"), "\xef\xbf\xbd\xc2\x85");
}

}  // namespace
}  // namespace trapline::scenario
