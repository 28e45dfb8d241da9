// A YAML text as a tree with source marks: the subset that scenario files use. yaml-cpp reads it; what it
// lets pass and a person would stumble over is refused here: doubled keys, aliases, tags, a second document.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/input_error.hpp"

namespace trapline::scenario::yaml {

inline constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxDepth = 32;

struct Node {
  enum class Kind { Null, Scalar, List, Map };

  Kind kind = Kind::Null;
  std::size_t line = 1;    // from 1; a Null value in a map stands where its key does
  std::size_t column = 1;  // from 1, in bytes

  // Scalar
  std::string text;
  bool plain = false;            // neither quoted nor a block: may be a number or a boolean
  std::size_t content_line = 0;  // the line of the text's first line: for a block the one after `|`
  std::size_t indent = 0;        // bytes that the block's indentation took off each line

  // List: items. Map: keys, all scalars and all different, and their values in `items`.
  std::vector<Node> keys;
  std::vector<Node> items;

  const Node* find(std::string_view key) const;  // nullptr where there is none, or this is no map
};

// A text of the file in an error message: its first line, cut after some 40 bytes, nothing a terminal obeys.
std::string shown(std::string_view text);

// Throws InputError for the first thing that is wrong, in `file`.
Node parse(std::string_view text, const std::string& file);

}  // namespace trapline::scenario::yaml
