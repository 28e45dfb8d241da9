// What a diagnosis looks at: the state of a failed test as one JSON value, and conditions on it.
//
// A pointer names a part: /run/events/writes/hits/-1/function. Numbers count the items of a list, from 0 or,
// negative, from its end; `#` is how many there are.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emu/scenario/yaml.hpp"

namespace trapline::scenario::lab {

// Nothing where there is no such part.
std::optional<nlohmann::ordered_json> part_of(const nlohmann::ordered_json& state, std::string_view pointer);

// Whether two texts are the same number, however it is written, or else the same text.
bool same_value(std::string_view a, std::string_view b);

// The value as a text: "12", "add_one", "true".
std::string value_text(const nlohmann::ordered_json& value);

// A file's tree as JSON.
nlohmann::ordered_json to_json(const yaml::Node& node);

// All that are given have to hold.
struct Condition {
  std::string pointer;
  std::optional<std::string> is = {};
  std::optional<std::string> is_not = {};
  std::optional<std::string> matches = {};  // a regular expression, somewhere in the text
  std::optional<std::uint64_t> bits = {};   // with `are`
  std::uint64_t are = 0;
  std::optional<std::uint64_t> min = {};
  std::optional<std::uint64_t> max = {};
  bool absent = false;

  bool holds(const nlohmann::ordered_json& state) const;
};

}  // namespace trapline::scenario::lab
