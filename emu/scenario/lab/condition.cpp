#include "emu/scenario/lab/condition.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "emu/scenario/numbers.hpp"

namespace trapline::scenario::lab {

namespace {

using Json = nlohmann::ordered_json;

const Json* item_of(const Json& list, std::string_view token) {
  const bool from_end = token.starts_with('-');
  const auto number = parse_unsigned(from_end ? token.substr(1) : token);
  if (!number || *number > list.size() || (from_end && *number == 0)) return nullptr;
  const std::size_t index = from_end ? list.size() - *number : *number;
  return index < list.size() ? &list[index] : nullptr;
}

const Json* step(const Json& value, std::string_view token) {
  if (value.is_array()) return item_of(value, token);
  if (!value.is_object()) return nullptr;
  const auto found = value.find(std::string(token));
  return found == value.end() ? nullptr : &*found;
}

// The library's search takes stack for each character.
constexpr std::size_t kMostSearched = 8192;

std::optional<std::uint64_t> number_of(const Json& value) { return parse_signed(value_text(value)); }

}  // namespace

std::optional<Json> part_of(const Json& state, std::string_view pointer) {
  const Json* at = &state;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);  // the slash
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    if (token == "#" && at->is_array()) return Json(at->size());
    at = step(*at, token);
    if (!at) return std::nullopt;
  }
  return *at;
}

bool same_value(std::string_view a, std::string_view b) {
  const auto x = parse_signed(a);
  const auto y = parse_signed(b);
  return x && y ? *x == *y : a == b;
}

std::string value_text(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json to_json(const yaml::Node& node) {
  using Kind = yaml::Node::Kind;
  if (node.kind == Kind::Null) return nullptr;
  if (node.kind == Kind::Scalar) return node.text;
  if (node.kind == Kind::List) {
    Json list = Json::array();
    for (const yaml::Node& item : node.items) list.push_back(to_json(item));
    return list;
  }
  Json map = Json::object();
  for (std::size_t i = 0; i < node.keys.size(); ++i) map[node.keys[i].text] = to_json(node.items[i]);
  return map;
}

bool Condition::holds(const Json& state) const {
  const std::optional<Json> part = part_of(state, pointer);
  if (absent || !part) return absent && !part;
  const std::string text = value_text(*part);
  if (is && !same_value(text, *is)) return false;
  if (is_not && same_value(text, *is_not)) return false;
  if (matches && !std::regex_search(text.substr(0, kMostSearched), std::regex(*matches))) return false;
  if (!bits && !min && !max) return true;
  const auto number = number_of(*part);
  if (!number) return false;
  if (bits && (*number & *bits) != are) return false;
  return *number >= min.value_or(0) && *number <= max.value_or(~std::uint64_t{0});
}

}  // namespace trapline::scenario::lab
