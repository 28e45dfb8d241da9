#include "emu/scenario/yaml.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "support.hpp"

namespace trapline::scenario::yaml {
namespace {

std::string error(std::string_view text) {
  return test::error_of([&] { parse(text, "a.yaml"); });
}

TEST(Yaml, KeepsTheOrderAndTheMarks) {
  const Node root = parse("b: 1\na:\n  - x\n  - 'y'\n", "a.yaml");
  ASSERT_EQ(root.keys.size(), 2u);
  EXPECT_EQ(root.keys[0].text, "b");
  const Node* list = root.find("a");
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->items.size(), 2u);
  EXPECT_EQ(list->items[1].line, 4u);
  EXPECT_EQ(list->items[1].column, 5u);
  EXPECT_FALSE(list->items[1].plain);
  EXPECT_EQ(root.find("c"), nullptr);
}

TEST(Yaml, ABlockKnowsWhereItsTextIsInTheFile) {
  const Node root =
      parse("a:\n  c: |   # a comment\n\n      int x;\n        int y;\nb: |2\n    z\n", "a.yaml");
  const Node& c = *root.find("a")->find("c");
  EXPECT_EQ(c.text, "\nint x;\n  int y;\n");
  EXPECT_EQ(c.line, 2u);
  EXPECT_EQ(c.content_line, 3u);
  EXPECT_EQ(c.indent, 6u);
  const Node& b = *root.find("b");
  EXPECT_EQ(b.text, "  z\n");
  EXPECT_EQ(b.indent, 2u);
}

TEST(Yaml, WindowsLinesAndAByteOrderMarkAreFine) {
  const Node root = parse(
      "\xef\xbb\xbf"
      "a: 1\r\nb: |\r\n  x\r\n  y\r\n",
      "a.yaml");
  EXPECT_EQ(root.find("a")->text, "1");
  EXPECT_EQ(root.find("b")->text, "x\ny\n");
}

TEST(Yaml, EmptyFiles) {
  for (const char* text : {"", "\n\n", "# nothing\n", "---\n", "~\n"}) {
    EXPECT_EQ(error(text), "a.yaml:1:1: error: the file is empty") << text;
  }
}

TEST(Yaml, DoubledKeys) {
  EXPECT_EQ(error("a: 1\nb: 2\na: 3\n"),
            "a.yaml:3:1: error: `a` is given twice, first in line 1; remove one");
  EXPECT_EQ(error("x: {k: 1, k: 2}\n"),
            "a.yaml:1:11: error: `k` is given twice, first in line 1; remove one");
}

TEST(Yaml, WhatTheFormatLeavesOut) {
  EXPECT_EQ(error("a: &x 1\nb: *x\n"),
            "a.yaml:1:4: error: anchors (&name) are not part of the format; write the value out");
  EXPECT_EQ(error("a: *x\n"), "a.yaml:1:4: error: not YAML: the referenced anchor is not defined");
  EXPECT_EQ(error("a: !!str 1\n"), "a.yaml:1:4: error: tags (!name) are not part of the format; remove it");
  EXPECT_EQ(error("a: 1\n---\nb: 2\n"),
            "a.yaml:2:1: error: a second document; a scenario file holds one, so remove the `---`");
  EXPECT_EQ(error("{a: 1}: 2\n"),
            "a.yaml:1:1: error: a key must be a word; a value with { or [ goes in quotes");
  EXPECT_EQ(error(": 1\n"), "a.yaml:1:1: error: a key is missing before the ':'");
}

TEST(Yaml, SyntaxErrors) {
  EXPECT_EQ(error("a: b: c\n"),
            "a.yaml:1:5: error: a ':' where no key can be; check the indentation, or quote a text that has "
            "': ' in it");
  EXPECT_EQ(
      error("a: [1, 2\nb: 3\n"),
      "a.yaml:1:4: error: this '[' is never closed: a ']' or a ',' is missing, at line 2 at the latest");
  EXPECT_EQ(
      error("a: {b: 1\n"),
      "a.yaml:1:4: error: this '{' is never closed: a '}' or a ',' is missing, at line 2 at the latest");
  EXPECT_EQ(error("a: 1\nb: \"x\n"), "a.yaml:2:4: error: this quote is never closed");
  EXPECT_EQ(error("a: 'it''s\n"), "a.yaml:1:4: error: this quote is never closed");
  EXPECT_EQ(error("a: \"x"), "a.yaml:1:6: error: this quote is never closed");
  EXPECT_EQ(error("a:\n\tb: 1\n"), "a.yaml:2:1: error: a tab in the indentation; YAML wants spaces there");
  EXPECT_EQ(error("a: 1\n  b: 2\n"),
            "a.yaml:2:4: error: a ':' where no key can be; check the indentation, or quote a "
            "text that has ': ' in it");
}

TEST(Yaml, CharactersThatAreNoText) {
  EXPECT_EQ(error("a: 1\nb: \xff\n"), "a.yaml:2:4: error: not UTF-8; save the file in that encoding");
  EXPECT_EQ(error("a: \xc0\xaf\n"), "a.yaml:1:4: error: not UTF-8; save the file in that encoding");
  EXPECT_EQ(error("a: \xed\xa0\x80\n"), "a.yaml:1:4: error: not UTF-8; save the file in that encoding");
  EXPECT_EQ(error(std::string("a: 1\n\0b", 7)),
            "a.yaml:2:1: error: control character 0x00; remove it, or write it as \"\\x00\" in a text in "
            "double quotes");
  EXPECT_EQ(error("a: 1\x04\nb: 2\n"),
            "a.yaml:1:5: error: control character 0x04; remove it, or write it as \"\\x04\" in a text in "
            "double quotes");
  EXPECT_EQ(parse("a: \xf0\x9f\x90\x9b\n", "a.yaml").find("a")->text, "\xf0\x9f\x90\x9b");
}

TEST(Yaml, NestedLists) {
  const Node root = parse("a: [[1, 2], [3], {b: [4]}]\n", "a.yaml");
  EXPECT_EQ(root.find("a")->items[0].items[1].text, "2");
  EXPECT_EQ(root.find("a")->items[2].find("b")->items[0].text, "4");
}

TEST(Yaml, Limits) {
  EXPECT_EQ(error(std::string(kMaxBytes + 1, ' ')), "a.yaml:1:1: error: the file is longer than 1024 KiB");
  EXPECT_EQ(error("a: " + std::string(40, '[') + std::string(40, ']')),
            "a.yaml:1:35: error: nested more than 32 deep");
}

// Each is as long as a file may be, and of a shape that makes parsers recurse or go back.
TEST(Yaml, HostileShapesEndSoon) {
  const auto repeat = [](std::string_view text) {
    std::string result;
    while (result.size() + text.size() <= kMaxBytes) result += text;
    return result;
  };
  const auto start = std::chrono::steady_clock::now();
  for (const char* text : {"[",    "{",          "- ", "? ",  "a: ", "[a, ",      "{a: ",  "*a ", "&a ",
                           "!a ",  "\"",         "'",  "|\n", ":",   "%",         "---\n", "a\n", "- a\n",
                           "a: {", "? a\n: b\n", "\\", "#",   "\t",  "- - - -\n", "@",     "`"}) {
    error(repeat(text));
    error("a: " + repeat(text).substr(8));
  }
  std::string stairs;
  for (std::size_t i = 0; stairs.size() + i + 3 < kMaxBytes; ++i) stairs += std::string(i, ' ') + "a:\n";
  error(stairs);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(120));
}

TEST(Yaml, TextsOfTheFileAreTamedInMessages) {
  EXPECT_EQ(shown("abc"), "abc");
  EXPECT_EQ(shown("a\nb"), "a…");
  EXPECT_EQ(shown("\x1b[31m"), "?[31m");
  EXPECT_EQ(shown(std::string(39, 'x').append("\xc3\xa4yz")), std::string(39, 'x').append("…"));
}

}  // namespace
}  // namespace trapline::scenario::yaml
