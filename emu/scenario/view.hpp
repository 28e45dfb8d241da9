// A scenario file's tree, after the validator, as one instruction set sees it: where a value is given per
// ISA, this ISA's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emu/scenario/input_error.hpp"
#include "emu/scenario/numbers.hpp"
#include "emu/scenario/place.hpp"
#include "emu/scenario/schema.hpp"
#include "emu/scenario/yaml.hpp"
#include "isa/isa.hpp"

namespace trapline::scenario {

class View {
 public:
  View(const yaml::Node& node, isa::Isa isa, const std::string& file)
      : node_(&node), isa_(isa), file_(&file) {
    while (schema::is_per_isa(*node_)) node_ = node_->find(isa::name(isa));
  }

  const yaml::Node& node() const { return *node_; }
  bool is_map() const { return node_->kind == yaml::Node::Kind::Map; }
  bool is_list() const { return node_->kind == yaml::Node::Kind::List; }
  Position at() const { return {*file_, node_->line, node_->column}; }

  std::optional<View> find(std::string_view key) const {
    const yaml::Node* value = node_->find(key);
    return value ? std::optional(View(*value, isa_, *file_)) : std::nullopt;
  }
  View get(std::string_view key) const { return find(key).value(); }

  std::vector<View> items() const {
    std::vector<View> views;
    for (const yaml::Node& item : node_->items) views.emplace_back(item, isa_, *file_);
    return views;
  }
  // Of a mapping with keys of the file's own: each key's node and its value.
  std::vector<std::pair<const yaml::Node*, View>> entries() const {
    std::vector<std::pair<const yaml::Node*, View>> entries;
    for (std::size_t i = 0; i < node_->keys.size(); ++i) {
      entries.emplace_back(&node_->keys[i], View(node_->items[i], isa_, *file_));
    }
    return entries;
  }
  Position position_of(const yaml::Node& node) const { return {*file_, node.line, node.column}; }

  const std::string& text() const { return node_->text; }
  bool boolean() const { return node_->text == "true"; }
  // The validator has seen that the number fits.
  template <class Number = std::uint64_t>
  Number number() const {
    return static_cast<Number>(parse_signed(node_->text).value());
  }

  isa::Isa isa() const { return isa_; }

 private:
  const yaml::Node* node_;
  isa::Isa isa_;
  const std::string* file_;
};

template <class Number>
std::optional<Number> optional_number(const View& parent, std::string_view key) {
  const auto view = parent.find(key);
  return view ? std::optional(view->number<Number>()) : std::nullopt;
}

// `convert` applied to the value of `key`, with its position; nothing where there is no such key.
template <class Convert>
auto located(const View& parent, std::string_view key, Convert convert) {
  using Value = decltype(convert(parent));
  std::optional<Located<Value>> result;
  if (const auto view = parent.find(key)) result = Located<Value>{convert(*view), view->at()};
  return result;
}

inline Place to_place(const View& view) { return parse_place(view.text()).value(); }
inline std::string to_text(const View& view) { return view.text(); }
inline unsigned to_unsigned(const View& view) { return view.number<unsigned>(); }
inline std::uint64_t to_u64(const View& view) { return view.number(); }

}  // namespace trapline::scenario
